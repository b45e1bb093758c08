/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "custom_trouble.h"
#include "score/score_slot.h"
#include "scored_job.h"

static struct neuron_error error;

static const struct neuron_row_range first_block = {.first = 0, .count = 8};

struct slot_bench {
    struct scored_job *job;
    struct neuron_slot_tools tools;
    struct neuron_score_slot slot;
    struct neuron_failure_list failures;
};

static struct slot_bench bench;

static void
open_slot(struct scored_job *job)
{
    scored_job_open(job);
    bench = (struct slot_bench){.job = job};
    bench.tools = (struct neuron_slot_tools){.options = &job->options,
                                             .program = job->program,
                                             .source = job->source,
                                             .most_failures = UINT64_MAX - 1,
                                             .looks_for_nans = true};
    bench.slot.tools = &bench.tools;
}

static void
close_slot(void)
{
    neuron_score_slot_release(&bench.slot);
    neuron_score_slot_destroy(&bench.slot);
    neuron_failure_list_destroy(&bench.failures);
}

static void
begin(struct neuron_row_range rows)
{
    assert_ok(neuron_score_slot_begin(&bench.slot, rows, bench.job->parallel, NULL, &error),
              &error);
}

static void
finish(void)
{
    assert_ok(neuron_score_slot_finish(&bench.slot, &bench.failures, &error), &error);
}

/* Fails unless just these rows have failed, and the others have results. */
static void
check_block(struct neuron_row_range rows, uint64_t mask, float filled)
{
    size_t next = 0;

    assert_int_equal(bench.slot.block.first, rows.first);
    assert_int_equal(bench.slot.block.count, rows.count);
    scored_job_check(&rows, bench.slot.outputs[0].data, mask, filled);
    for (uint64_t row = rows.first; row < rows.first + rows.count; row += 1) {
        if ((mask >> row & 1) != 0) {
            assert_true(next < bench.failures.count);
            assert_int_equal(bench.failures.items[next].row, row);
            next += 1;
        }
    }
    assert_int_equal(bench.failures.count, next);
}

static void
a_block_has_results(void **state)
{
    open_slot(*state);
    begin(first_block);
    while (!neuron_score_slot_is_done(&bench.slot)) {
        (void)usleep(100);
    }
    assert_true(neuron_score_slot_is_done(&bench.slot));
    finish();
    check_block(first_block, 0, NAN);
    close_slot();
}

static void
a_slot_is_used_again_for_blocks_of_any_size(void **state)
{
    static const struct neuron_row_range blocks[] = {{8, 2}, {0, JOB_ROWS}, {47, 1}, {10, 20}};

    open_slot(*state);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i += 1) {
        begin(blocks[i]);
        finish();
        check_block(blocks[i], 0, NAN);
        neuron_score_slot_release(&bench.slot);
    }
    close_slot();
}

static void
a_call_that_is_reported_is_the_slots(void **state)
{
    struct scored_job *job = *state;
    struct neuron_data_parallel_report *report = NULL;

    open_slot(job);
    assert_ok(neuron_data_parallel_report_create(job->parallel, &report, &error), &error);
    assert_ok(neuron_score_slot_begin(&bench.slot, first_block, job->parallel, report, &error),
              &error);
    finish();
    assert_true(neuron_data_parallel_report_event_count(report) > 0);
    assert_true(bench.slot.begin_ns > 0 && bench.slot.real_ns > bench.slot.begin_ns);
    close_slot();
    neuron_data_parallel_report_destroy(report);
}

static void
rows_that_fail_are_found_and_filled(void **state)
{
    struct scored_job *job = *state;

    job->x[2] = TROUBLE_ROW + TROUBLE_REFUSE;
    job->x[7] = TROUBLE_ROW + TROUBLE_LOSE;
    open_slot(job);
    begin(first_block);
    finish();
    check_block(first_block, 1 << 2 | 1 << 7, NAN);
    assert_int_equal(bench.failures.items[0].stage, NEURON_BAD_RUN);
    assert_int_equal(bench.failures.items[0].attempts, 2);
    assert_contains(bench.failures.items[0].reason, "these rows are not liked");
    assert_contains(bench.failures.items[1].reason, "something else was lost");
    close_slot();
}

static void
rows_are_filled_with_what_was_asked_for(void **state)
{
    struct scored_job *job = *state;

    job->x[3] = TROUBLE_ROW + TROUBLE_REFUSE;
    job->options.has_fill = true;
    job->options.fill = -1.0;
    open_slot(job);
    begin(first_block);
    finish();
    check_block(first_block, 1 << 3, -1.0F);
    close_slot();
}

static void
a_nan_is_a_failure_where_it_is_not_allowed(void **state)
{
    struct scored_job *job = *state;

    job->x[0] = NAN;
    job->x[5] = NAN;
    open_slot(job);
    begin(first_block);
    finish();
    check_block(first_block, 1 << 0 | 1 << 5, NAN);
    assert_int_equal(bench.failures.items[0].stage, NEURON_BAD_NAN);
    assert_int_equal(bench.failures.items[0].attempts, 1);
    assert_string_equal(bench.failures.items[0].reason, "output y holds a NaN");
    neuron_score_slot_release(&bench.slot);
    neuron_failure_list_destroy(&bench.failures);
    job->options.nan = NEURON_NAN_IS_ALLOWED;
    begin(first_block);
    finish();
    assert_int_equal(bench.failures.count, 0);
    assert_true(isnan(((const float *)bench.slot.outputs[0].data)[5]));
    close_slot();
}

static void
a_program_that_tells_of_numbers_has_no_results(void **state)
{
    struct scored_job *job = *state;

    job->x[6] = TROUBLE_ROW + TROUBLE_NAN;
    open_slot(job);
    begin((struct neuron_row_range){.first = 8, .count = 8});
    finish();
    neuron_score_slot_release(&bench.slot);
    /* What the block before has left must not count as a result. */
    begin(first_block);
    finish();
    check_block(first_block, 1 << 6, NAN);
    assert_int_equal(bench.failures.items[0].stage, NEURON_BAD_RUN);
    assert_contains(bench.failures.items[0].reason, "too large to tell");
    close_slot();
}

static void
rows_without_numbers_fail_as_they_are_read(void **state)
{
    struct scored_job *job = *state;

    job->x_text = "x\n0\n1\nlow\n3\n1000005\n5\n";
    open_slot(job);
    begin((struct neuron_row_range){.first = 0, .count = 6});
    finish();
    check_block((struct neuron_row_range){.first = 0, .count = 6}, 1 << 2 | 1 << 4, NAN);
    assert_int_equal(bench.failures.items[0].stage, NEURON_BAD_READ);
    assert_int_equal(bench.failures.items[0].input, 0);
    assert_contains(bench.failures.items[0].reason, "low");
    assert_int_equal(bench.failures.items[1].stage, NEURON_BAD_RUN);
    close_slot();
}

static void
no_more_failures_are_looked_for_than_wanted(void **state)
{
    struct scored_job *job = *state;

    for (int i = 0; i < 8; i += 1) {
        job->x[i] = TROUBLE_ROW + TROUBLE_REFUSE;
    }
    open_slot(job);
    bench.tools.most_failures = 0;
    begin(first_block);
    finish();
    assert_int_equal(bench.failures.count, 1);
    assert_int_equal(bench.failures.items[0].row, 0);
    close_slot();
}

static void
a_file_that_shrinks_frees_the_slot(void **state)
{
    struct scored_job *job = *state;
    bool is_running = false;

    open_slot(job);
    assert_int_equal(truncate(job->x_path, 100), 0);
    assert_status(NEURON_SYSTEM,
                  neuron_score_slot_begin(&bench.slot, (struct neuron_row_range){40, 8},
                                          job->parallel, NULL, &error),
                  &error);
    assert_contains(error.text, "x.npy");
    is_running = bench.slot.call != NULL;
    assert_false(is_running);
    close_slot();
}

static void
a_run_that_is_taken_back_frees_the_slot(void **state)
{
    struct scored_job *job = *state;

    job->x[1] = TROUBLE_ROW + TROUBLE_SLOW;
    open_slot(job);
    begin(first_block);
    neuron_score_slot_release(&bench.slot);
    begin((struct neuron_row_range){.first = 8, .count = 8});
    finish();
    check_block((struct neuron_row_range){.first = 8, .count = 8}, 0, NAN);
    close_slot();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_block_has_results, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_slot_is_used_again_for_blocks_of_any_size,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_is_reported_is_the_slots, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(rows_that_fail_are_found_and_filled, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(rows_are_filled_with_what_was_asked_for, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_nan_is_a_failure_where_it_is_not_allowed,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_program_that_tells_of_numbers_has_no_results,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(rows_without_numbers_fail_as_they_are_read,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(no_more_failures_are_looked_for_than_wanted,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_shrinks_frees_the_slot, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_run_that_is_taken_back_frees_the_slot, scored_job_set_up,
                                        scored_job_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
