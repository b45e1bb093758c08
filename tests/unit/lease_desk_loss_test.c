/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks that die, fall silent, come back and leave, seen from the lease server. */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child_process.h"
#include "desk_bench.h"
#include "neuron/clock.h"
#include "neuron/process_identity.h"
#include "score/host_name.h"

static struct neuron_error error;

static void
look_later(struct desk_bench *bench, uint64_t later_ms)
{
    bench->now_ns += later_ms * NEURON_NS_PER_MS;
    assert_ok(neuron_lease_desk_look(bench->desk, bench->now_ns, &error), &error);
}

static struct neuron_score_report
report_of(const struct desk_bench *bench)
{
    struct neuron_score_report report = {.end_text = NULL};

    neuron_lease_desk_report(bench->desk, &report);
    return report;
}

static void
rows_of_a_silent_rank_go_to_another(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease lost = bench->given[0];
    look_later(bench, DESK_TIMEOUT_MS);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 2);
    (void)desk_bench_ask(bench, 1, 0);
    look_later(bench, 1);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
    assert_int_equal(report_of(bench).ranks[0].loss_count, 1);
    assert_int_equal(report_of(bench).ranks[1].loss_count, 0);
    assert_int_equal(desk_bench_ask(bench, 1, 1), 1);
    assert_int_equal(bench->given[0].rows.first, lost.rows.first);
    assert_int_equal(bench->given[0].kind, NEURON_LEASE_NORMAL);
    /* Looking again finds nobody new. */
    look_later(bench, 1);
    assert_int_equal(report_of(bench).ranks[0].loss_count, 1);
}

static void
a_silent_rank_that_is_back_gets_new_leases(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease old = bench->given[0];
    look_later(bench, DESK_TIMEOUT_MS + 1);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 0);
    /* What it did is of a lease that is over. */
    desk_bench_finish(bench, &old);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, 0);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
    assert_int_equal(desk_bench_ask(bench, 0, 1), 1);
    assert_true(bench->given[0].id != old.id);
    assert_int_equal(bench->given[0].rows.first, old.rows.first);
    desk_bench_finish(bench, &bench->given[0]);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_LEASE_ROWS);
    assert_int_equal(report_of(bench).rank_count, DESK_RANKS);
    assert_true(report_of(bench).ranks[0].is_alive);
}

static void
rows_that_were_lost_twice_are_suspect(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    for (uint32_t i = 0; i < 2; i += 1) {
        desk_bench_join(bench, i);
        assert_int_equal(desk_bench_ask(bench, i, 1), 1);
        assert_int_equal(bench->given[0].rows.first, 0);
        assert_int_equal(bench->given[0].kind, NEURON_LEASE_NORMAL);
        look_later(bench, DESK_TIMEOUT_MS + 1);
    }
    assert_int_equal(report_of(bench).lost_lease_count, 2);
    desk_bench_join(bench, 2);
    assert_int_equal(desk_bench_ask(bench, 2, 1), 1);
    assert_int_equal(bench->given[0].rows.first, 0);
    assert_int_equal(bench->given[0].kind, NEURON_LEASE_SUSPECT);
}

static void
a_new_process_of_a_rank_takes_its_place(void **state)
{
    struct desk_bench *bench = *state;
    const struct neuron_lease_message ask = {.kind = NEURON_LEASE_ASK, .wanted = 1};

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    const struct neuron_lease_peer old = desk_bench_peer(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    bench->life[0] += 1;
    desk_bench_join(bench, 0);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
    assert_int_equal(desk_bench_ask(bench, 0, 1), 1);
    assert_int_equal(bench->given[0].rows.first, 0);
    /* The one before is heard no more. */
    assert_ok(neuron_lease_desk_take(bench->desk, &old, &ask, bench->now_ns, &error), &error);
    desk_bench_settle(bench);
    assert_int_equal(bench->answer_count, 0);
    assert_int_equal(report_of(bench).ranks[0].loss_count, 1);
}

static void
rows_of_a_rank_that_left_are_not_suspect(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    for (uint32_t i = 0; i < DESK_RANKS; i += 1) {
        const struct neuron_lease_message bye = {.kind = NEURON_LEASE_BYE, .rank = i};

        desk_bench_join(bench, i);
        assert_int_equal(desk_bench_ask(bench, i, 1), 1);
        assert_int_equal(bench->given[0].rows.first, 0);
        assert_int_equal(bench->given[0].kind, NEURON_LEASE_NORMAL);
        desk_bench_say(bench, i, &bye);
        assert_int_equal(neuron_lease_desk_live_count(bench->desk), 0);
    }
    assert_int_equal(report_of(bench).lost_lease_count, 0);
    assert_int_equal(report_of(bench).ranks[0].loss_count, 0);
    look_later(bench, UINT64_C(100) * DESK_TIMEOUT_MS);
    assert_int_equal(report_of(bench).lost_lease_count, 0);
    assert_false(neuron_lease_desk_state(bench->desk)->is_over);
}

/* It is stopped, and told to leave twice, as messages go astray. */
static void
leases_that_were_given_back_are_not_lost_for_the_next_server(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    for (uint32_t i = 0; i < 3; i += 1) {
        const struct neuron_lease_message bye = {.kind = NEURON_LEASE_BYE, .rank = 0};

        desk_bench_join(bench, 0);
        assert_int_equal(desk_bench_ask(bench, 0, 2), 2);
        assert_int_equal(bench->given[0].kind, NEURON_LEASE_NORMAL);
        assert_int_equal(bench->given[1].kind, NEURON_LEASE_NORMAL);
        neuron_lease_desk_end(bench->desk, NEURON_SCORE_INTERRUPTED, "");
        desk_bench_say(bench, 0, &bye);
        desk_bench_settle(bench);
        desk_bench_restart(bench);
        assert_int_equal(neuron_journal_contents(bench->journal)->lost_count, 0);
    }
}

static void
leases_of_a_rank_that_died_are_lost_for_the_next_server(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    for (uint32_t i = 0; i < 3; i += 1) {
        desk_bench_join(bench, 0);
        assert_int_equal(desk_bench_ask(bench, 0, 1), 1);
        assert_int_equal(bench->given[0].rows.first, 0);
        assert_int_equal(bench->given[0].kind, i < 2 ? NEURON_LEASE_NORMAL : NEURON_LEASE_SUSPECT);
        desk_bench_restart(bench);
    }
    const struct neuron_journal_contents *contents = neuron_journal_contents(bench->journal);
    assert_int_equal(contents->lost_count, 1);
    assert_int_equal(contents->lost_counts[0], 3);
    assert_int_equal(contents->lost[0].count, DESK_LEASE_ROWS);
}

static void
the_next_server_gives_only_what_is_missing(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 3);
    const struct neuron_lease second = bench->given[1];
    struct neuron_row_failure failure = {
        .row = 15, .stage = NEURON_BAD_NAN, .attempts = 1, .reason = "output y holds a NaN"};
    struct neuron_lease_message done = desk_bench_done(&second);
    done.failures = &failure;
    done.failure_count = 1;
    desk_bench_say(bench, 0, &done);
    desk_bench_settle(bench);
    desk_bench_restart(bench);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_LEASE_ROWS);
    const struct neuron_desk_books *books = neuron_lease_desk_books(bench->desk);
    assert_int_equal(books->piece_count, 1);
    assert_int_equal(books->pieces[0].sums[0].xxh3, 0xabc000 + 10);
    assert_int_equal(books->failures.count, 1);
    assert_int_equal(books->failures.items[0].row, 15);
    assert_string_equal(books->failures.items[0].reason, "output y holds a NaN");
    desk_bench_join(bench, 0);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS - DESK_LEASE_ROWS);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->end, NEURON_SCORE_COMPLETE_WITH_ERRORS);
    assert_int_equal(report_of(bench).rows_before, DESK_LEASE_ROWS);
}

static void
a_complete_job_is_over_at_once_for_the_next_server(void **state)
{
    struct desk_bench *bench = *state;
    const struct neuron_lease_message hello = desk_bench_hello(bench, 0);

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS);
    desk_bench_restart(bench);
    assert_true(neuron_lease_desk_state(bench->desk)->is_over);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->end, NEURON_SCORE_COMPLETE);
    desk_bench_say(bench, 0, &hello);
    desk_bench_settle(bench);
    assert_int_equal(bench->answer_count, 1);
    assert_int_equal(bench->answers[0].message.kind, NEURON_LEASE_STOP);
    assert_int_equal(bench->answers[0].message.done_rows, DESK_ROWS);
}

static void
await_order(const struct child_side *side, const void *argument)
{
    (void)argument;
    (void)child_side_wait(side);
}

/* A rank that is a real process of this host. */
static void
join_process(struct desk_bench *bench, uint32_t rank, pid_t pid)
{
    struct neuron_lease_message hello = desk_bench_hello(bench, rank);

    neuron_host_read_name(hello.host, sizeof(hello.host));
    hello.pid = pid;
    hello.start_ticks = neuron_process_start_ticks(pid);
    desk_bench_say(bench, rank, &hello);
    desk_bench_settle(bench);
    assert_int_equal(desk_bench_count(bench, rank, NEURON_LEASE_WELCOME), 1);
}

static void
the_death_of_a_process_of_this_host_is_seen_at_once(void **state)
{
    struct desk_bench *bench = *state;
    struct child_process child = {.pid = 0};

    child_process_start(&child, await_order, NULL);
    desk_bench_start(bench);
    join_process(bench, 1, child.pid);
    look_later(bench, 1);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
    child_process_kill(&child);
    look_later(bench, 1);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 0);
    assert_int_equal(report_of(bench).ranks[1].loss_count, 1);
    (void)child_process_finish(&child);
}

static void
a_stopped_process_is_ended_with_a_complete_job(void **state)
{
    struct desk_bench *bench = *state;
    struct child_process child = {.pid = 0};
    int status = 0;

    child_process_start(&child, await_order, NULL);
    assert_int_equal(kill(child.pid, SIGSTOP), 0);
    desk_bench_start(bench);
    join_process(bench, 1, child.pid);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 1, 1);
    neuron_lease_desk_end_silent(bench->desk);
    assert_int_equal(waitpid(child.pid, &status, WNOHANG), 0); /* it is not silent yet */
    look_later(bench, DESK_TIMEOUT_MS + 1);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->end, NEURON_SCORE_COMPLETE);
    neuron_lease_desk_end_silent(bench->desk);
    siginfo_t end = {.si_pid = 0};
    assert_int_equal(waitid(P_PID, (id_t)child.pid, &end, WEXITED | WNOWAIT), 0);
    assert_int_equal(end.si_code, CLD_KILLED);
    assert_int_equal(end.si_status, SIGKILL);
    child_process_kill(&child);
    (void)child_process_finish(&child);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_of_a_silent_rank_go_to_another, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_silent_rank_that_is_back_gets_new_leases,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(rows_that_were_lost_twice_are_suspect, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_new_process_of_a_rank_takes_its_place, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(rows_of_a_rank_that_left_are_not_suspect, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(
            leases_that_were_given_back_are_not_lost_for_the_next_server, desk_bench_set_up,
            desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(leases_of_a_rank_that_died_are_lost_for_the_next_server,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_next_server_gives_only_what_is_missing,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_complete_job_is_over_at_once_for_the_next_server,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_death_of_a_process_of_this_host_is_seen_at_once,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_stopped_process_is_ended_with_a_complete_job,
                                        desk_bench_set_up, desk_bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
