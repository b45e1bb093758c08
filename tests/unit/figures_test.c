/* SPDX-License-Identifier: Apache-2.0 */
#include "top/figures.h"

#include <math.h>
#include <string.h>

#include "check.h"

static char text[NEURON_FIGURE_BYTES];

static void
counts_have_three_digits(void **state)
{
    (void)state;
    assert_string_equal(neuron_figure_count(0, text), "0");
    assert_string_equal(neuron_figure_count(0.001, text), "0");
    assert_string_equal(neuron_figure_count(0.25, text), "0.25");
    assert_string_equal(neuron_figure_count(3.456, text), "3.46");
    assert_string_equal(neuron_figure_count(7, text), "7");
    assert_string_equal(neuron_figure_count(812, text), "812");
    assert_string_equal(neuron_figure_count(999.7, text), "1.00k");
    assert_string_equal(neuron_figure_count(12345, text), "12.3k");
    assert_string_equal(neuron_figure_count(999600, text), "1.00M");
    assert_string_equal(neuron_figure_count(1e30, text), "-");
    assert_string_equal(neuron_figure_count(NAN, text), "-");
    assert_string_equal(neuron_figure_count(-5, text), "0");
}

static void
parts_are_whole_percents(void **state)
{
    (void)state;
    assert_string_equal(neuron_figure_percent(0, text), "0%");
    assert_string_equal(neuron_figure_percent(0.524, text), "52%");
    assert_string_equal(neuron_figure_percent(1, text), "100%");
    assert_string_equal(neuron_figure_percent(127.9, text), "12790%");
    assert_string_equal(neuron_figure_percent(-1, text), "0%");
    assert_string_equal(neuron_figure_percent(INFINITY, text), "0%");
}

static void
durations_are_in_the_unit_that_they_fill(void **state)
{
    (void)state;
    assert_string_equal(neuron_figure_seconds(0, text), "-");
    assert_string_equal(neuron_figure_seconds(812e-9, text), "812ns");
    assert_string_equal(neuron_figure_seconds(1.2345e-6, text), "1.23us");
    assert_string_equal(neuron_figure_seconds(45.61e-3, text), "45.6ms");
    assert_string_equal(neuron_figure_seconds(0.99999, text), "1.00s");
    assert_string_equal(neuron_figure_seconds(90, text), "1.50m");
    assert_string_equal(neuron_figure_seconds(7200, text), "2.00h");
    assert_string_equal(neuron_figure_seconds(NAN, text), "-");
    assert_string_equal(neuron_figure_seconds(1e300, text), "-");
}

static void
bytes_are_in_powers_of_1024(void **state)
{
    (void)state;
    assert_string_equal(neuron_figure_bytes(0, text), "0");
    assert_string_equal(neuron_figure_bytes(812, text), "812B");
    assert_string_equal(neuron_figure_bytes(1024, text), "1.0K");
    assert_string_equal(neuron_figure_bytes(10000, text), "9.8K");
    assert_string_equal(neuron_figure_bytes(123U << 20, text), "123M");
    assert_string_equal(neuron_figure_bytes((uint64_t)1023 << 30, text), "1023G");
    assert_string_equal(neuron_figure_bytes(UINT64_MAX, text), "16E");
}

static void
no_figure_is_wider_than_its_column(void **state)
{
    double value = 1e-9;

    (void)state;
    for (int i = 0; i < 6000; i += 1) { /* up to 9e14 */
        value *= 1.0092;
        assert_true(strlen(neuron_figure_count(value, text)) <= 5);
        assert_true(strlen(neuron_figure_seconds(value < 3e6 ? value : 1, text)) <= 6);
        assert_true(strlen(neuron_figure_bytes((uint64_t)value, text)) <= 5);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_three_digits),
        cmocka_unit_test(parts_are_whole_percents),
        cmocka_unit_test(durations_are_in_the_unit_that_they_fill),
        cmocka_unit_test(bytes_are_in_powers_of_1024),
        cmocka_unit_test(no_figure_is_wider_than_its_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
