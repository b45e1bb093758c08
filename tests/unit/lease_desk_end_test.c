/* SPDX-License-Identifier: Apache-2.0 */
/* How a job ends, seen from the lease server: rows that fail, audits, ranks that give up, the disk.
 */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "desk_bench.h"

enum { FAILURE_LIMIT = DESK_LEASE_ROWS };

static struct neuron_error error;

static const struct neuron_lease_desk_state *
state_of(const struct desk_bench *bench)
{
    return neuron_lease_desk_state(bench->desk);
}

/* Has rank 0 do one more lease, of which the first rows have failed. */
static void
finish_with_failures(struct desk_bench *bench, uint32_t count)
{
    struct neuron_row_failure failures[FAILURE_LIMIT];

    assert_int_equal(desk_bench_ask(bench, 0, 1), 1);
    const struct neuron_lease lease = bench->given[0];
    struct neuron_lease_message done = desk_bench_done(&lease);
    for (uint32_t i = 0; i < count; i += 1) {
        failures[i] = (struct neuron_row_failure){.row = lease.rows.first + i,
                                                  .stage = NEURON_BAD_RUN,
                                                  .attempts = 2,
                                                  .reason = "it is too cold"};
    }
    done.failures = failures;
    done.failure_count = count;
    desk_bench_say(bench, 0, &done);
    desk_bench_settle(bench);
}

static void
rows_that_failed_are_in_the_journal_before_their_lease(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    finish_with_failures(bench, 2);
    assert_true(desk_bench_has_line(bench, "bad 0 run 2 0 it is too cold #"));
    assert_true(desk_bench_has_line(bench, "bad 1 run 2 0 it is too cold #"));
    assert_false(state_of(bench)->is_over);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS - DESK_LEASE_ROWS);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_COMPLETE_WITH_ERRORS);
}

static void
a_job_ends_once_more_rows_fail_than_are_allowed(void **state)
{
    struct desk_bench *bench = *state;

    bench->options.max_errors = 5;
    bench->options.first_row = 1000;
    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    finish_with_failures(bench, 5);
    assert_false(state_of(bench)->is_over);
    finish_with_failures(bench, 1);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_BUDGET_SPENT);
    assert_contains(state_of(bench)->text, "6 rows have failed");
    assert_contains(state_of(bench)->text, "row 1010: it is too cold");
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_STOP), 1);
    /* Nothing is given any more. */
    assert_int_equal(desk_bench_ask(bench, 1, 1), 0);
    assert_int_equal(bench->answers[0].message.score_end, NEURON_SCORE_BUDGET_SPENT);
}

static void
the_share_of_rows_that_may_fail_counts_too(void **state)
{
    struct desk_bench *bench = *state;

    bench->options.max_error_share = 0.039; /* 3 of 100 */
    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    finish_with_failures(bench, 3);
    assert_false(state_of(bench)->is_over);
    finish_with_failures(bench, 1);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_BUDGET_SPENT);
}

static void
the_budget_counts_for_a_job_that_is_all_done(void **state)
{
    struct desk_bench *bench = *state;

    bench->options.max_errors = 0;
    bench->plan.rules.rows = DESK_LEASE_ROWS;
    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    finish_with_failures(bench, 1);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_BUDGET_SPENT);
    /* With a larger one the job that goes on is complete. */
    bench->options.max_errors = 1;
    desk_bench_restart(bench);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_COMPLETE_WITH_ERRORS);
}

static void
failures_of_earlier_runs_were_allowed_where_none_is_now(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    finish_with_failures(bench, 1);
    bench->options.on_error = NEURON_ON_ERROR_FAIL;
    bench->options.max_errors = 0;
    desk_bench_restart(bench);
    assert_false(state_of(bench)->is_over);
}

/* All leases are audited. */
static void
start_with_audits(struct desk_bench *bench)
{
    bench->plan.rules.audit_ppm = 1000000;
    bench->plan.rules.audit_rows = 3;
    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    assert_int_equal(desk_bench_ask(bench, 0, 1), 1);
    desk_bench_finish(bench, &bench->given[0]);
    assert_int_equal(desk_bench_ask(bench, 1, 1), 1);
    assert_int_equal(bench->given[0].kind, NEURON_LEASE_AUDIT);
    assert_int_equal(bench->given[0].rows.count, 3);
}

static void
an_audit_that_agrees_changes_nothing(void **state)
{
    struct desk_bench *bench = *state;
    struct neuron_score_report report = {.rows = 0};

    start_with_audits(bench);
    desk_bench_finish(bench, &bench->given[0]);
    assert_false(state_of(bench)->is_over);
    assert_int_equal(state_of(bench)->done_rows, DESK_LEASE_ROWS);
    assert_int_equal(neuron_lease_desk_books(bench->desk)->piece_count, 1);
    assert_false(desk_bench_has_line(bench, "lease 0 3 "));
    neuron_lease_desk_report(bench->desk, &report);
    assert_int_equal(report.audit_count, 1);
    assert_int_equal(report.audit_difference_count, 0);
}

static void
an_audit_that_differs_ends_the_job(void **state)
{
    struct desk_bench *bench = *state;
    struct neuron_score_report report = {.rows = 0};

    bench->options.first_row = 500;
    start_with_audits(bench);
    struct neuron_lease_message done = desk_bench_done(&bench->given[0]);
    done.audit_differs = true;
    done.sum_count = 0; /* an audit has written nothing */
    desk_bench_say(bench, 1, &done);
    desk_bench_settle(bench);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_FAILED);
    assert_contains(state_of(bench)->text, "among the rows 500-502 results differ");
    assert_contains(state_of(bench)->text, "by rank 1 on far away");
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_STOP), 1);
    neuron_lease_desk_report(bench->desk, &report);
    assert_int_equal(report.audit_difference_count, 1);
}

static void
the_last_audit_may_end_the_job_too(void **state)
{
    struct desk_bench *bench = *state;

    bench->plan.rules.rows = DESK_LEASE_ROWS;
    start_with_audits(bench);
    assert_int_equal(state_of(bench)->done_rows, DESK_LEASE_ROWS);
    assert_false(state_of(bench)->is_over);
    struct neuron_lease_message done = desk_bench_done(&bench->given[0]);
    done.audit_differs = true;
    desk_bench_say(bench, 1, &done);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_FAILED);
}

static void
say_failure(struct desk_bench *bench, uint32_t rank, enum neuron_score_end end)
{
    struct neuron_lease_message fail = {
        .kind = NEURON_LEASE_FAIL, .rank = rank, .status = NEURON_SYSTEM, .score_end = end};

    (void)snprintf(fail.text, sizeof(fail.text), "x.npy cannot be read: Input/output error");
    desk_bench_say(bench, rank, &fail);
    desk_bench_settle(bench);
}

static void
the_job_outlives_a_rank_that_cannot_go_on(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    (void)desk_bench_ask(bench, 1, 1);
    say_failure(bench, 1, NEURON_SCORE_BROKEN);
    assert_false(state_of(bench)->is_over);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_COMPLETE);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_STOP), 0); /* it has left */
}

static void
the_last_rank_that_cannot_go_on_ends_the_job(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    say_failure(bench, 1, NEURON_SCORE_BROKEN);
    say_failure(bench, 0, NEURON_SCORE_BROKEN);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_BROKEN);
    assert_string_equal(state_of(bench)->text, "rank 0: x.npy cannot be read: Input/output error");
}

static void
a_failure_that_all_would_see_ends_the_job(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    say_failure(bench, 1, NEURON_SCORE_FAILED);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_FAILED);
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_STOP), 1);
    /* The first end counts. */
    neuron_lease_desk_end(bench->desk, NEURON_SCORE_INTERRUPTED, "a signal");
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_FAILED);
}

static void
rows_that_are_saved_after_the_end_count(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    neuron_lease_desk_end(bench->desk, NEURON_SCORE_INTERRUPTED, "");
    desk_bench_finish(bench, &bench->given[0]);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_INTERRUPTED);
    assert_int_equal(state_of(bench)->done_rows, DESK_LEASE_ROWS);
    assert_true(desk_bench_has_line(bench, "done 0 10 0 "));
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_STOP), 1);
}

static void
assert_breaks(struct desk_bench *bench)
{
    desk_flushes.fails = true;
    assert_status(
        NEURON_SYSTEM,
        neuron_lease_desk_settle(bench->desk, &bench->answers, &bench->answer_count, &error),
        &error);
    assert_true(state_of(bench)->is_over);
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_BROKEN);
    assert_contains(state_of(bench)->text, "no space left");
    assert_int_equal(bench->answer_count, 1);
    assert_int_equal(bench->answers[0].message.kind, NEURON_LEASE_STOP);
    assert_int_equal(bench->answers[0].message.score_end, NEURON_SCORE_BROKEN);
}

static void
a_lease_that_is_in_no_journal_is_not_given(void **state)
{
    struct desk_bench *bench = *state;
    const struct neuron_lease_message ask = {.kind = NEURON_LEASE_ASK, .wanted = 2};

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_say(bench, 0, &ask);
    assert_breaks(bench);
}

static void
what_the_journal_does_not_take_is_not_done(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease_message done = desk_bench_done(&bench->given[0]);
    desk_bench_say(bench, 0, &done);
    assert_breaks(bench);
    /* It is tried again, as the disk may have room by now. */
    desk_flushes.fails = false;
    desk_bench_settle(bench);
    assert_true(desk_bench_has_line(bench, "done 0 10 0 "));
    assert_int_equal(state_of(bench)->end, NEURON_SCORE_BROKEN);
}

static void
a_job_whose_last_rows_are_in_no_journal_is_not_complete(void **state)
{
    struct desk_bench *bench = *state;

    bench->plan.rules.rows = DESK_LEASE_ROWS;
    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease_message done = desk_bench_done(&bench->given[0]);
    desk_bench_say(bench, 0, &done);
    assert_breaks(bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_that_failed_are_in_the_journal_before_their_lease,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_job_ends_once_more_rows_fail_than_are_allowed,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_share_of_rows_that_may_fail_counts_too,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_budget_counts_for_a_job_that_is_all_done,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(failures_of_earlier_runs_were_allowed_where_none_is_now,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(an_audit_that_agrees_changes_nothing, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(an_audit_that_differs_ends_the_job, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_last_audit_may_end_the_job_too, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_job_outlives_a_rank_that_cannot_go_on,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_last_rank_that_cannot_go_on_ends_the_job,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_failure_that_all_would_see_ends_the_job,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(rows_that_are_saved_after_the_end_count, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_lease_that_is_in_no_journal_is_not_given,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(what_the_journal_does_not_take_is_not_done,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_job_whose_last_rows_are_in_no_journal_is_not_complete,
                                        desk_bench_set_up, desk_bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
