/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks that come, ask, are done and go, seen from the lease server. */
#include "check.h"

#include "desk_bench.h"
#include "neuron/clock.h"

static void
a_rank_joins_asks_and_gets_leases(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 1);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
    assert_int_equal(desk_bench_ask(bench, 1, 2), 2);
    assert_int_equal(bench->answer_count, 2);
    for (uint64_t i = 0; i < 2; i += 1) {
        assert_int_equal(bench->given[i].rank, 1);
        assert_int_equal(bench->given[i].kind, NEURON_LEASE_NORMAL);
        assert_int_equal(bench->given[i].rows.first, i * DESK_LEASE_ROWS);
        assert_int_equal(bench->given[i].rows.count, DESK_LEASE_ROWS);
    }
}

static void
leases_are_in_the_journal_before_the_rank_hears(void **state)
{
    struct desk_bench *bench = *state;
    const struct neuron_lease_message ask = {.kind = NEURON_LEASE_ASK, .rank = 1, .wanted = 1};

    desk_bench_start(bench);
    desk_bench_join(bench, 1);
    desk_bench_say(bench, 1, &ask);
    assert_false(desk_bench_has_line(bench, "lease "));
    assert_int_equal(desk_flushes.to_kernel, 0);
    desk_bench_settle(bench);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_GIVE), 1);
    assert_true(desk_bench_has_line(bench, "lease 0 10 1 #"));
    /* The power may take it. */
    assert_int_equal(desk_flushes.to_kernel, 1);
    assert_int_equal(desk_flushes.to_disk, 0);
}

static void
what_is_done_is_on_disk_in_the_journal(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    desk_bench_finish(bench, &bench->given[0]);
    assert_true(desk_bench_has_line(bench, "done 0 10 0 0000000000abc000:00000000 #"));
    assert_int_equal(desk_flushes.to_disk, 1);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_LEASE_ROWS);
    const struct neuron_desk_books *books = neuron_lease_desk_books(bench->desk);
    assert_int_equal(books->piece_count, 1);
    assert_int_equal(books->pieces[0].rows.count, DESK_LEASE_ROWS);
    assert_int_equal(books->pieces[0].sums[0].xxh3, 0xabc000);
}

static void
answers_are_handed_over_once(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    assert_int_equal(desk_bench_ask(bench, 0, 2), 2);
    desk_bench_settle(bench);
    assert_int_equal(bench->answer_count, 0);
    assert_int_equal(desk_bench_ask(bench, 0, 1), 1);
    assert_int_equal(bench->answer_count, 1);
}

static void
ranks_share_all_rows_and_the_job_is_complete(void **state)
{
    struct desk_bench *bench = *state;
    uint64_t rows = 0;

    desk_bench_start(bench);
    for (uint32_t i = 0; i < DESK_RANKS; i += 1) {
        desk_bench_join(bench, i);
    }
    for (uint32_t turn = 0; !neuron_lease_desk_state(bench->desk)->is_over; turn += 1) {
        assert_true(turn < 100);
        if (desk_bench_ask(bench, turn % DESK_RANKS, 1) == 1) {
            const struct neuron_lease lease = bench->given[0];

            rows += lease.rows.count;
            desk_bench_finish(bench, &lease);
        }
    }
    assert_int_equal(rows, DESK_ROWS);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->end, NEURON_SCORE_COMPLETE);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_ROWS);
    assert_string_equal(neuron_lease_desk_state(bench->desk)->text, "");
    /* All hear of it, also those that have not asked. */
    for (uint32_t i = 0; i < DESK_RANKS; i += 1) {
        assert_int_equal(desk_bench_count(bench, i, NEURON_LEASE_STOP), 1);
    }
}

static void
the_end_is_told_until_each_rank_has_left(void **state)
{
    struct desk_bench *bench = *state;
    const struct neuron_lease_message bye = {.kind = NEURON_LEASE_BYE, .rank = 1};

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS);
    desk_bench_settle(bench);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_STOP), 1);
    desk_bench_say(bench, 1, &bye);
    desk_bench_settle(bench);
    assert_int_equal(bench->answer_count, 1);
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_STOP), 1);
    assert_int_equal(bench->answers[0].message.score_end, NEURON_SCORE_COMPLETE);
    assert_int_equal(bench->answers[0].message.done_rows, DESK_ROWS);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
}

static void
a_dry_rank_hears_so(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    (void)desk_bench_ask(bench, 0, 8);
    (void)desk_bench_ask(bench, 0, 2);
    assert_int_equal(bench->given_count, 2);
    /* Nobody was measured, so that nothing is copied. */
    assert_int_equal(desk_bench_ask(bench, 1, 2), 0);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_DRY), 1);
    assert_int_equal(bench->answer_count, 1);
}

static void
no_more_leases_go_out_at_once_than_a_rank_has_room_for(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    assert_int_equal(desk_bench_ask(bench, 0, UINT32_MAX), 8);
}

static void
a_sign_of_life_is_answered(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    assert_int_equal(desk_bench_ask(bench, 0, 0), 0);
    assert_int_equal(bench->answer_count, 1);
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_WELCOME), 1);
}

static void
a_copy_that_is_done_first_makes_the_other_needless(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease slow = bench->given[0];
    for (uint32_t i = 1; i < DESK_ROWS / DESK_LEASE_ROWS; i += 1) {
        assert_int_equal(desk_bench_ask(bench, 1, 1), 1);
        desk_bench_finish(bench, &bench->given[0]);
    }
    bench->now_ns += (uint64_t)900 * NEURON_NS_PER_MS;
    assert_int_equal(desk_bench_ask(bench, 1, 1), 1);
    const struct neuron_lease copy = bench->given[0];
    assert_true(copy.is_copy);
    assert_int_equal(copy.rows.first, slow.rows.first);
    desk_bench_finish(bench, &copy);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->end, NEURON_SCORE_COMPLETE);
    /* It comes too late, and counts no more. */
    desk_bench_finish(bench, &slow);
    assert_int_equal(neuron_lease_desk_books(bench->desk)->piece_count, 10);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_ROWS);
}

static void
a_rank_drops_what_another_has_done(void **state)
{
    struct desk_bench *bench = *state;

    bench->plan.rules.rows = 40;
    desk_bench_start(bench);
    for (uint32_t i = 0; i < DESK_RANKS; i += 1) {
        desk_bench_join(bench, i);
    }
    (void)desk_bench_ask(bench, 0, 2);
    const struct neuron_lease slow = bench->given[1];
    desk_bench_finish(bench, &bench->given[0]);
    (void)desk_bench_ask(bench, 1, 1);
    desk_bench_finish(bench, &bench->given[0]);
    bench->now_ns += (uint64_t)900 * NEURON_NS_PER_MS;
    assert_int_equal(desk_bench_ask(bench, 2, 1), 1);
    assert_int_equal(desk_bench_ask(bench, 1, 1), 1);
    assert_true(bench->given[0].is_copy);
    assert_int_equal(bench->given[0].rows.first, slow.rows.first);
    desk_bench_finish(bench, &bench->given[0]);
    assert_int_equal(desk_bench_ask(bench, 0, 1), 0);
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_DROP), 1);
    assert_int_equal(bench->answers[0].message.lease.id, slow.id);
    assert_false(neuron_lease_desk_state(bench->desk)->is_over);
    /* Once is enough. */
    (void)desk_bench_ask(bench, 0, 0);
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_DROP), 0);
}

/* Makes a word of what is done wrong in one of the ways that there are; false behind the last. */
static bool
make_unsound(struct neuron_lease_message *done, int way)
{
    static struct neuron_row_failure failure = {.row = DESK_LEASE_ROWS, .stage = NEURON_BAD_RUN};

    switch (way) {
    case 0:
        done->rows.count += 1;
        return true;
    case 1:
        done->rows.first += 1;
        return true;
    case 2:
        done->sum_count = 0;
        return true;
    case 3:
        done->failure_count = 1;
        done->failures = &failure;
        return true;
    case 4:
        done->end.id += 1;
        return true;
    case 5:
        done->rank = 1;
        return true;
    default:
        return false;
    }
}

static void
unsound_words_are_left_out(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    desk_bench_join(bench, 1);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease lease = bench->given[0];
    struct neuron_lease_message done = desk_bench_done(&lease);
    for (int i = 0; make_unsound(&done, i); i += 1) {
        desk_bench_say(bench, done.rank, &done);
        assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, 0);
        done = desk_bench_done(&lease);
    }
    desk_bench_finish(bench, &lease);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_LEASE_ROWS);
    desk_bench_finish(bench, &lease); /* said twice */
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_LEASE_ROWS);
    assert_int_equal(neuron_lease_desk_books(bench->desk)->piece_count, 1);
}

static void
a_stranger_is_not_heard(void **state)
{
    struct desk_bench *bench = *state;
    static const struct {
        enum neuron_lease_message_kind kind;
        uint32_t rank;
    } words[] = {{NEURON_LEASE_ASK, 2},  {NEURON_LEASE_ASK, DESK_RANKS},
                 {NEURON_LEASE_BYE, 0},  {NEURON_LEASE_ASK, UINT32_MAX},
                 {NEURON_LEASE_FAIL, 0}, {NEURON_LEASE_DONE, 0},
                 {NEURON_LEASE_GIVE, 0}, {NEURON_LEASE_STOP, 0}};

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i += 1) {
        const struct neuron_lease_message message = {.kind = words[i].kind,
                                                     .rank = words[i].rank,
                                                     .wanted = 1,
                                                     .score_end = NEURON_SCORE_FAILED};

        desk_bench_say(bench, 2, &message);
        desk_bench_settle(bench);
        assert_int_equal(bench->answer_count, 0);
    }
    assert_false(neuron_lease_desk_state(bench->desk)->is_over);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 1);
}

/* Fails unless a hello is answered with the end of the job, which is over for that rank alone. */
static void
assert_sent_away(struct desk_bench *bench, const struct neuron_lease_message *hello,
                 const char *text)
{
    desk_bench_say(bench, 1, hello);
    desk_bench_settle(bench);
    assert_int_equal(bench->answer_count, 1);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_STOP), 1);
    assert_int_equal(bench->answers[0].message.score_end, NEURON_SCORE_FAILED);
    assert_contains(bench->answers[0].message.text, text);
    assert_int_equal(neuron_lease_desk_live_count(bench->desk), 0);
    assert_false(neuron_lease_desk_state(bench->desk)->is_over);
    assert_int_equal(desk_bench_ask(bench, 1, 1), 0);
}

static void
a_rank_with_another_job_is_sent_away(void **state)
{
    struct desk_bench *bench = *state;
    struct neuron_lease_message hello = desk_bench_hello(bench, 1);

    desk_bench_start(bench);
    hello.digest += 1;
    assert_sent_away(bench, &hello, "rank 1 on far away has another model");
    hello = desk_bench_hello(bench, 1);
    hello.world_size += 1;
    assert_sent_away(bench, &hello, "speaks of 4 ranks, and rank 0 of 3");
    hello = desk_bench_hello(bench, 1);
    hello.rank = DESK_RANKS;
    assert_sent_away(bench, &hello, "rank 3");
}

static void
a_rank_with_another_job_is_sent_away_after_the_end_too(void **state)
{
    struct desk_bench *bench = *state;
    struct neuron_lease_message hello = desk_bench_hello(bench, 1);

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    assert_int_equal(desk_bench_work_off(bench, 0), DESK_ROWS);
    hello.digest += 1;
    desk_bench_say(bench, 1, &hello);
    desk_bench_settle(bench);
    assert_int_equal(desk_bench_count(bench, 0, NEURON_LEASE_STOP), 1);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_STOP), 1);
    assert_int_equal(bench->answers[0].message.score_end, NEURON_SCORE_FAILED);
    desk_bench_settle(bench);
    assert_int_equal(desk_bench_count(bench, 1, NEURON_LEASE_STOP), 0);
}

static void
a_hello_said_twice_keeps_the_leases(void **state)
{
    struct desk_bench *bench = *state;

    desk_bench_start(bench);
    desk_bench_join(bench, 0);
    (void)desk_bench_ask(bench, 0, 1);
    const struct neuron_lease lease = bench->given[0];
    desk_bench_join(bench, 0);
    desk_bench_finish(bench, &lease);
    assert_int_equal(neuron_lease_desk_state(bench->desk)->done_rows, DESK_LEASE_ROWS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_rank_joins_asks_and_gets_leases, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(leases_are_in_the_journal_before_the_rank_hears,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(what_is_done_is_on_disk_in_the_journal, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(answers_are_handed_over_once, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(ranks_share_all_rows_and_the_job_is_complete,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(the_end_is_told_until_each_rank_has_left, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_dry_rank_hears_so, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(no_more_leases_go_out_at_once_than_a_rank_has_room_for,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_sign_of_life_is_answered, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_copy_that_is_done_first_makes_the_other_needless,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_drops_what_another_has_done, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(unsound_words_are_left_out, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_stranger_is_not_heard, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_with_another_job_is_sent_away, desk_bench_set_up,
                                        desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_rank_with_another_job_is_sent_away_after_the_end_too,
                                        desk_bench_set_up, desk_bench_tear_down),
        cmocka_unit_test_setup_teardown(a_hello_said_twice_keeps_the_leases, desk_bench_set_up,
                                        desk_bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
