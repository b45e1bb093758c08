/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of a set: what parses, what is refused, what comes out. */
#include "neuron/core_set.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "invented_machine.h"

/* Parses a text that must be refused, and checks that nothing else came of it. */
static void
check_refused(const char *text, const char *offending)
{
    struct neuron_core_set *untouched = cores_of("5");
    struct neuron_core_set *set = untouched;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_SYNTAX, neuron_core_set_parse(text, &set, &error), &error);
    assert_int_equal(error.status, NEURON_INVALID_SYNTAX);
    assert_true(strlen(error.text) > 0);
    assert_contains(error.text, offending);
    assert_ptr_equal(set, untouched);
    assert_cores(set, "5");
    neuron_core_set_destroy(untouched);
}

static void
check_parsed(const char *text, const char *expected)
{
    struct neuron_core_set *set = cores_of(text);

    assert_cores(set, expected);
    neuron_core_set_destroy(set);
}

static void
parse_reads_numbers_and_ranges(void **state)
{
    (void)state;
    check_parsed("0", "0");
    check_parsed("0-3,8", "0-3,8");
    check_parsed("1,3,5", "1,3,5");
    check_parsed("10-20,30-31", "10-20,30-31");
    check_parsed("65535", "65535");
    check_parsed("0-65535", "0-65535");
}

static void
parse_joins_neighbours(void **state)
{
    (void)state;
    check_parsed("0,1,2,3", "0-3");
    check_parsed("0-3,4-7", "0-7");
    check_parsed("0-3,4,5-6", "0-6");
}

static void
parse_allows_blanks_around_numbers(void **state)
{
    (void)state;
    check_parsed(" 0-3 , 8 ", "0-3,8");
    check_parsed("0 - 3,8", "0-3,8");
    check_parsed("   4", "4");
}

static void
parse_refuses_an_empty_list(void **state)
{
    (void)state;
    check_refused("", "");
    check_refused("   ", "");
    check_refused(",", ",");
    check_refused("1,", ",");
    check_refused(",1", ",");
    check_refused("1,,2", ",");
    check_refused("1, ,2", ",");
}

static void
parse_refuses_half_a_range(void **state)
{
    (void)state;
    check_refused("1-", "1-");
    check_refused("-1", "-1");
    check_refused("-", "-");
    check_refused("1--2", "1-");
    check_refused("1-2-3", "-3");
    check_refused("0,4-", "4-");
}

static void
parse_refuses_numbers_that_do_not_ascend(void **state)
{
    (void)state;
    check_refused("3-1", "3-1");
    check_refused("2,1", "1");
    check_refused("1,1", "1");
    check_refused("0-3,3", "3");
    check_refused("0-3,2-8", "2");
    check_refused("4-7,0-3", "0");
}

static void
parse_refuses_numbers_beyond_the_limit(void **state)
{
    (void)state;
    check_refused("65536", "65536");
    check_refused("0-65536", "65536");
    check_refused("4294967296", "4294967296");                     /* 0 in 32 bits */
    check_refused("18446744073709551616", "18446744073709551616"); /* 0 in 64 bits */
    check_refused("3,99999999999999999999999", "99999999999999999999999");
}

static void
parse_refuses_what_is_no_number(void **state)
{
    (void)state;
    check_refused("a", "a");
    check_refused("0-3,x", "x");
    check_refused("0x10", "x");
    check_refused("1.5", ".");
    check_refused("+1", "+");
    check_refused("1 2", "2");
    check_refused("1;2", ";");
    check_refused("nc:3", "nc:3");
    check_refused("0-3\xFF", "");
}

static void
parse_reports_a_hostile_text_in_one_line(void **state)
{
    struct neuron_core_set *set = NULL;
    struct neuron_error error = {0};
    char *text = malloc(100001);

    (void)state;
    assert_non_null(text);
    memset(text, '7', 100000);
    memcpy(text, "x\n\x1B[31m", 7);
    text[100000] = '\0';
    assert_status(NEURON_INVALID_SYNTAX, neuron_core_set_parse(text, &set, &error), &error);
    assert_true(strlen(error.text) < NEURON_ERROR_TEXT_BYTES);
    assert_null(strchr(error.text, '\n'));
    assert_null(strchr(error.text, '\x1B'));
    free(text);
}

static void
an_error_may_be_left_out(void **state)
{
    struct neuron_core_set *set = NULL;

    (void)state;
    assert_status(NEURON_INVALID_SYNTAX, neuron_core_set_parse("?", &set, NULL), NULL);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_core_set_create(1, UINT32_MAX, &set, NULL), NULL);
    assert_null(set);
}

static void
format_cuts_at_the_end_of_the_text(void **state)
{
    struct neuron_core_set *set = cores_of("0-3,8");
    char text[8] = "???????";

    (void)state;
    assert_int_equal(neuron_core_set_format(set, text, 4), 5);
    assert_string_equal(text, "0-3");
    assert_int_equal(text[4], '?');
    assert_int_equal(neuron_core_set_format(set, text, 1), 5);
    assert_string_equal(text, "");
    assert_int_equal(neuron_core_set_format(set, text, 6), 5);
    assert_string_equal(text, "0-3,8");
    neuron_core_set_destroy(set);
}

static void
format_of_no_bytes_gives_the_length(void **state)
{
    struct neuron_core_set *set = cores_of("10-20,65535");

    (void)state;
    assert_int_equal(neuron_core_set_format(set, NULL, 0), 11);
    neuron_core_set_destroy(set);
}

/* The set of the bits of a number. The caller destroys it. */
static struct neuron_core_set *
cores_of_bits(uint32_t bits)
{
    struct neuron_core_set *set = NULL;

    assert_ok(neuron_core_set_create(0, 0, &set, NULL), NULL);
    for (uint32_t core = 0; bits >> core != 0; core += 1) {
        if ((bits >> core & 1U) != 0) {
            assert_ok(neuron_core_set_add(set, core, NULL), NULL);
        }
    }
    return set;
}

static void
format_and_parse_are_inverse_for_every_small_set(void **state)
{
    (void)state;
    for (uint32_t bits = 1; bits < 1024; bits += 1) {
        struct neuron_core_set *set = cores_of_bits(bits);
        struct neuron_core_set *again = NULL;
        char text[64];

        assert_true(neuron_core_set_format(set, text, sizeof(text)) < sizeof(text));
        again = cores_of(text);
        assert_true(neuron_core_set_equals(set, again));
        neuron_core_set_destroy(again);
        neuron_core_set_destroy(set);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_reads_numbers_and_ranges),
        cmocka_unit_test(parse_joins_neighbours),
        cmocka_unit_test(parse_allows_blanks_around_numbers),
        cmocka_unit_test(parse_refuses_an_empty_list),
        cmocka_unit_test(parse_refuses_half_a_range),
        cmocka_unit_test(parse_refuses_numbers_that_do_not_ascend),
        cmocka_unit_test(parse_refuses_numbers_beyond_the_limit),
        cmocka_unit_test(parse_refuses_what_is_no_number),
        cmocka_unit_test(parse_reports_a_hostile_text_in_one_line),
        cmocka_unit_test(an_error_may_be_left_out),
        cmocka_unit_test(format_cuts_at_the_end_of_the_text),
        cmocka_unit_test(format_of_no_bytes_gives_the_length),
        cmocka_unit_test(format_and_parse_are_inverse_for_every_small_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
