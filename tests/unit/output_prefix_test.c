/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "output_prefix.h"

static void
check_prefix(struct neuron_output_style style, uint32_t rank, struct timespec now,
             const char *expected)
{
    char text[NEURON_OUTPUT_PREFIX_BYTES] = "";

    assert_int_equal(neuron_output_prefix_format(&style, rank, &now, text), strlen(expected));
    assert_string_equal(text, expected);
}

static void
nothing_is_before_a_plain_line(void **state)
{
    (void)state;
    check_prefix((struct neuron_output_style){0}, 3, (struct timespec){0}, "");
    check_prefix((struct neuron_output_style){.has_colors = true}, 3, (struct timespec){0}, "");
}

static void
a_tag_is_the_rank(void **state)
{
    const struct neuron_output_style style = {.has_tags = true};

    (void)state;
    check_prefix(style, 0, (struct timespec){0}, "[0] ");
    check_prefix(style, UINT32_MAX, (struct timespec){0}, "[4294967295] ");
}

static void
a_time_is_utc_with_milliseconds(void **state)
{
    const struct neuron_output_style style = {.has_times = true};
    const struct timespec now = {.tv_sec = 1795727220, .tv_nsec = 123999999};

    (void)state;
    check_prefix(style, 0, now, "2026-11-26T21:07:00.123Z ");
    check_prefix(style, 0, (struct timespec){.tv_nsec = 7000000}, "1970-01-01T00:00:00.007Z ");
}

static void
the_time_comes_before_the_tag(void **state)
{
    const struct neuron_output_style style = {.has_tags = true, .has_times = true};

    (void)state;
    check_prefix(style, 12, (struct timespec){.tv_sec = 59}, "1970-01-01T00:00:59.000Z [12] ");
}

static void
neighbours_have_different_colors(void **state)
{
    const struct neuron_output_style style = {.has_tags = true, .has_colors = true};
    const struct timespec now = {0};
    char first[NEURON_OUTPUT_PREFIX_BYTES] = "";
    char second[NEURON_OUTPUT_PREFIX_BYTES] = "";

    (void)state;
    check_prefix(style, 0, now, "\033[36m[0]\033[0m ");
    for (uint32_t i = 0; i < 20; i += 1) {
        (void)neuron_output_prefix_format(&style, i, &now, first);
        (void)neuron_output_prefix_format(&style, i + 1, &now, second);
        assert_memory_not_equal(first, second, 5);
    }
}

static void
the_longest_prefix_fits(void **state)
{
    const struct neuron_output_style style = {
        .has_tags = true, .has_times = true, .has_colors = true};
    const struct timespec far = {.tv_sec = INT64_MAX / 1000000000};
    const struct timespec too_far = {.tv_sec = INT64_MAX};
    char text[NEURON_OUTPUT_PREFIX_BYTES] = "";

    (void)state;
    assert_in_range(neuron_output_prefix_format(&style, UINT32_MAX, &far, text), 1,
                    NEURON_OUTPUT_PREFIX_BYTES - 1);
    assert_in_range(neuron_output_prefix_format(&style, UINT32_MAX, &too_far, text), 1,
                    NEURON_OUTPUT_PREFIX_BYTES - 1);
}

static void
colors_are_for_terminals_that_know_them(void **state)
{
    (void)state;
    assert_true(neuron_output_prefix_may_color(NULL, "xterm"));
    assert_true(neuron_output_prefix_may_color("", "xterm"));
    assert_false(neuron_output_prefix_may_color("1", "xterm"));
    assert_false(neuron_output_prefix_may_color("0", "xterm"));
    assert_false(neuron_output_prefix_may_color(NULL, "dumb"));
    assert_false(neuron_output_prefix_may_color(NULL, ""));
    assert_false(neuron_output_prefix_may_color(NULL, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_before_a_plain_line),
        cmocka_unit_test(a_tag_is_the_rank),
        cmocka_unit_test(a_time_is_utc_with_milliseconds),
        cmocka_unit_test(the_time_comes_before_the_tag),
        cmocka_unit_test(neighbours_have_different_colors),
        cmocka_unit_test(the_longest_prefix_fits),
        cmocka_unit_test(colors_are_for_terminals_that_know_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
