/* SPDX-License-Identifier: Apache-2.0 */
#include "ls/text_table.h"

#include <stdlib.h>

#include "check.h"

static const struct neuron_text_column columns[] = {
    {.head = "NAME", .limit = 6},
    {.head = "N", .is_right = true},
    {.head = "NOTE", .is_optional = true},
    {.head = "TEXT"},
};

/* Prints a table of two rows. Returns a text to be freed. */
static char *
printed(const char *note, size_t width, bool is_cut)
{
    const char *const cells[] = {"short", "7", note, "first text", "muchlonger", "12345", "", "x"};
    struct neuron_text_table table = {.columns = columns, .column_count = 4};
    struct neuron_error error = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    assert_non_null(stream);
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i += 1) {
        neuron_text_table_add(&table, cells[i]);
    }
    assert_ok(neuron_text_table_print(&table, (struct neuron_tool_screen){.columns = width}, is_cut,
                                      stream, &error),
              &error);
    assert_int_equal(fclose(stream), 0);
    neuron_text_table_clear(&table);
    return text;
}

static void
check_printed(const char *note, size_t width, bool is_cut, const char *expected)
{
    char *text = printed(note, width, is_cut);

    assert_string_equal(text, expected);
    free(text);
}

static void
columns_are_as_wide_as_their_cells(void **state)
{
    (void)state;
    check_printed("see", 80, false,
                  "NAME            N  NOTE  TEXT\n"
                  "short           7  see   first text\n"
                  "muchlonger  12345        x\n");
}

static void
an_optional_column_is_left_out_where_it_is_empty(void **state)
{
    (void)state;
    check_printed("", 80, false,
                  "NAME            N  TEXT\n"
                  "short           7  first text\n"
                  "muchlonger  12345  x\n");
}

static void
cells_and_lines_are_cut(void **state)
{
    (void)state;
    check_printed("", 19, true,
                  "NAME        N  TEXT\n"
                  "short       7  fi..\n"
                  "much..  12345  x\n");
    check_printed("", 10, true,
                  "NAME     N\n"
                  "short    7\n"
                  "much..  ..\n");
    check_printed("", 3, true, "N..\ns..\nm..\n");
}

static void
an_empty_table_has_its_heads(void **state)
{
    struct neuron_text_table table = {.columns = columns, .column_count = 4};
    struct neuron_error error = {0};
    char text[64] = "";
    FILE *stream = fmemopen(text, sizeof(text), "w");

    (void)state;
    assert_non_null(stream);
    assert_ok(neuron_text_table_print(&table, (struct neuron_tool_screen){.columns = 80}, true,
                                      stream, &error),
              &error);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, "NAME  N  TEXT\n");
    neuron_text_table_clear(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_as_wide_as_their_cells),
        cmocka_unit_test(an_optional_column_is_left_out_where_it_is_empty),
        cmocka_unit_test(cells_and_lines_are_cut),
        cmocka_unit_test(an_empty_table_has_its_heads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
