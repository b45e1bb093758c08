/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "time_axis.h"

enum { WIDTH_LIMIT = 400 };

static void
the_unit_is_the_largest_that_fits(void **state)
{
    static const struct {
        uint64_t duration_ns;
        const char *name;
        int decimals;
    } cases[] = {
        {0, "ns", 0},           {1, "ns", 0},         {999, "ns", 0},       {1000, "us", 3},
        {9999, "us", 3},        {10000, "us", 2},     {100000, "us", 1},    {999999, "us", 1},
        {1000000, "ms", 3},     {999999999, "ms", 1}, {1000000000, "s", 3}, {60000000000, "s", 2},
        {600000000000, "s", 1}, {UINT64_MAX, "s", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        const struct neuron_time_unit unit = neuron_time_unit_of(cases[i].duration_ns);

        assert_string_equal(unit.name, cases[i].name);
        assert_int_equal(unit.decimals, cases[i].decimals);
    }
}

static void
numbers_stand_where_their_time_begins(void **state)
{
    static const struct {
        uint64_t duration_ns;
        uint32_t width;
        const char *text;
    } cases[] = {
        {1000000, 40, "0       0.2     0.4     0.6     0.8     "},
        {10000, 20, "0         5         "},
        {12345678, 40, "0               5               10      "},
        {12345678, 10, "0       10"},
        {9500000000, 30, "0              5              "},
        {12, 30, "0           5            10   "},
        {3, 24, "0       1       2       "},
        {120000000000, 24, "0         50        100 "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        char text[WIDTH_LIMIT + 1] = "";

        neuron_time_axis_format(cases[i].duration_ns, cases[i].width, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void
a_number_that_has_no_room_is_left_out(void **state)
{
    char text[WIDTH_LIMIT + 1] = "";

    (void)state;
    /* 10 would begin in the last column. */
    neuron_time_axis_format(10500000, 10, text);
    assert_string_equal(text, "0         ");
    neuron_time_axis_format(0, 10, text);
    assert_string_equal(text, "0         ");
    neuron_time_axis_format(1, 10, text);
    assert_string_equal(text, "0         ");
    neuron_time_axis_format(1000, 1, text);
    assert_string_equal(text, "0");
}

static void
centuries_fill_an_axis(void **state)
{
    char text[WIDTH_LIMIT + 1] = "";

    (void)state;
    neuron_time_axis_format(UINT64_MAX, WIDTH_LIMIT, text);
    assert_int_equal(strlen(text), WIDTH_LIMIT);
    assert_contains(text, "0         500000000  1000000000 1500000000 ");
    neuron_time_axis_format(UINT64_MAX, 10, text);
    assert_string_equal(text, "0         ");
}

static void
a_time_lies_in_one_of_the_columns(void **state)
{
    (void)state;
    assert_int_equal(neuron_time_axis_column(0, 1, 10), 0);
    assert_int_equal(neuron_time_axis_column(499, 1000, 2), 0);
    assert_int_equal(neuron_time_axis_column(500, 1000, 2), 1);
    assert_int_equal(neuron_time_axis_column(999, 1000, 400), 399);
    assert_int_equal(neuron_time_axis_column(UINT64_MAX - 1, UINT64_MAX, 400), 399);
    assert_int_equal(neuron_time_axis_column(UINT64_MAX / 2, UINT64_MAX, 400), 199);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_unit_is_the_largest_that_fits),
        cmocka_unit_test(numbers_stand_where_their_time_begins),
        cmocka_unit_test(a_number_that_has_no_room_is_left_out),
        cmocka_unit_test(centuries_fill_an_axis),
        cmocka_unit_test(a_time_lies_in_one_of_the_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
