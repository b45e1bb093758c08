/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <unistd.h>

#include "neuron/clock.h"
#include "neuron/process_identity.h"
#include "score/host_name.h"
#include "score/rank_roll.h"

enum { RANKS = 3, TIMEOUT_MS = 100 };

static const struct neuron_lease_peer first_peer = {.size_bytes = 3, .name = "abc"};
static const struct neuron_lease_peer other_peers[] = {
    {.size_bytes = 3, .name = "abd"}, {.size_bytes = 2, .name = "ab"}, {.size_bytes = 0}};

static struct neuron_rank_roll
make_roll(void)
{
    struct neuron_rank_roll roll = {.count = 0};
    struct neuron_error error = {0};

    assert_ok(neuron_rank_roll_create(&roll, RANKS, &error), &error);
    return roll;
}

/* This process as a rank of this host, or as one of another with the same number. */
static struct neuron_lease_message
make_hello(uint32_t rank, bool is_here)
{
    struct neuron_lease_message hello = {.kind = NEURON_LEASE_HELLO,
                                         .rank = rank,
                                         .pid = getpid(),
                                         .start_ticks = neuron_process_start_ticks(getpid()),
                                         .core_count = 2,
                                         .start_ns = 55,
                                         .cores = "4-5"};

    if (is_here) {
        neuron_host_read_name(hello.host, sizeof(hello.host));
    } else {
        (void)snprintf(hello.host, sizeof(hello.host), "elsewhere");
    }
    return hello;
}

static void
nobody_is_there_at_first(void **state)
{
    struct neuron_rank_roll roll = make_roll();

    (void)state;
    for (uint32_t i = 0; i < RANKS; i += 1) {
        assert_int_equal(roll.ranks[i].rank, i);
        assert_false(neuron_rank_roll_knows(&roll, &first_peer, i));
        assert_false(neuron_rank_roll_knows(&roll, &other_peers[2], i));
        assert_false(neuron_rank_roll_is_lost(&roll, i, UINT64_MAX, TIMEOUT_MS));
        assert_false(neuron_rank_roll_end_process(&roll, i));
    }
    neuron_rank_roll_destroy(&roll);
    neuron_rank_roll_destroy(&roll);
}

static void
a_rank_is_entered_with_what_it_said(void **state)
{
    struct neuron_rank_roll roll = make_roll();
    const struct neuron_lease_message hello = make_hello(1, false);

    (void)state;
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 7);
    assert_true(neuron_rank_roll_knows(&roll, &first_peer, 1));
    assert_false(neuron_rank_roll_knows(&roll, &first_peer, 0));
    for (size_t i = 0; i < sizeof(other_peers) / sizeof(other_peers[0]); i += 1) {
        assert_false(neuron_rank_roll_knows(&roll, &other_peers[i], 1));
    }
    assert_true(roll.ranks[1].is_alive);
    assert_string_equal(roll.ranks[1].host, "elsewhere");
    assert_string_equal(roll.ranks[1].cores, "4-5");
    assert_int_equal(roll.ranks[1].start_ns, 55);
    assert_true(roll.ranks[1].joined_ns > 0);
    assert_int_equal(roll.entries[1].round_rows, 1); /* at least */
    assert_false(roll.entries[1].is_on_this_host);
    neuron_rank_roll_destroy(&roll);
}

static void
silence_makes_a_rank_lost(void **state)
{
    struct neuron_rank_roll roll = make_roll();
    const struct neuron_lease_message hello = make_hello(0, false);
    const uint64_t end_ns = 50 + (uint64_t)TIMEOUT_MS * NEURON_NS_PER_MS;

    (void)state;
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    assert_false(neuron_rank_roll_is_lost(&roll, 0, 0, TIMEOUT_MS)); /* a clock that is behind */
    assert_false(neuron_rank_roll_is_lost(&roll, 0, end_ns, TIMEOUT_MS));
    assert_true(neuron_rank_roll_is_lost(&roll, 0, end_ns + 1, TIMEOUT_MS));
    roll.ranks[0].is_alive = false; /* once is enough */
    assert_false(neuron_rank_roll_is_lost(&roll, 0, end_ns + 1, TIMEOUT_MS));
    neuron_rank_roll_destroy(&roll);
}

static void
a_process_that_has_ended_is_lost_on_this_host_alone(void **state)
{
    struct neuron_rank_roll roll = make_roll();
    struct neuron_lease_message hello = make_hello(0, true);

    (void)state;
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    assert_true(roll.entries[0].is_on_this_host);
    assert_false(neuron_rank_roll_is_lost(&roll, 0, 60, TIMEOUT_MS));
    hello.start_ticks += 1; /* its number is another's by now */
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    assert_true(neuron_rank_roll_is_lost(&roll, 0, 60, TIMEOUT_MS));
    (void)snprintf(hello.host, sizeof(hello.host), "elsewhere");
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    assert_false(neuron_rank_roll_is_lost(&roll, 0, 60, TIMEOUT_MS));
    neuron_rank_roll_destroy(&roll);
}

/* This process would not outlive it if one of them were ended. */
static void
no_process_is_ended_that_is_not_the_ranks(void **state)
{
    struct neuron_rank_roll roll = make_roll();
    struct neuron_lease_message hello = make_hello(0, true);

    (void)state;
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    roll.entries[0].has_left = true;
    assert_false(neuron_rank_roll_end_process(&roll, 0));
    hello.start_ticks += 1;
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    assert_false(neuron_rank_roll_end_process(&roll, 0));
    hello = make_hello(0, false);
    neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
    assert_false(neuron_rank_roll_end_process(&roll, 0));
    for (int64_t pid = -1; pid <= 1; pid += 1) {
        hello = make_hello(0, true);
        hello.pid = pid;
        hello.start_ticks = neuron_process_start_ticks((pid_t)pid);
        neuron_rank_roll_enter(&roll, &first_peer, &hello, 50);
        assert_false(neuron_rank_roll_end_process(&roll, 0));
    }
    neuron_rank_roll_destroy(&roll);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_there_at_first),
        cmocka_unit_test(a_rank_is_entered_with_what_it_said),
        cmocka_unit_test(silence_makes_a_rank_lost),
        cmocka_unit_test(a_process_that_has_ended_is_lost_on_this_host_alone),
        cmocka_unit_test(no_process_is_ended_that_is_not_the_ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
