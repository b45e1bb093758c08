/* SPDX-License-Identifier: Apache-2.0 */
/* Completions alone, counted down by plain threads. */
#include "neuron/executor.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "check.h"
#include "thread_state.h"

enum { WORKERS = 3, ROUNDS = 300, LIVES = 20000 };

static struct neuron_completion *
create_completion(void)
{
    struct neuron_completion *completion = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_completion_create(&completion, &error), &error);
    return completion;
}

/* One worker: counts each completion down that it finds in its slot, until it finds itself. */
struct worker {
    pthread_t thread;
    _Atomic(struct neuron_completion *) slot;
    _Atomic bool is_over;
    pid_t sleeper;        /* who shall fall asleep before the count down; 0 for nobody */
    _Atomic bool is_late; /* he did not */
    int written;          /* before each count down, without an atomic */
};

static void *
count_down_what_comes(void *argument)
{
    struct worker *worker = argument;

    while (!atomic_load(&worker->is_over)) {
        struct neuron_completion *completion = atomic_exchange(&worker->slot, NULL);

        if (completion == NULL) {
            (void)sched_yield();
            continue;
        }
        if (worker->sleeper != 0 && !thread_falls_asleep(worker->sleeper)) {
            atomic_store(&worker->is_late, true);
        }
        worker->written += 1;
        neuron_completion_count_down(completion);
    }
    return NULL;
}

static void
start_workers(struct worker *workers, unsigned count, pid_t sleeper)
{
    for (unsigned i = 0; i < count; i += 1) {
        workers[i].sleeper = sleeper;
        assert_int_equal(
            pthread_create(&workers[i].thread, NULL, count_down_what_comes, &workers[i]), 0);
    }
}

static void
stop_workers(struct worker *workers, unsigned count)
{
    for (unsigned i = 0; i < count; i += 1) {
        atomic_store(&workers[i].is_over, true);
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_false(atomic_load(&workers[i].is_late));
    }
}

/* Has every worker count a completion down once, and waits; says how many writes are visible. */
static int
run_round(struct worker *workers, unsigned count, struct neuron_completion *completion)
{
    int written = 0;

    neuron_completion_arm(completion, count);
    for (unsigned i = 0; i < count; i += 1) {
        atomic_store(&workers[i].slot, completion);
    }
    neuron_completion_wait(completion);
    for (unsigned i = 0; i < count; i += 1) {
        written += workers[i].written;
    }
    return written;
}

static void
a_new_completion_is_complete(void **state)
{
    struct neuron_completion *completion = create_completion();

    (void)state;
    neuron_completion_wait(completion);
    neuron_completion_destroy(completion);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_completion_destroy(NULL);
}

static void
a_completion_armed_for_nothing_stays_complete(void **state)
{
    struct neuron_completion *completion = create_completion();

    (void)state;
    neuron_completion_arm(completion, 0);
    neuron_completion_wait(completion);
    neuron_completion_destroy(completion);
}

static void
a_completion_is_armed_again_and_again(void **state)
{
    struct neuron_completion *completion = create_completion();

    (void)state;
    for (uint32_t i = 1; i < 100; i += 1) {
        neuron_completion_arm(completion, i);
        for (uint32_t counted = 0; counted < i; counted += 1) {
            neuron_completion_count_down(completion);
        }
        neuron_completion_wait(completion);
    }
    neuron_completion_destroy(completion);
}

static void
wait_returns_after_every_thread_has_counted_down(void **state)
{
    struct worker workers[WORKERS] = {0};
    struct neuron_completion *completion = create_completion();

    (void)state;
    start_workers(workers, WORKERS, 0);
    for (int round = 1; round <= ROUNDS; round += 1) {
        assert_int_equal(run_round(workers, WORKERS, completion), round * WORKERS);
    }
    stop_workers(workers, WORKERS);
    neuron_completion_destroy(completion);
}

static void
a_waiter_that_fell_asleep_is_woken(void **state)
{
    struct worker workers[WORKERS] = {0};
    struct neuron_completion *completion = create_completion();

    (void)state;
    start_workers(workers, WORKERS, gettid());
    for (int round = 1; round <= ROUNDS / 10; round += 1) {
        assert_int_equal(run_round(workers, WORKERS, completion), round * WORKERS);
    }
    stop_workers(workers, WORKERS);
    neuron_completion_destroy(completion);
}

struct waiter {
    pthread_t thread;
    _Atomic pid_t number; /* 0 until it runs */
    struct neuron_completion *completion;
};

static void *
wait_for_it(void *argument)
{
    struct waiter *waiter = argument;

    atomic_store(&waiter->number, gettid());
    neuron_completion_wait(waiter->completion);
    return NULL;
}

static void
start_waiter(struct waiter *waiter, struct neuron_completion *completion)
{
    waiter->completion = completion;
    assert_int_equal(pthread_create(&waiter->thread, NULL, wait_for_it, waiter), 0);
    while (atomic_load(&waiter->number) == 0) {
        (void)sched_yield();
    }
    assert_true(thread_falls_asleep(atomic_load(&waiter->number)));
}

static void
every_waiter_is_woken(void **state)
{
    struct waiter waiters[WORKERS] = {0};
    struct neuron_completion *completion = create_completion();

    (void)state;
    neuron_completion_arm(completion, 1);
    for (unsigned i = 0; i < WORKERS; i += 1) {
        start_waiter(&waiters[i], completion);
    }
    neuron_completion_count_down(completion);
    for (unsigned i = 0; i < WORKERS; i += 1) {
        assert_int_equal(pthread_join(waiters[i].thread, NULL), 0);
    }
    neuron_completion_destroy(completion);
}

static void
only_the_last_count_wakes_a_sleeper(void **state)
{
    struct waiter waiter = {0};
    struct neuron_completion *completion = create_completion();

    (void)state;
    neuron_completion_arm(completion, WORKERS);
    start_waiter(&waiter, completion);
    for (unsigned i = 1; i < WORKERS; i += 1) {
        neuron_completion_count_down(completion);
        assert_true(thread_falls_asleep(waiter.number));
    }
    assert_int_equal(pthread_tryjoin_np(waiter.thread, NULL), EBUSY);
    neuron_completion_count_down(completion);
    assert_int_equal(pthread_join(waiter.thread, NULL), 0);
    neuron_completion_destroy(completion);
}

/* Each completion lives for one wait only: a late touch hits freed memory, or the next one. */
static void
run_lives(struct worker *workers, unsigned count, int lives)
{
    for (int life = 1; life <= lives; life += 1) {
        struct neuron_completion *completion = create_completion();

        assert_int_equal(run_round(workers, count, completion), life * (int)count);
        neuron_completion_destroy(completion);
    }
}

static void
a_completion_may_be_destroyed_right_after_wait(void **state)
{
    struct worker workers[WORKERS] = {0};

    (void)state;
    start_workers(workers, WORKERS, 0);
    run_lives(workers, WORKERS, LIVES / 10);
    stop_workers(workers, WORKERS);
}

static void
a_completion_may_be_destroyed_right_after_its_waiter_woke(void **state)
{
    struct worker worker = {0};

    (void)state;
    start_workers(&worker, 1, gettid());
    run_lives(&worker, 1, LIVES / 200);
    stop_workers(&worker, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_completion_is_complete),
        cmocka_unit_test(destroy_accepts_nothing),
        cmocka_unit_test(a_completion_armed_for_nothing_stays_complete),
        cmocka_unit_test(a_completion_is_armed_again_and_again),
        cmocka_unit_test(wait_returns_after_every_thread_has_counted_down),
        cmocka_unit_test(a_waiter_that_fell_asleep_is_woken),
        cmocka_unit_test(every_waiter_is_woken),
        cmocka_unit_test(only_the_last_count_wakes_a_sleeper),
        cmocka_unit_test(a_completion_may_be_destroyed_right_after_wait),
        cmocka_unit_test(a_completion_may_be_destroyed_right_after_its_waiter_woke),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
