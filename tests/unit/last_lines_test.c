/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "last_lines.h"

/* Cuts a text and joins what came out with bars. */
static const char *
cut(const char *text, char *joined, size_t size_bytes)
{
    char copy[256] = "";
    struct neuron_last_lines last = {.count = 99};
    size_t length = 0;

    (void)snprintf(copy, sizeof(copy), "%s", text);
    neuron_last_lines_cut(copy, &last);
    joined[0] = '\0';
    for (uint32_t i = 0; i < last.count; i += 1) {
        length += (size_t)snprintf(joined + length, size_bytes - length, "%s|", last.lines[i]);
    }
    return joined;
}

static void
the_last_lines_are_found(void **state)
{
    char joined[256];

    (void)state;
    assert_string_equal(cut("a\n", joined, sizeof(joined)), "a|");
    assert_string_equal(cut("a\nb\nc", joined, sizeof(joined)), "a|b|c|");
    assert_string_equal(cut("a\nb\nc\nd\ne\n", joined, sizeof(joined)), "c|d|e|");
}

static void
empty_lines_are_none(void **state)
{
    char joined[256];

    (void)state;
    assert_string_equal(cut("", joined, sizeof(joined)), "");
    assert_string_equal(cut("\n \n\t\n\r\n", joined, sizeof(joined)), "");
    assert_string_equal(cut("a\n\n\nb\n\n \n", joined, sizeof(joined)), "a|b|");
}

static void
nothing_that_a_terminal_obeys_is_left(void **state)
{
    char joined[256];

    (void)state;
    assert_string_equal(cut("\033[31mred\a\177\tend\n", joined, sizeof(joined)),
                        "?[31mred??\tend|");
    assert_string_equal(cut("10%\r50%\r100%\n\303\244", joined, sizeof(joined)),
                        "50%|100%|\303\244|");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_lines_are_found),
        cmocka_unit_test(empty_lines_are_none),
        cmocka_unit_test(nothing_that_a_terminal_obeys_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
