/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdbool.h>
#include <string.h>

#include "score/csv_fields.h"

/* Checks that a record has these fields, joined with '|'. */
static void
check_fields(const char *record, const char *expected)
{
    struct neuron_csv_walk walk = neuron_csv_walk_of(record, strlen(record));
    struct neuron_csv_field field = {0};
    char joined[256] = "";
    size_t used = 0;

    while (neuron_csv_walk_next(&walk, &field)) {
        joined[used] = used == 0 ? '\0' : '|';
        used += used == 0 ? 0 : 1;
        used += neuron_csv_field_text(&field, joined + used);
        if (used == 0) {
            joined[used] = '_'; /* an empty one in front */
            used += 1;
        }
    }
    joined[used] = '\0';
    assert_string_equal(joined, expected);
    assert_false(walk.is_damaged);
}

static void
fields_are_taken_apart(void **state)
{
    (void)state;
    check_fields("a,b,c", "a|b|c");
    check_fields("", "_");
    check_fields(",", "_|");
    check_fields("a, b ,", "a| b |");
    check_fields("\"a,b\",\"say \"\"hi\"\"\",\"\"", "a,b|say \"hi\"|");
    check_fields("5\" disk,x", "5\" disk|x");
    check_fields("\"two\nlines\",2", "two\nlines|2");
}

static void
what_stands_behind_a_closing_quote_is_damage(void **state)
{
    static const char *const records[] = {"\"a\"b,c", "\"a", "1,\"", "\"a\" ,b"};

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i += 1) {
        struct neuron_csv_walk walk = neuron_csv_walk_of(records[i], strlen(records[i]));
        struct neuron_csv_field field = {0};

        while (neuron_csv_walk_next(&walk, &field)) {
            assert_true(field.text + field.size_bytes <= walk.end);
        }
        assert_true(walk.is_damaged);
    }
}

static void
check_end(const char *bytes, enum neuron_csv_end end, size_t expected)
{
    size_t length = 0;

    assert_int_equal(neuron_csv_record_end(bytes, strlen(bytes), &length), end);
    if (end == NEURON_CSV_ENDED) {
        assert_int_equal(length, expected);
    }
}

static void
records_end_outside_of_quotes(void **state)
{
    (void)state;
    check_end("a,b\nc", NEURON_CSV_ENDED, 3);
    check_end("\n", NEURON_CSV_ENDED, 0);
    check_end("", NEURON_CSV_OPEN, 0);
    check_end("a,b", NEURON_CSV_OPEN, 0);
    check_end("a,\"b\nc\"\nd", NEURON_CSV_ENDED, 7);
    check_end("a,\"b\nc", NEURON_CSV_IN_QUOTES, 0);
    check_end("a,\"b\"\"\nc\",d\n", NEURON_CSV_ENDED, 11);
    check_end("5\" disk\nnext \"\n", NEURON_CSV_ENDED, 7);
    check_end("\"a\"", NEURON_CSV_OPEN, 0);
    check_end("\"a\"\n", NEURON_CSV_ENDED, 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_taken_apart),
        cmocka_unit_test(what_stands_behind_a_closing_quote_is_damage),
        cmocka_unit_test(records_end_outside_of_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
