/* SPDX-License-Identifier: Apache-2.0 */
/* Cores that wait for one another: no moment begins before the one before it is over, and a run
   that is over holds nobody. */
#include "engine/gang.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

enum { MEMBERS = 3, RUNS = 200, MOMENTS = 20, ARENA = 5000, LATE_NS = 5000000 };

struct gang_bench {
    struct neuron_gang *gang;
    struct neuron_gang_run runs[RUNS];
    _Atomic uint32_t places[MOMENTS]; /* how many members have been in the moment, in all runs */
    _Atomic uint32_t wrong_count;
    bool is_slow; /* member 0 is late in each run, so that the others fall asleep */
};

struct member {
    pthread_t thread;
    struct gang_bench *bench;
    uint32_t core;
    uint32_t given_up_count;
};

static int
begin_test(void **state)
{
    const struct neuron_charge charge = {.owner = "a test"};
    struct gang_bench *bench = calloc(1, sizeof(*bench));
    struct neuron_error error = {0};

    assert_non_null(bench);
    assert_ok(neuron_gang_create(MEMBERS, ARENA, &charge, &bench->gang, &error), &error);
    for (uint64_t i = 0; i < RUNS; i += 1) {
        bench->runs[i].number = i + 1;
    }
    *state = bench;
    return 0;
}

static int
end_test(void **state)
{
    struct gang_bench *bench = *state;

    neuron_gang_destroy(bench->gang);
    free(bench);
    return 0;
}

/* Is late on purpose. */
static void
come_late(void)
{
    const struct timespec time = {.tv_nsec = LATE_NS};

    (void)nanosleep(&time, NULL);
}

/* Goes through the moments of a run; each is everybody's. */
static void
take_part(struct member *member, uint32_t run)
{
    struct gang_bench *bench = member->bench;
    const struct neuron_gang_run *gang_run = &bench->runs[run];
    uint32_t moment = 0;

    neuron_gang_reach(bench->gang, gang_run, member->core, 0);
    while (moment < MOMENTS && neuron_gang_await(bench->gang, gang_run, member->core, moment)) {
        /* Everybody was in the moment before, and nobody is in the next one. */
        if (moment > 0 && atomic_load(&bench->places[moment - 1]) != MEMBERS * (run + 1)) {
            atomic_fetch_add(&bench->wrong_count, 1);
        }
        atomic_fetch_add(&bench->places[moment], 1);
        moment += 1;
        neuron_gang_reach(bench->gang, gang_run, member->core, moment);
    }
    member->given_up_count += moment < MOMENTS ? 1 : 0;
    neuron_gang_leave(bench->gang, gang_run, member->core);
}

static void *
run_all(void *argument)
{
    struct member *member = argument;
    uint32_t runs = member->bench->is_slow ? 3 : RUNS;

    for (uint32_t i = 0; i < runs; i += 1) {
        if (member->bench->is_slow && member->core == 0) {
            come_late();
        }
        take_part(member, i);
    }
    return NULL;
}

static void
run_members(struct gang_bench *bench, struct member members[MEMBERS])
{
    for (uint32_t i = 0; i < MEMBERS; i += 1) {
        members[i] = (struct member){.bench = bench, .core = i};
        assert_int_equal(pthread_create(&members[i].thread, NULL, run_all, &members[i]), 0);
    }
    for (uint32_t i = 0; i < MEMBERS; i += 1) {
        assert_int_equal(pthread_join(members[i].thread, NULL), 0);
        assert_int_equal(members[i].given_up_count, 0);
    }
    assert_int_equal(atomic_load(&bench->wrong_count), 0);
}

static void
no_moment_begins_before_the_last_one_is_over(void **state)
{
    struct gang_bench *bench = *state;
    struct member members[MEMBERS];

    run_members(bench, members);
    for (uint32_t i = 0; i < MOMENTS; i += 1) {
        assert_int_equal(atomic_load(&bench->places[i]), MEMBERS * RUNS);
    }
}

static void
members_that_sleep_are_woken(void **state)
{
    struct gang_bench *bench = *state;
    struct member members[MEMBERS];

    bench->is_slow = true;
    run_members(bench, members);
}

static void *
take_part_in_the_first(void *argument)
{
    take_part(argument, 0);
    return NULL;
}

static void
a_run_that_is_given_up_holds_nobody(void **state)
{
    struct gang_bench *bench = *state;
    struct member members[2];

    for (uint32_t i = 0; i < 2; i += 1) {
        members[i] = (struct member){.bench = bench, .core = i};
        assert_int_equal(
            pthread_create(&members[i].thread, NULL, take_part_in_the_first, &members[i]), 0);
    }
    /* Whether they wait by now or not: the third one never comes. */
    neuron_gang_give_up(bench->gang, &bench->runs[0]);
    for (uint32_t i = 0; i < 2; i += 1) {
        assert_int_equal(pthread_join(members[i].thread, NULL), 0);
        assert_int_equal(members[i].given_up_count, 1);
    }
    assert_int_equal(atomic_load(&bench->places[0]), 0);
}

static void
a_later_run_counts_as_having_left_the_one_before(void **state)
{
    struct gang_bench *bench = *state;

    neuron_gang_reach(bench->gang, &bench->runs[1], 1, 0);
    neuron_gang_leave(bench->gang, &bench->runs[0], 2);
    assert_true(neuron_gang_await(bench->gang, &bench->runs[0], 0, MOMENTS));
}

static void
the_arena_is_padded_and_aligned(void **state)
{
    struct gang_bench *bench = *state;

    assert_true(neuron_gang_arena_bytes(bench->gang) >= ARENA);
    assert_int_equal((uintptr_t)neuron_gang_arena(bench->gang) % 4096, 0);
    memset(neuron_gang_arena(bench->gang), 1, neuron_gang_arena_bytes(bench->gang));
}

static void
an_arena_that_does_not_fit_is_refused(void **state)
{
    const struct neuron_charge charge = {.owner = "a test"};
    struct neuron_gang *gang = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_OUT_OF_MEMORY,
                  neuron_gang_create(2, SIZE_MAX - 10, &charge, &gang, &error), &error);
    assert_null(gang);
    neuron_gang_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_moment_begins_before_the_last_one_is_over, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(members_that_sleep_are_woken, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_run_that_is_given_up_holds_nobody, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_later_run_counts_as_having_left_the_one_before,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(the_arena_is_padded_and_aligned, begin_test, end_test),
        cmocka_unit_test(an_arena_that_does_not_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
