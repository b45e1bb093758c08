/* SPDX-License-Identifier: Apache-2.0 */
/* Leases on their way through a rank: in order, block by block, with rows that fail. */
#include "check.h"

#include <math.h>
#include <unistd.h>

#include "custom_trouble.h"
#include "score/output_sums.h"
#include "score/rank_work.h"
#include "scored_job.h"

static struct neuron_error error;
static struct neuron_rank_work *work;

static void
open_work(struct scored_job *job)
{
    scored_job_open(job);
    assert_ok(neuron_rank_work_create(&job->tools, NULL, &work, &error), &error);
}

static void
add(uint64_t id, uint64_t first, uint64_t count, enum neuron_lease_kind kind)
{
    const struct neuron_lease lease = {
        .id = id, .kind = kind, .rows = {first, count}, .avoid_nc = UINT32_MAX};

    assert_ok(neuron_rank_work_add(work, &lease, &error), &error);
}

/* Works until nothing is under way any more. */
static enum neuron_status
run_all(void)
{
    enum neuron_status status = neuron_rank_work_fill(work, &error);

    while (status == NEURON_OK && neuron_rank_work_is_running(work)) {
        status = neuron_rank_work_finish(work, &error);
        if (status == NEURON_OK) {
            status = neuron_rank_work_fill(work, &error);
        }
    }
    return status;
}

/* Takes the next lease, which is done, and is this one. Returns how many of its rows failed. */
static uint32_t
take(const struct scored_job *job, uint64_t id)
{
    struct neuron_lease_message message = {0};
    struct neuron_piece_sum sum = {0};

    assert_true(neuron_rank_work_take_done(work, &message));
    assert_int_equal(message.kind, NEURON_LEASE_DONE);
    assert_int_equal(message.end.id, id);
    assert_int_equal(message.sum_count, 1);
    assert_false(message.audit_differs);
    assert_ok(neuron_output_set_sum(job->set, message.rows, &sum, &error), &error);
    assert_memory_equal(&message.sums[0].xxh3, &sum.xxh3, sizeof(sum.xxh3));
    uint32_t failure_count = message.failure_count;
    neuron_lease_message_destroy(&message);
    return failure_count;
}

static void
assert_nothing_done(void)
{
    struct neuron_lease_message message = {0};

    assert_false(neuron_rank_work_take_done(work, &message));
}

static void
run_one_block(void)
{
    assert_ok(neuron_rank_work_fill(work, &error), &error);
    assert_true(neuron_rank_work_is_running(work));
    while (!neuron_rank_work_is_ready(work)) {
        (void)usleep(100);
    }
    assert_ok(neuron_rank_work_finish(work, &error), &error);
}

static void
a_lease_goes_through_block_by_block(void **state)
{
    struct scored_job *job = *state;
    const struct neuron_row_range rows = {.first = 3, .count = 21};
    float y[JOB_ROWS] = {0};

    open_work(job);
    assert_false(neuron_rank_work_is_running(work));
    assert_false(neuron_rank_work_is_ready(work));
    assert_int_equal(neuron_rank_work_block_ns(work), 0);
    add(7, rows.first, rows.count, NEURON_LEASE_NORMAL);
    assert_int_equal(neuron_rank_work_open_count(work), 1);
    assert_int_equal(neuron_rank_work_open_rows(work), rows.count);
    run_one_block();
    assert_int_equal(neuron_rank_work_open_rows(work), rows.count - JOB_BLOCK_ROWS);
    assert_true(neuron_rank_work_block_ns(work) > 0);
    assert_nothing_done();
    assert_ok(run_all(), &error);
    assert_int_equal(neuron_rank_work_open_count(work), 0);
    assert_int_equal(take(job, 7), 0);
    assert_nothing_done();
    scored_job_read(job, y);
    scored_job_check(&rows, y + rows.first, 0, NAN);
    assert_true(y[2] == 0.0F && y[24] == 0.0F); /* not its rows */
    neuron_rank_work_destroy(work);
}

static void
what_was_done_is_counted(void **state)
{
    struct scored_job *job = *state;
    struct neuron_rank_counters counters = {.rows = 100};
    struct neuron_lease_message message = {0};

    open_work(job);
    add(1, 0, JOB_ROWS, NEURON_LEASE_NORMAL);
    assert_ok(run_all(), &error);
    assert_true(neuron_rank_work_take_done(work, &message));
    assert_in_range(message.span_count, 1, JOB_CORES);
    uint64_t span_rows = 0;
    for (uint32_t i = 0; i < message.span_count; i += 1) {
        span_rows += message.spans[i].rows;
        assert_true(message.spans[i].begin_ns <= message.spans[i].end_ns);
    }
    assert_int_equal(span_rows, JOB_ROWS);
    assert_true(message.end.nc < JOB_CORES);
    assert_true(message.end.busy_ns > 0);
    neuron_lease_message_destroy(&message);
    neuron_rank_work_count(work, &counters);
    assert_int_equal(counters.rows, 100 + JOB_ROWS);
    assert_int_equal(counters.written_bytes, JOB_ROWS * sizeof(float));
    assert_int_equal(counters.read_bytes, JOB_ROWS * sizeof(float));
    assert_true(counters.run_ns > 0);
    assert_true(counters.warm_ns > 0 && counters.warm_ns <= counters.run_ns);
    neuron_rank_work_destroy(work);
}

static void
leases_end_in_the_order_in_which_they_came(void **state)
{
    struct scored_job *job = *state;
    float y[JOB_ROWS] = {0};

    open_work(job);
    add(5, 40, 8, NEURON_LEASE_NORMAL);
    add(2, 0, 20, NEURON_LEASE_NORMAL);
    add(9, 20, 20, NEURON_LEASE_NORMAL);
    assert_int_equal(neuron_rank_work_open_rows(work), JOB_ROWS);
    assert_ok(run_all(), &error);
    (void)take(job, 5);
    (void)take(job, 2);
    (void)take(job, 9);
    assert_nothing_done();
    scored_job_read(job, y);
    scored_job_check(&(struct neuron_row_range){0, JOB_ROWS}, y, 0, NAN);
    neuron_rank_work_destroy(work);
}

static void
rows_that_fail_are_told_with_their_lease(void **state)
{
    struct scored_job *job = *state;
    const uint64_t bad = 1 << 3 | 1 << 8 | 1 << 9;
    struct neuron_lease_message message = {0};
    float y[JOB_ROWS] = {0};

    job->x[3] = TROUBLE_ROW + TROUBLE_REFUSE;
    job->x[8] = NAN;
    job->x[9] = TROUBLE_ROW + TROUBLE_REFUSE;
    open_work(job);
    add(1, 0, 20, NEURON_LEASE_NORMAL);
    add(2, 20, 4, NEURON_LEASE_NORMAL);
    assert_ok(run_all(), &error);
    assert_true(neuron_rank_work_take_done(work, &message));
    assert_int_equal(message.failure_count, 3);
    assert_int_equal(message.failures[0].row, 3);
    assert_int_equal(message.failures[1].row, 8);
    assert_int_equal(message.failures[1].stage, NEURON_BAD_NAN);
    assert_int_equal(message.failures[2].row, 9);
    neuron_lease_message_destroy(&message);
    assert_int_equal(take(job, 2), 0);
    scored_job_read(job, y);
    scored_job_check(&(struct neuron_row_range){0, 24}, y, bad, NAN);
    neuron_rank_work_destroy(work);
}

static void
a_row_that_must_not_fail_ends_the_work(void **state)
{
    struct scored_job *job = *state;

    job->x[15] = TROUBLE_ROW + TROUBLE_REFUSE;
    job->options.on_error = NEURON_ON_ERROR_FAIL;
    job->options.first_row = 10;
    open_work(job);
    add(1, 0, 20, NEURON_LEASE_NORMAL);
    assert_status(NEURON_INVALID_ARGUMENT, run_all(), &error);
    assert_contains(error.text, "row 15: ");
    assert_contains(error.text, "these rows are not liked");
    assert_contains(error.text, "--on-error skip");
    assert_nothing_done();
    neuron_rank_work_destroy(work);
}

static void
a_lease_is_dropped_before_it_begins(void **state)
{
    struct scored_job *job = *state;

    open_work(job);
    add(1, 0, 8, NEURON_LEASE_NORMAL);
    add(2, 8, 8, NEURON_LEASE_NORMAL);
    neuron_rank_work_drop(work, 1);
    neuron_rank_work_drop(work, 77); /* it is none of its own */
    assert_int_equal(neuron_rank_work_open_count(work), 1);
    assert_ok(run_all(), &error);
    (void)take(job, 2);
    assert_nothing_done();
    neuron_rank_work_destroy(work);
}

static void
a_lease_is_dropped_while_it_runs(void **state)
{
    struct scored_job *job = *state;
    float y[JOB_ROWS] = {0};

    job->x[0] = TROUBLE_ROW + TROUBLE_SLOW;
    open_work(job);
    add(1, 0, 24, NEURON_LEASE_NORMAL);
    add(2, 24, 8, NEURON_LEASE_NORMAL);
    assert_ok(neuron_rank_work_fill(work, &error), &error);
    neuron_rank_work_drop(work, 1);
    assert_int_equal(neuron_rank_work_open_rows(work), 8);
    assert_true(neuron_rank_work_is_running(work));
    assert_ok(run_all(), &error);
    (void)take(job, 2);
    assert_nothing_done();
    scored_job_read(job, y);
    assert_true(y[1] == 0.0F && y[23] == 0.0F && y[24] == 48.0F);
    neuron_rank_work_destroy(work);
}

static void
a_lease_is_dropped_when_it_is_done(void **state)
{
    struct scored_job *job = *state;

    open_work(job);
    add(1, 0, 8, NEURON_LEASE_NORMAL);
    assert_ok(run_all(), &error);
    neuron_rank_work_drop(work, 1);
    assert_nothing_done();
    add(1, 0, 8, NEURON_LEASE_NORMAL);
    assert_ok(run_all(), &error);
    (void)take(job, 1);
    neuron_rank_work_destroy(work);
}

/* Has rows done, changes one of them in the file, and audits some; says whether that is noticed. */
static bool
audit_differs(const struct scored_job *job, struct neuron_row_range audited, uint64_t changed_row)
{
    struct neuron_lease_message message = {0};
    struct neuron_output_sums *sums = NULL;
    float wrong = 3.0F;
    const struct neuron_tensor_view view = {NEURON_FLOAT32, 1, {1}, &wrong};
    float y[JOB_ROWS] = {0};

    add(1, 0, 20, NEURON_LEASE_NORMAL);
    assert_ok(run_all(), &error);
    (void)take(job, 1);
    assert_ok(neuron_output_sums_create(job->set, &sums, &error), &error);
    assert_ok(neuron_output_set_write_block(job->set, (struct neuron_row_range){changed_row, 1},
                                            &view, sums, &error),
              &error);
    neuron_output_sums_destroy(sums);
    add(2, audited.first, audited.count, NEURON_LEASE_AUDIT);
    assert_ok(run_all(), &error);
    assert_true(neuron_rank_work_take_done(work, &message));
    assert_int_equal(message.end.id, 2);
    bool differs = message.audit_differs;
    neuron_lease_message_destroy(&message);
    /* It writes nothing. */
    scored_job_read(job, y);
    assert_true(y[changed_row] == 3.0F);
    return differs;
}

static void
an_audit_sees_rows_that_differ(void **state)
{
    struct scored_job *job = *state;

    job->x[4] = NAN; /* is filled in again */
    job->x[5] = TROUBLE_ROW + TROUBLE_REFUSE;
    job->options.on_error = NEURON_ON_ERROR_SKIP;
    open_work(job);
    assert_true(audit_differs(job, (struct neuron_row_range){2, 15}, 2));
    assert_true(audit_differs(job, (struct neuron_row_range){2, 15}, 16));
    assert_false(audit_differs(job, (struct neuron_row_range){2, 15}, 17));
    assert_false(audit_differs(job, (struct neuron_row_range){2, 15}, 1));
    neuron_rank_work_destroy(work);
}

static void
suspect_rows_run_in_processes_that_may_die(void **state)
{
    struct scored_job *job = *state;
    struct neuron_lease_message message = {0};
    float y[JOB_ROWS] = {0};

    job->x[2] = TROUBLE_ROW + TROUBLE_ABORT;
    open_work(job);
    add(1, 0, 6, NEURON_LEASE_SUSPECT);
    assert_ok(run_all(), &error);
    assert_true(neuron_rank_work_take_done(work, &message));
    assert_int_equal(message.failure_count, 1);
    assert_int_equal(message.failures[0].row, 2);
    assert_int_equal(message.failures[0].stage, NEURON_BAD_CRASH);
    assert_int_equal(message.end.nc, UINT32_MAX); /* none of this process */
    neuron_lease_message_destroy(&message);
    scored_job_read(job, y);
    scored_job_check(&(struct neuron_row_range){0, 6}, y, 1 << 2, NAN);
    neuron_rank_work_destroy(work);
}

static void
an_input_that_cannot_be_read_ends_the_work(void **state)
{
    struct scored_job *job = *state;

    open_work(job);
    assert_int_equal(truncate(job->x_path, 140), 0);
    add(1, 40, 8, NEURON_LEASE_NORMAL);
    assert_status(NEURON_SYSTEM, run_all(), &error);
    assert_contains(error.text, "x.npy");
    assert_nothing_done();
    neuron_rank_work_destroy(work);
}

static void
work_is_destroyed_with_all_that_is_under_way(void **state)
{
    struct scored_job *job = *state;

    job->x[0] = TROUBLE_ROW + TROUBLE_SLOW;
    open_work(job);
    add(1, 0, 48, NEURON_LEASE_NORMAL);
    assert_ok(neuron_rank_work_fill(work, &error), &error);
    neuron_rank_work_destroy(work);
    neuron_rank_work_destroy(NULL);
}

static void
more_leases_than_there_is_room_for_are_refused(void **state)
{
    struct scored_job *job = *state;
    const struct neuron_lease lease = {.id = 99, .rows = {0, 1}};

    open_work(job);
    for (uint64_t i = 0; i < 16; i += 1) {
        add(i + 1, i, 1, NEURON_LEASE_NORMAL);
    }
    assert_status(NEURON_OUT_OF_MEMORY, neuron_rank_work_add(work, &lease, &error), &error);
    assert_int_equal(neuron_rank_work_open_count(work), 16);
    assert_ok(run_all(), &error);
    for (uint64_t i = 0; i < 16; i += 1) {
        (void)take(job, i + 1);
    }
    neuron_rank_work_destroy(work);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lease_goes_through_block_by_block, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(what_was_done_is_counted, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(leases_end_in_the_order_in_which_they_came,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(rows_that_fail_are_told_with_their_lease, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_must_not_fail_ends_the_work, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_lease_is_dropped_before_it_begins, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_lease_is_dropped_while_it_runs, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(a_lease_is_dropped_when_it_is_done, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(an_audit_sees_rows_that_differ, scored_job_set_up,
                                        scored_job_tear_down),
        cmocka_unit_test_setup_teardown(suspect_rows_run_in_processes_that_may_die,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(an_input_that_cannot_be_read_ends_the_work,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(work_is_destroyed_with_all_that_is_under_way,
                                        scored_job_set_up, scored_job_tear_down),
        cmocka_unit_test_setup_teardown(more_leases_than_there_is_room_for_are_refused,
                                        scored_job_set_up, scored_job_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
