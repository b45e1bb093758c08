/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>

#include "score/core_activity.h"

/* Fails unless two numbers are equal but for rounding. */
static void
check_near(double found, double expected)
{
    if (fabs(found - expected) > 1e-6 * fmax(1.0, fabs(expected))) {
        fail_msg("%.9g is not %.9g", found, expected);
    }
}

static struct neuron_core_activity
activity_of(const struct neuron_report_span *spans, size_t count)
{
    const struct neuron_score_report report = {.spans = spans, .span_count = count};
    struct neuron_core_activity activity = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_core_activity_create(&report, &activity, &error), &error);
    return activity;
}

/* Of rank, core, begin, end and rows. */
static struct neuron_report_span
span_of(uint32_t rank, uint32_t nc, uint64_t begin_ns, uint64_t end_ns, uint64_t rows)
{
    return (struct neuron_report_span){rank, {nc, nc + 10 * rank, begin_ns, end_ns, rows}};
}

static void
spans_are_sorted_into_lanes(void **state)
{
    const struct neuron_report_span spans[] = {span_of(1, 0, 50, 60, 5), span_of(0, 1, 30, 40, 3),
                                               span_of(0, 0, 20, 30, 2), span_of(0, 1, 10, 20, 1)};
    struct neuron_core_activity activity = activity_of(spans, 4);

    (void)state;
    assert_int_equal(activity.lane_count, 3);
    assert_int_equal(activity.lanes[0].core, 0);
    assert_int_equal(activity.lanes[1].core, 1);
    assert_int_equal(activity.lanes[1].span_count, 2);
    assert_int_equal(activity.spans[activity.lanes[1].first_span].rows, 1);
    assert_int_equal(activity.lanes[1].rows, 4);
    assert_int_equal(activity.lanes[2].rank, 1);
    assert_int_equal(activity.lanes[2].core, 10);
    assert_int_equal(activity.rows, 11);
    assert_int_equal(activity.busy_ns, 40);
    neuron_core_activity_destroy(&activity);
}

static void
time_with_two_spans_counts_once(void **state)
{
    const struct neuron_report_span spans[] = {span_of(0, 0, 0, 100, 1), span_of(0, 0, 50, 120, 1),
                                               span_of(0, 0, 60, 70, 1)};
    struct neuron_core_activity activity = activity_of(spans, 3);

    (void)state;
    assert_int_equal(activity.busy_ns, 120);
    assert_int_equal(neuron_core_activity_busy_ns(&activity, (struct neuron_time_stretch){90, 110}),
                     20);
    assert_int_equal(
        neuron_core_activity_busy_ns(&activity, (struct neuron_time_stretch){200, 300}), 0);
    neuron_core_activity_destroy(&activity);
}

static void
rows_are_done_at_an_even_pace(void **state)
{
    const struct neuron_report_span spans[] = {span_of(0, 0, 0, 100, 10),
                                               span_of(0, 1, 50, 150, 20)};
    struct neuron_core_activity activity = activity_of(spans, 2);
    const struct neuron_time_stretch all = {0, 200};
    double rows[4] = {-1.0, -1.0, -1.0, -1.0};

    (void)state;
    neuron_core_activity_bin_rows(&activity, all, rows, 4);
    check_near(rows[0], 5.0);
    check_near(rows[1], 15.0);
    check_near(rows[2], 10.0);
    check_near(rows[3], 0.0);
    check_near(neuron_core_activity_rows(&activity, (struct neuron_time_stretch){25, 75}), 10.0);
    neuron_core_activity_destroy(&activity);
}

static void
every_row_is_in_one_bin(void **state)
{
    enum { BINS = 37 };
    struct neuron_report_span spans[100];
    double rows[BINS] = {0.0};
    double sum = 0.0;

    (void)state;
    for (uint64_t i = 0; i < 100; i += 1) {
        uint64_t begin_ns = 1796083200000000000U + i * 10007;

        spans[i] = span_of(0, (uint32_t)(i % 3), begin_ns, begin_ns + i * 331, 7);
    }
    struct neuron_core_activity activity = activity_of(spans, 100);
    neuron_core_activity_bin_rows(
        &activity, (struct neuron_time_stretch){1796083200000000000, 1796083200000000000 + 2000003},
        rows, BINS);
    for (unsigned i = 0; i < BINS; i += 1) {
        sum += rows[i];
    }
    check_near(sum, 700.0);
    neuron_core_activity_destroy(&activity);
}

static void
a_lane_is_busy_for_a_share_of_each_bin(void **state)
{
    const struct neuron_report_span spans[] = {span_of(0, 0, 10, 30, 1), span_of(0, 0, 20, 30, 1),
                                               span_of(0, 0, 45, 50, 1)};
    struct neuron_core_activity activity = activity_of(spans, 3);
    double shares[5] = {0.0};

    (void)state;
    neuron_core_activity_bin_lane(&activity, 0, (struct neuron_time_stretch){0, 100}, shares, 5);
    check_near(shares[0], 0.5);
    check_near(shares[1], 0.5);
    check_near(shares[2], 0.25);
    check_near(shares[3], 0.0);
    check_near(shares[4], 0.0);
    neuron_core_activity_destroy(&activity);
}

static void
spans_that_make_no_sense_do_no_harm(void **state)
{
    const struct neuron_report_span spans[] = {
        span_of(0, 0, 100, 50, 3),                    /* ends before it begins */
        span_of(0, 0, UINT64_MAX - 1, UINT64_MAX, 1), /* beyond any clock */
        span_of(UINT32_MAX, UINT32_MAX / 2, 0, UINT64_MAX, UINT64_MAX)};
    struct neuron_core_activity activity = activity_of(spans, 3);
    double rows[3] = {0.0};
    double shares[3] = {0.0};

    (void)state;
    neuron_core_activity_bin_rows(&activity, (struct neuron_time_stretch){90, 120}, rows, 3);
    assert_true(rows[1] >= 3.0 && rows[0] < 1e3);
    for (size_t i = 0; i < activity.lane_count; i += 1) {
        neuron_core_activity_bin_lane(&activity, i, (struct neuron_time_stretch){90, 90}, shares,
                                      3);
        assert_true(shares[0] <= 1.0 && shares[2] >= 0.0);
    }
    neuron_core_activity_destroy(&activity);
}

static void
no_spans_are_no_lanes(void **state)
{
    struct neuron_core_activity activity = activity_of(NULL, 0);
    double rows[2] = {1.0, 1.0};

    (void)state;
    assert_int_equal(activity.lane_count, 0);
    neuron_core_activity_bin_rows(&activity, (struct neuron_time_stretch){0, 10}, rows, 2);
    check_near(rows[0], 0.0);
    check_near(neuron_core_activity_rows(&activity, (struct neuron_time_stretch){0, 10}), 0.0);
    neuron_core_activity_destroy(&activity);
    neuron_core_activity_destroy(&activity);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_sorted_into_lanes),
        cmocka_unit_test(time_with_two_spans_counts_once),
        cmocka_unit_test(rows_are_done_at_an_even_pace),
        cmocka_unit_test(every_row_is_in_one_bin),
        cmocka_unit_test(a_lane_is_busy_for_a_share_of_each_bin),
        cmocka_unit_test(spans_that_make_no_sense_do_no_harm),
        cmocka_unit_test(no_spans_are_no_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
