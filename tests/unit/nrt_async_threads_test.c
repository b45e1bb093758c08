/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight threads that keep three requests each under way on each of four cores: completion by
 * poll(), errors by a tracker, order by sequence ids.
 */
#include "check.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "async_bench.h"
#include "descriptors.h"

enum {
    THREADS = 8,
    IN_FLIGHT = 3,
    SLOTS = BENCH_CORES * IN_FLIGHT,
    ROUNDS = 40,
    FAILING_EVERY = 7
};

/* One request under way. */
struct slot {
    struct twice_tensors pair;
    uint32_t nc;
    uint32_t round;
    nrta_seq_t sequence;
    int descriptor;
};

struct worker {
    pthread_t thread;
    nrt_model_t *const *models; /* one on each core */
    nrta_error_tracker_t *tracker;
    struct slot slots[SLOTS];
    nrta_seq_t last[BENCH_CORES]; /* that it scheduled there */
    size_t error_count;
    uint32_t expected_error_count;
    bool has_failed; /* assertions are the main thread's */
};

static float
number_of(const struct slot *slot)
{
    return slot->round % FAILING_EVERY == FAILING_EVERY - 1 ? RUN_GIVES_NAN
                                                            : (float)(slot->round * 10 + slot->nc);
}

/* Fills the input of a slot, and schedules; gives way while the queue is full. */
static bool
start_slot(struct worker *worker, struct slot *slot)
{
    NRT_STATUS status = NRT_QUEUE_FULL;
    float numbers[VECTOR_LENGTH];

    for (int i = 0; i < VECTOR_LENGTH; i += 1) {
        numbers[i] = number_of(slot);
    }
    if (nrt_tensor_write(slot->pair.x, numbers, 0, VECTOR_BYTES) != NRT_SUCCESS) {
        return false;
    }
    while (status == NRT_QUEUE_FULL) {
        status = nrta_execute_schedule(worker->models[slot->nc], slot->pair.inputs,
                                       slot->pair.outputs, 0, worker->tracker, &slot->sequence);
        (void)sched_yield();
    }
    bool is_in_order = slot->sequence > worker->last[slot->nc];
    worker->last[slot->nc] = slot->sequence;
    worker->expected_error_count += number_of(slot) == RUN_GIVES_NAN ? 1 : 0;
    return status == NRT_SUCCESS && is_in_order &&
           nrta_get_completion_handle(slot->sequence, &slot->descriptor) == NRT_SUCCESS;
}

/* Looks at what a completed request has left. */
static bool
check_slot(const struct slot *slot)
{
    float numbers[VECTOR_LENGTH] = {0};
    float expected = 2 * number_of(slot);
    bool is_completed = false;
    nrta_seq_t last = 0;

    bool is_right = close(slot->descriptor) == 0 &&
                    nrta_is_completed(slot->sequence, &is_completed) == NRT_SUCCESS &&
                    is_completed &&
                    nrta_get_sequence(slot->nc, NRTA_XU_COMPUTE, 0, &last) == NRT_SUCCESS &&
                    last >= slot->sequence &&
                    nrt_tensor_read(slot->pair.y, numbers, 0, VECTOR_BYTES) == NRT_SUCCESS;
    for (int i = 0; is_right && i < VECTOR_LENGTH; i += 1) {
        is_right = numbers[i] == expected;
    }
    return is_right;
}

static void
gather_errors(struct worker *worker)
{
    const nrta_error_t *errors = NULL;
    size_t count = 0;

    worker->has_failed |=
        nrta_error_tracker_get_list(worker->tracker, &errors, &count) != NRT_SUCCESS;
    for (size_t i = 0; i < count; i += 1) {
        worker->has_failed |= errors[i].error_code != NRT_EXEC_COMPLETED_WITH_NUM_ERR;
    }
    worker->error_count += count;
}

static bool
is_under_way(const struct worker *worker)
{
    bool is_any = false;

    for (int i = 0; i < SLOTS; i += 1) {
        is_any |= worker->slots[i].descriptor >= 0;
    }
    return is_any;
}

/* Waits for some of the requests, and starts the next ones. */
static void
turn_over(struct worker *worker)
{
    struct pollfd polled[SLOTS];

    for (int i = 0; i < SLOTS; i += 1) {
        polled[i] = (struct pollfd){.fd = worker->slots[i].descriptor, .events = POLLIN};
    }
    worker->has_failed |= poll(polled, SLOTS, 10000) == 0;
    for (int i = 0; i < SLOTS; i += 1) {
        struct slot *slot = &worker->slots[i];

        if ((polled[i].revents & POLLIN) != 0) {
            worker->has_failed |= !check_slot(slot);
            slot->descriptor = -1;
            slot->round += 1;
            worker->has_failed |= slot->round < ROUNDS && !start_slot(worker, slot);
        }
    }
    gather_errors(worker);
}

static void *
keep_in_flight(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < SLOTS; i += 1) {
        worker->has_failed |= !start_slot(worker, &worker->slots[i]);
    }
    while (!worker->has_failed && is_under_way(worker)) {
        turn_over(worker);
    }
    return NULL;
}

static void
prepare_worker(struct worker *worker, nrt_model_t *const *models)
{
    *worker = (struct worker){.models = models};
    assert_nrt_ok(nrta_error_tracker_create(0, &worker->tracker));
    for (uint32_t i = 0; i < SLOTS; i += 1) {
        uint32_t nc = i % BENCH_CORES;

        worker->slots[i] = (struct slot){.pair = create_pair((int)nc), .nc = nc, .descriptor = -1};
    }
}

static void
finish_worker(struct worker *worker)
{
    assert_int_equal(pthread_join(worker->thread, NULL), 0);
    assert_false(worker->has_failed);
    assert_int_equal(worker->error_count, worker->expected_error_count);
    assert_true(worker->error_count > 0);
    for (uint32_t i = 0; i < SLOTS; i += 1) {
        assert_int_equal(worker->slots[i].descriptor, -1);
        twice_tensors_destroy(&worker->slots[i].pair);
    }
    nrta_error_tracker_destroy(worker->tracker);
}

static void
eight_threads_keep_three_requests_under_way_on_each_core(void **state)
{
    static struct worker workers[THREADS];
    nrt_model_t *models[BENCH_CORES] = {NULL};
    uint32_t before = open_descriptor_count();

    for (int nc = 0; nc < BENCH_CORES; nc += 1) {
        models[nc] = load_twice(*state, nc, -1);
    }
    for (int i = 0; i < THREADS; i += 1) {
        prepare_worker(&workers[i], models);
    }
    for (int i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_create(&workers[i].thread, NULL, keep_in_flight, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i += 1) {
        finish_worker(&workers[i]);
    }
    for (uint32_t nc = 0; nc < BENCH_CORES; nc += 1) {
        nrta_seq_t last = 0;

        assert_nrt_ok(nrta_get_sequence(nc, NRTA_XU_COMPUTE, 0, &last));
        assert_int_equal(NRTA_SEQ_GET_SEQ_NUM(last), THREADS * IN_FLIGHT * ROUNDS);
        assert_nrt_ok(nrt_unload(models[nc]));
    }
    assert_true(descriptor_count_becomes(before));
}

/* A thread that fills a queue, and tries again when it is full. */
struct flooder {
    pthread_t thread;
    nrt_model_t *model;
    struct twice_tensors pair;
    nrta_seq_t last;
    uint32_t full_count;
    bool has_failed;
};

enum { FLOOD = 400 };

static void *
flood(void *argument)
{
    struct flooder *flooder = argument;
    uint32_t count = 0;

    while (count < FLOOD && !flooder->has_failed) {
        nrta_seq_t sequence = 0;
        NRT_STATUS status = nrta_execute_schedule(flooder->model, flooder->pair.inputs,
                                                  flooder->pair.outputs, 0, NULL, &sequence);

        flooder->has_failed =
            status != NRT_QUEUE_FULL && (status != NRT_SUCCESS || sequence <= flooder->last);
        if (status == NRT_QUEUE_FULL) {
            flooder->full_count += 1;
            (void)sched_yield();
        } else {
            flooder->last = sequence;
            count += 1;
        }
    }
    return NULL;
}

static void
a_flooded_queue_takes_everything_in_the_end(void **state)
{
    static struct flooder flooders[THREADS];
    nrt_model_t *model = load_twice(*state, 2, -1);
    nrta_seq_t last = 0;

    for (int i = 0; i < THREADS; i += 1) {
        flooders[i] = (struct flooder){.model = model, .pair = create_pair(2)};
        write_number(flooders[i].pair.x, 3);
        assert_int_equal(pthread_create(&flooders[i].thread, NULL, flood, &flooders[i]), 0);
    }
    for (int i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(flooders[i].thread, NULL), 0);
        assert_false(flooders[i].has_failed);
        last = flooders[i].last > last ? flooders[i].last : last;
    }
    assert_int_equal(NRTA_SEQ_GET_SEQ_NUM(last), THREADS * FLOOD);
    await(last);
    for (int i = 0; i < THREADS; i += 1) {
        assert_vector(flooders[i].pair.y, 6);
        twice_tensors_destroy(&flooders[i].pair);
    }
}

/* A thread that does everything there is until the library is closed. */
struct user {
    pthread_t thread;
    nrt_model_t *model;
    struct twice_tensors pair;
    _Atomic uint32_t *scheduled_count;
    NRT_STATUS last_status;
};

/* Schedules with a tracker and a descriptor that are given up while the request is under way. */
static NRT_STATUS
schedule_and_forget(const struct user *user)
{
    nrta_error_tracker_t *tracker = NULL;
    nrta_seq_t sequence = 0;
    int descriptor = -1;
    NRT_STATUS status = nrta_error_tracker_create(0, &tracker);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = nrta_execute_schedule(user->model, user->pair.inputs, user->pair.outputs, 0, tracker,
                                   &sequence);
    if (status == NRT_SUCCESS) {
        atomic_fetch_add(user->scheduled_count, 1);
        status = nrta_get_completion_handle(sequence, &descriptor);
    }
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    nrta_error_tracker_destroy(tracker);
    return status;
}

static void *
use_until_refused(void *argument)
{
    struct user *user = argument;

    do {
        user->last_status = schedule_and_forget(user);
    } while (user->last_status == NRT_SUCCESS || user->last_status == NRT_QUEUE_FULL);
    return NULL;
}

static void
the_library_is_closed_while_eight_threads_use_it(void **state)
{
    enum { ENOUGH = 2000 };
    struct user users[THREADS];
    _Atomic uint32_t scheduled_count = 0;
    nrt_model_t *models[BENCH_CORES] = {NULL};

    for (int nc = 0; nc < BENCH_CORES; nc += 1) {
        models[nc] = load_twice(*state, nc, -1);
    }
    for (int i = 0; i < THREADS; i += 1) {
        users[i] = (struct user){.model = models[i % BENCH_CORES],
                                 .pair = create_pair(i % BENCH_CORES),
                                 .scheduled_count = &scheduled_count};
        write_number(users[i].pair.x, i % 2 == 0 ? RUN_FAILS : 1);
        assert_int_equal(pthread_create(&users[i].thread, NULL, use_until_refused, &users[i]), 0);
    }
    while (atomic_load(&scheduled_count) < ENOUGH) {
        (void)sched_yield();
    }
    nrt_close();
    for (int i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(users[i].thread, NULL), 0);
        assert_nrt(NRT_CLOSED, users[i].last_status);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(eight_threads_keep_three_requests_under_way_on_each_core,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_flooded_queue_takes_everything_in_the_end,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(the_library_is_closed_while_eight_threads_use_it,
                                        nrt_bench_setup, nrt_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
