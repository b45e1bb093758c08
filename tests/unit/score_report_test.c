/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "score/report.h"

static void
the_job_line_counts_rows_cores_and_ranks(void **state)
{
    struct neuron_job_report report = {
        .rows = 20000, .seconds = 1.234, .core_count = 2, .world_size = 2, .output_path = "y.npy"};
    char text[200] = "";

    (void)state;
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)),
                        "20000 rows in 1.234 s, 16207 rows/s on 2 cores (2 ranks): y.npy");
    report = (struct neuron_job_report){
        .rows = 1, .seconds = 0.0, .core_count = 1, .world_size = 1, .output_path = "y.npy"};
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)),
                        "1 row in 0.000 s, 0 rows/s on 1 core (1 rank): y.npy");
}

static void
the_rank_line_names_rows_and_cores(void **state)
{
    struct neuron_rank_report report = {
        .rows = 10000, .lease_count = 12, .seconds = 1.1, .core_count = 4, .cores = "4-7"};
    char text[200] = "";

    (void)state;
    assert_string_equal(
        neuron_rank_report_format(&report, 0, text, sizeof(text)),
        "rank 0: 10000 rows in 12 leases, 1.100 s, 9091 rows/s on cores 4-7 (machine)");
    report = (struct neuron_rank_report){
        .rows = 1, .lease_count = 1, .seconds = 1.0, .core_count = 1, .cores = "3"};
    assert_string_equal(neuron_rank_report_format(&report, 3, text, sizeof(text)),
                        "rank 3: 1 row in 1 lease, 1.000 s, 1 rows/s on core 3 (machine)");
}

static void
a_long_line_is_cut(void **state)
{
    struct neuron_job_report report = {.rows = 20000, .seconds = 1.0, .output_path = "y.npy"};
    char text[10] = "";

    (void)state;
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)), "20000 row");
}

static void
rows_done_before_and_rows_that_failed_are_said(void **state)
{
    struct neuron_job_report report = {.rows = 20000,
                                       .rows_before = 12000,
                                       .failure_count = 3,
                                       .seconds = 2.0,
                                       .core_count = 2,
                                       .world_size = 2,
                                       .output_path = "y.npy"};
    char text[200] = "";

    (void)state;
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)),
                        "20000 rows in 2.000 s, 4000 rows/s on 2 cores (2 ranks), 12000 done "
                        "before: y.npy, 3 rows failed: y.npy.errors.jsonl");
    report.rows_before = 20001;
    report.failure_count = 1;
    assert_string_equal(neuron_job_report_format(&report, text, sizeof(text)),
                        "20000 rows in 2.000 s, 0 rows/s on 2 cores (2 ranks), 20001 done "
                        "before: y.npy, 1 row failed: y.npy.errors.jsonl");
    assert_string_equal(neuron_job_report_format(&report, text, 100),
                        "20000 rows in 2.000 s, 0 rows/s on 2 cores (2 ranks), 20001 done "
                        "before: y.npy, 1 row failed: y.npy");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_job_line_counts_rows_cores_and_ranks),
        cmocka_unit_test(the_rank_line_names_rows_and_cores),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(rows_done_before_and_rows_that_failed_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
