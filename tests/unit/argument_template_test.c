/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "argument_template.h"

/* Fails unless an argument becomes this text; where it is the same, nothing may be made. */
static void
check_expansion(const char *text, const char *expected)
{
    const struct neuron_argument_values values = {.rank = 3, .rank_count = 16, .host = "node7"};
    char name[] = "./%r";
    char *argument = strdup(text);
    char *arguments[] = {name, argument, NULL};
    char **expanded = NULL;
    struct neuron_error error = {0};

    assert_non_null(argument);
    assert_ok(neuron_argument_template_expand(arguments, &values, &expanded, &error), &error);
    if (strcmp(text, expected) == 0) {
        assert_null(expanded);
    } else {
        assert_non_null(expanded);
        assert_string_equal(expanded[0], "./%r");
        assert_string_equal(expanded[1], expected);
        assert_null(expanded[2]);
    }
    free(expanded);
    free(argument);
}

static void
rank_host_and_count_are_replaced(void **state)
{
    (void)state;
    check_expansion("%r", "3");
    check_expansion("%n", "16");
    check_expansion("%h", "node7");
    check_expansion("--out=part-%r-of-%n.%h", "--out=part-3-of-16.node7");
    check_expansion("%r%r%r", "333");
}

static void
formats_of_other_programs_stay(void **state)
{
    (void)state;
    check_expansion("", "");
    check_expansion("plain", "plain");
    check_expansion("%", "%");
    check_expansion("100%", "100%");
    check_expansion("%d %5.2f %s%%\n", "%d %5.2f %s%%\n");
    check_expansion("+%Y-%m-%d %H:%M", "+%Y-%m-%d %H:%M");
    check_expansion("%R%N%x", "%R%N%x");
    check_expansion("${name%%.*} ${name%/*}", "${name%%.*} ${name%/*}");
}

static void
two_percent_signs_keep_a_letter(void **state)
{
    (void)state;
    check_expansion("%%r", "%r");
    check_expansion("+%%h %%n", "+%h %n");
    check_expansion("%%%%", "%%%%");
    check_expansion("%%%r", "%%3");
    check_expansion("%%%%r", "%%%r");
    check_expansion("%%d", "%%d");
    check_expansion("%%", "%%");
}

static void
arguments_without_a_template_are_borrowed(void **state)
{
    const struct neuron_argument_values values = {
        .rank = UINT32_MAX, .rank_count = UINT32_MAX, .host = ""};
    char name[] = "name";
    char first[] = "first";
    char second[] = "%r%n%h";
    char *arguments[] = {name, first, second, NULL};
    char *alone[] = {name, NULL};
    char **expanded = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_argument_template_expand(arguments, &values, &expanded, &error), &error);
    assert_ptr_equal(expanded[0], name);
    assert_ptr_equal(expanded[1], first);
    assert_string_equal(expanded[2], "42949672954294967295");
    free(expanded);
    assert_ok(neuron_argument_template_expand(alone, &values, &expanded, &error), &error);
    assert_null(expanded);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_host_and_count_are_replaced),
        cmocka_unit_test(formats_of_other_programs_stay),
        cmocka_unit_test(two_percent_signs_keep_a_letter),
        cmocka_unit_test(arguments_without_a_template_are_borrowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
