/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>

#include "score/score_summary.h"

static void
check_near(double found, double expected)
{
    if (fabs(found - expected) > 1e-6 * fmax(1.0, fabs(expected))) {
        fail_msg("%.9g is not %.9g", found, expected);
    }
}

static struct neuron_score_summary
summary_of(const struct neuron_score_report *report)
{
    struct neuron_core_activity activity = {0};
    struct neuron_score_summary summary = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_core_activity_create(report, &activity, &error), &error);
    assert_ok(neuron_score_summary_find(report, &activity, &summary, &error), &error);
    neuron_core_activity_destroy(&activity);
    return summary;
}

static double
phase_s(const struct neuron_score_summary *summary, enum neuron_score_phase phase)
{
    return (double)(summary->phases[phase].end_ns - summary->phases[phase].begin_ns) / 1e9;
}

/* Two ranks of one core; times are seconds since 100 s. */
static const struct neuron_report_rank ranks[] = {
    {.rank = 0,
     .core_count = 1,
     .joined_ns = 101000000000,
     .last_done_ns = 106000000000,
     .counters = {.rows = 500,
                  .run_ns = 4000000000,
                  .load_ns = 500000000,
                  .read_bytes = 10,
                  .written_bytes = 3,
                  .peak_memory_bytes = 700}},
    {.rank = 1,
     .core_count = 1,
     .joined_ns = 101500000000,
     .last_done_ns = 108000000000,
     .counters = {.rows = 300,
                  .run_ns = 6000000000,
                  .read_bytes = 20,
                  .written_bytes = 4,
                  .peak_memory_bytes = 900}},
};

static const struct neuron_report_span spans[] = {
    {0, {0, 4, 102000000000, 106000000000, 500}},
    {1, {0, 5, 102000000000, 108000000000, 300}},
};

static const uint64_t chunk_ns[] = {4, 1, 3, 2, 10, 9, 8, 7, 6, 5};

static struct neuron_score_report
report_of_two(void)
{
    return (struct neuron_score_report){.rows = 1000,
                                        .rows_before = 200,
                                        .done_rows = 1000,
                                        .start_ns = 100000000000,
                                        .first_lease_ns = 102000000000,
                                        .first_done_ns = 103000000000,
                                        .tail_ns = 105000000000,
                                        .last_done_ns = 108000000000,
                                        .end_ns = 110000000000,
                                        .ranks = ranks,
                                        .rank_count = 2,
                                        .spans = spans,
                                        .span_count = 2,
                                        .chunk_ns = chunk_ns,
                                        .chunk_count = 10};
}

static void
phases_follow_each_other(void **state)
{
    const struct neuron_score_report report = report_of_two();
    struct neuron_score_summary summary = summary_of(&report);

    (void)state;
    check_near(phase_s(&summary, NEURON_PHASE_LAUNCH), 1.0);
    check_near(phase_s(&summary, NEURON_PHASE_LOAD), 1.0);
    check_near(phase_s(&summary, NEURON_PHASE_WARM_UP), 1.0);
    check_near(phase_s(&summary, NEURON_PHASE_STEADY), 2.0);
    check_near(phase_s(&summary, NEURON_PHASE_TAIL), 3.0);
    check_near(phase_s(&summary, NEURON_PHASE_COMMIT), 2.0);
    check_near(summary.seconds, 10.0);
}

static void
a_rank_that_joins_when_it_has_loaded_has_loaded_before(void **state)
{
    struct neuron_score_report report = report_of_two();
    struct neuron_report_rank rank = ranks[0];

    (void)state;
    rank.joined_ns = 101900000000;
    rank.counters.load_ns = 1500000000;
    report.ranks = &rank;
    report.rank_count = 1;
    struct neuron_score_summary summary = summary_of(&report);
    check_near(phase_s(&summary, NEURON_PHASE_LAUNCH), 0.5);
    check_near(phase_s(&summary, NEURON_PHASE_LOAD), 1.5);
}

static void
a_phase_that_was_not_left_lasts_to_the_end(void **state)
{
    struct neuron_score_report report = report_of_two();

    (void)state;
    report.tail_ns = 0;
    report.last_done_ns = 0;
    struct neuron_score_summary summary = summary_of(&report);
    check_near(phase_s(&summary, NEURON_PHASE_STEADY), 7.0);
    check_near(phase_s(&summary, NEURON_PHASE_TAIL), 0.0);
    check_near(phase_s(&summary, NEURON_PHASE_COMMIT), 0.0);
}

static void
clocks_that_disagree_give_no_negative_phase(void **state)
{
    struct neuron_score_report report = report_of_two();

    (void)state;
    report.first_done_ns = 99000000000;
    report.tail_ns = 120000000000;
    struct neuron_score_summary summary = summary_of(&report);
    double sum = 0.0;
    for (unsigned i = 0; i < NEURON_PHASE_COUNT; i += 1) {
        assert_true(phase_s(&summary, (enum neuron_score_phase)i) >= 0.0);
        sum += phase_s(&summary, (enum neuron_score_phase)i);
    }
    check_near(sum, 10.0);
    report.end_ns = 90000000000;
    summary = summary_of(&report);
    check_near(summary.seconds, 0.0);
    check_near(summary.rows_per_s, 0.0);
}

static void
rates_are_of_this_run_alone(void **state)
{
    const struct neuron_score_report report = report_of_two();
    struct neuron_score_summary summary = summary_of(&report);

    (void)state;
    assert_int_equal(summary.rows, 800);
    check_near(summary.rows_per_s, 80.0);
    check_near(summary.steady_rows_per_s, 175.0); /* 125 and 50 a second */
    check_near(summary.core_rows_per_s, 80.0);    /* 800 rows in 4 and 6 seconds */
}

static void
efficiency_is_the_share_of_time_that_cores_work(void **state)
{
    const struct neuron_score_report report = report_of_two();
    struct neuron_score_summary summary = summary_of(&report);

    (void)state;
    assert_int_equal(summary.core_count, 2);
    check_near(summary.efficiency, 0.5);
    check_near(summary.efficiency, summary.rows_per_s / (summary.core_rows_per_s * 2));
    check_near(summary.steady_efficiency, 1.0);
    check_near(summary.imbalance, 1.2);
    assert_int_equal(summary.read_bytes, 30);
    assert_int_equal(summary.written_bytes, 7);
    assert_int_equal(summary.peak_memory_bytes, 900);
}

static void
spans_that_were_dropped_count_like_the_others(void **state)
{
    struct neuron_score_report report = report_of_two();

    (void)state;
    report.span_count = 1;
    report.dropped_spans = 1;
    struct neuron_score_summary summary = summary_of(&report);
    check_near(summary.core_rows_per_s, 125.0);
    check_near(summary.efficiency, 80.0 / 250.0);
}

static void
percentiles_are_times_that_were_seen(void **state)
{
    struct neuron_score_report report = report_of_two();
    struct neuron_score_summary summary = summary_of(&report);

    (void)state;
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_50], 5);
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_90], 9);
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_95], 10);
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_100], 10);
    check_near(summary.chunk_mean_ns, 5.5);
    report.chunk_count = 1;
    summary = summary_of(&report);
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_50], 4);
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_99_9], 4);
}

static void
a_job_that_did_nothing_has_figures_of_0(void **state)
{
    const struct neuron_score_report report = {.start_ns = 5, .done_rows = 3, .rows_before = 7};
    struct neuron_score_summary summary = summary_of(&report);

    (void)state;
    assert_int_equal(summary.rows, 0);
    check_near(summary.efficiency, 0.0);
    check_near(summary.imbalance, 0.0);
    check_near(summary.steady_rows_per_s, 0.0);
    assert_int_equal(summary.chunk_ns[NEURON_PERCENTILE_100], 0);
}

static void
a_job_that_runs_lasts_until_its_latest_news(void **state)
{
    struct neuron_score_report report = report_of_two();

    (void)state;
    report.end_ns = 0;
    report.last_done_ns = 107000000000;
    struct neuron_score_summary summary = summary_of(&report);
    check_near(summary.seconds, 8.0);
}

static void
everything_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(neuron_score_phase_name(NEURON_PHASE_WARM_UP), "warm_up");
    assert_string_equal(neuron_score_percentile_name(NEURON_PERCENTILE_99_9), "p99.9");
    assert_string_equal(neuron_score_end_name(NEURON_SCORE_COMPLETE_WITH_ERRORS),
                        "complete_with_errors");
    assert_string_equal(neuron_score_end_name((enum neuron_score_end)77), "unknown");
    check_near(neuron_report_rank_rows_per_s(&ranks[0]), 100.0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_follow_each_other),
        cmocka_unit_test(a_rank_that_joins_when_it_has_loaded_has_loaded_before),
        cmocka_unit_test(a_phase_that_was_not_left_lasts_to_the_end),
        cmocka_unit_test(clocks_that_disagree_give_no_negative_phase),
        cmocka_unit_test(rates_are_of_this_run_alone),
        cmocka_unit_test(efficiency_is_the_share_of_time_that_cores_work),
        cmocka_unit_test(spans_that_were_dropped_count_like_the_others),
        cmocka_unit_test(percentiles_are_times_that_were_seen),
        cmocka_unit_test(a_job_that_did_nothing_has_figures_of_0),
        cmocka_unit_test(a_job_that_runs_lasts_until_its_latest_news),
        cmocka_unit_test(everything_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
