/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes killed and stopped at random times under load: not a wrong row. NEURON_TEST_KILLS says
 * how many, in place of a number that takes some seconds.
 */
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "neuron/clock.h"
#include "neuron/data_parallel.h"

#include "own_children.h"
#include "parallel_bench.h"
#include "random_numbers.h"
#include "scored_batch.h"
#include "tensor_text.h"
#include "traced_model.h"

enum {
    CORES = 4,
    CALLERS = 2,
    ROWS = 403,
    CHILD_LIMIT = 32,
    FEW_KILLS = 100,
    MOST_KILLS = 100000,
    HANG_LIMIT_MS = 200,
    STOP_PATIENCE_MS = 1000, /* a process that is stopped while it loads is no run that hangs */
    STOP_SHARE = 12,         /* one in so many is stopped, the others are killed */
    PAUSE_US = 24000         /* at most between two */
};

/* What the callers do, and what came of it. */
struct load {
    struct neuron_data_parallel *parallel;
    struct scored_batch batches[CALLERS];
    struct neuron_tensor_view untouched; /* as the outputs are before a call */
    _Atomic bool is_over;
    _Atomic uint32_t done_count; /* calls without an error */
    _Atomic uint32_t poison_count;
    _Atomic uint32_t lost_count;    /* calls that ended because a process could not be replaced */
    _Atomic uint32_t other_count;   /* calls that ended for any other reason */
    _Atomic uint32_t wrong_count;   /* rows that are neither right nor untouched */
    _Atomic uint32_t missing_count; /* rows that are not right, though the call was */
};

struct caller {
    struct load *load;
    struct scored_batch *batch;
    pthread_t thread;
};

/* Looks at every row of a call that is over. */
static void
check_rows(struct load *load, const struct scored_batch *batch, bool is_done)
{
    const struct neuron_tensor_view *outputs = &batch->outputs[0];
    size_t row_bytes = (size_t)outputs->shape[1] * sizeof(float);

    for (size_t row = 0; row < ROWS; row += 1) {
        size_t first = row * row_bytes;
        const unsigned char *got = (const unsigned char *)outputs->data + first;
        const unsigned char *right = (const unsigned char *)batch->expected[0].data + first;
        const unsigned char *before = (const unsigned char *)load->untouched.data + first;

        if (memcmp(got, right, row_bytes) == 0) {
            continue;
        }
        atomic_fetch_add(&load->missing_count, is_done ? 1 : 0);
        atomic_fetch_add(&load->wrong_count, memcmp(got, before, row_bytes) == 0 ? 0 : 1);
    }
}

/* Notes how a call ended. */
static void
note_end(struct load *load, const struct scored_batch *batch, const struct neuron_error *error)
{
    if (error->status == NEURON_OK) {
        atomic_fetch_add(&load->done_count, 1);
    } else if (error->status == NEURON_PEER_LOST && strstr(error->text, "poison") != NULL) {
        atomic_fetch_add(&load->poison_count, 1);
    } else if (error->status == NEURON_SYSTEM &&
               strstr(error->text, "cannot be replaced") != NULL) {
        /* All that followed were hit while they loaded, one after the other. */
        atomic_fetch_add(&load->lost_count, 1);
    } else {
        atomic_fetch_add(&load->other_count, 1);
        (void)fprintf(stderr, "a call ended with %s\n", error->text);
    }
    check_rows(load, batch, error->status == NEURON_OK);
}

static void *
call_on_and_on(void *argument)
{
    const struct caller *caller = argument;
    struct load *load = caller->load;
    const struct neuron_tensor_view *untouched = &load->untouched;
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(untouched);

    while (!atomic_load(&load->is_over)) {
        struct neuron_error error = {.status = NEURON_OK};

        memcpy(caller->batch->outputs[0].data, untouched->data,
               neuron_tensor_shape_size_bytes(&shape));
        enum neuron_status status = scored_batch_run(caller->batch, load->parallel, &error);
        error.status = status;
        note_end(load, caller->batch, &error);
    }
    return NULL;
}

/* A process that was stopped, and is to end because of that. */
struct stopped {
    int watch; /* -1 for none */
    uint64_t until_ns;
};

/* Says whether there is a stopped process; one that nobody has missed in time is killed. */
static bool
is_one_stopped(struct stopped *stopped)
{
    struct pollfd ended = {.fd = stopped->watch, .events = POLLIN};

    if (stopped->watch >= 0 && poll(&ended, 1, 0) == 0) {
        if (neuron_clock_ns() < stopped->until_ns) {
            return true;
        }
        (void)pidfd_send_signal(stopped->watch, SIGKILL, NULL, 0);
    }
    if (stopped->watch >= 0) {
        assert_int_equal(close(stopped->watch), 0);
        stopped->watch = -1;
    }
    return false;
}

/* Kills or stops some process of this one. Returns false where there is none to hit. */
static bool
hit_one(uint64_t *random, struct stopped *stopped)
{
    pid_t children[CHILD_LIMIT] = {0};
    uint32_t count = list_children(getpid(), children, CHILD_LIMIT);
    pid_t child = count == 0 ? 0 : children[random_below(random, count)];
    /* Of this very process: its number may be another's by the time of the signal. */
    struct pollfd watch = {.fd = child == 0 ? -1 : pidfd_open(child, 0), .events = POLLIN};
    bool may_stop = !is_one_stopped(stopped) && random_below(random, STOP_SHARE) == 0;

    if (watch.fd < 0) {
        return false;
    }
    uint32_t again = list_children(getpid(), children, CHILD_LIMIT);
    bool is_own = false;
    for (uint32_t i = 0; i < again; i += 1) {
        is_own = is_own || children[i] == child;
    }
    bool is_hit = is_own && poll(&watch, 1, 0) == 0 &&
                  pidfd_send_signal(watch.fd, may_stop ? SIGSTOP : SIGKILL, NULL, 0) == 0;
    if (is_hit && may_stop) {
        *stopped = (struct stopped){.watch = watch.fd,
                                    .until_ns = neuron_clock_ns() +
                                                (uint64_t)STOP_PATIENCE_MS * NEURON_NS_PER_MS};
    } else {
        assert_int_equal(close(watch.fd), 0);
    }
    return is_hit;
}

/* Hits so many. */
static void
hit_many(uint32_t kill_count, uint64_t seed)
{
    struct stopped stopped = {.watch = -1};
    uint32_t stop_count = 0;

    for (uint32_t hits = 0; hits < kill_count;) {
        const struct timespec pause = {.tv_nsec = 1000L * random_below(&seed, PAUSE_US)};
        bool was_stopped = stopped.watch >= 0;

        (void)nanosleep(&pause, NULL);
        hits += hit_one(&seed, &stopped) ? 1 : 0;
        stop_count += !was_stopped && stopped.watch >= 0 ? 1 : 0;
    }
    while (is_one_stopped(&stopped)) {
        const struct timespec pause = {.tv_nsec = NEURON_NS_PER_MS};

        (void)nanosleep(&pause, NULL);
    }
    print_message("%u processes hit, %u of them stopped\n", kill_count, stop_count);
}

static uint32_t
wanted_kills(void)
{
    const char *text = getenv("NEURON_TEST_KILLS"); /* NOLINT(concurrency-mt-unsafe) */
    long wanted = text == NULL ? FEW_KILLS : strtol(text, NULL, 10);

    return wanted < 1 || wanted > MOST_KILLS ? FEW_KILLS : (uint32_t)wanted;
}

static void
start_load(struct load *load, struct caller *callers, const struct parallel_bench *bench)
{
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        scored_batch_create(&load->batches[i], bench->model, ROWS);
        scored_batch_expect(&load->batches[i], bench->loop);
        callers[i] = (struct caller){.load = load, .batch = &load->batches[i]};
    }
    load->untouched = neuron_tensor_view_of(&neuron_model_output(bench->model, 0)->shape, NULL);
    load->untouched.shape[0] = ROWS;
    allocate_tensor(&load->untouched);
    fill_tensor(&load->untouched, 99);
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_on_and_on, &callers[i]), 0);
    }
}

static void
end_load(struct load *load, struct caller *callers)
{
    atomic_store(&load->is_over, true);
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
    }
    print_message("%u calls done, %u with rows hit twice, %u without a process in the end\n",
                  atomic_load(&load->done_count), atomic_load(&load->poison_count),
                  atomic_load(&load->lost_count));
}

/* Nothing was wrong, and on it goes. */
static void
check_load(struct load *load)
{
    struct neuron_error error = {0};

    assert_int_equal(atomic_load(&load->wrong_count), 0);
    assert_int_equal(atomic_load(&load->missing_count), 0);
    assert_int_equal(atomic_load(&load->other_count), 0);
    assert_true(atomic_load(&load->done_count) > 0);
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        assert_ok(scored_batch_run(&load->batches[i], load->parallel, &error), &error);
        assert_true(scored_batch_is_right(&load->batches[i]));
        scored_batch_destroy(&load->batches[i]);
    }
    free_tensor(&load->untouched);
}

static void
random_kills_under_load_give_no_wrong_row(void **state)
{
    const struct neuron_data_parallel_options options = {.isolation = NEURON_ISOLATION_PROCESS,
                                                         .hang_limit_ms = HANG_LIMIT_MS};
    struct parallel_bench bench;
    struct load load = {.parallel = NULL};
    struct caller callers[CALLERS];
    struct neuron_error error = {0};
    pid_t child = 0;

    (void)state;
    parallel_bench_create(&bench, "pack:1 core:4 pu:1", CORES, load_dense_model());
    assert_ok(neuron_data_parallel_create(bench.owner.runtime, bench.model, &options,
                                          &load.parallel, &error),
              &error);
    start_load(&load, callers, &bench);
    hit_many(wanted_kills(), 20240611);
    end_load(&load, callers);
    check_load(&load);
    neuron_data_parallel_destroy(load.parallel);
    assert_int_equal(list_children(getpid(), &child, 1), 0);
    parallel_bench_destroy(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_kills_under_load_give_no_wrong_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
