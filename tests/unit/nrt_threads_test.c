/* SPDX-License-Identifier: Apache-2.0 */
/* Several threads at once, with the same handles, some of which go meanwhile. */
#include "nrt_bench.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "nrt_models.h"

enum { THREAD_COUNT = 4, ROUNDS = 200 };

/* What a thread works on; the statuses are judged by the test. */
struct worker {
    nrt_model_t *model;
    struct twice_tensors tensors;
    atomic_int *started;
    NRT_STATUS unexpected; /* the first status that none of the expected ones is */
    int run_count;
};

static void
note(struct worker *worker, NRT_STATUS status, NRT_STATUS expected)
{
    if (status != NRT_SUCCESS && status != expected && worker->unexpected == NRT_SUCCESS) {
        worker->unexpected = status;
    }
    worker->run_count += status == NRT_SUCCESS;
}

static void
start_threads(pthread_t *threads, struct worker *workers, void *(*body)(void *))
{
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_create(&threads[i], NULL, body, &workers[i]), 0);
    }
}

static void
join_threads(const pthread_t *threads)
{
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

static void *
run_often(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < ROUNDS; i += 1) {
        note(worker, nrt_execute(worker->model, worker->tensors.inputs, worker->tensors.outputs),
             NRT_SUCCESS);
    }
    return NULL;
}

static void
threads_run_one_model_on_all_its_replicas(void **state)
{
    struct worker workers[THREAD_COUNT] = {{.model = NULL}};
    pthread_t threads[THREAD_COUNT];
    nrt_model_t *model = load_neff(twice_neff(*state), 0, 4);

    for (int i = 0; i < THREAD_COUNT; i += 1) {
        workers[i].model = model;
        twice_tensors_create(&workers[i].tensors, i, (float)i);
    }
    start_threads(threads, workers, run_often);
    join_threads(threads);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_nrt_ok(workers[i].unexpected);
        assert_int_equal(workers[i].run_count, ROUNDS);
        assert_vector(workers[i].tensors.y, 2.0F * (float)i);
        assert_nrt_ok(nrt_tensor_check_output_completion(workers[i].tensors.y, 0, ROUNDS));
        twice_tensors_destroy(&workers[i].tensors);
    }
    assert_nrt_ok(nrt_unload(model));
}

/* Runs until the model is gone, or the runtime is closed. */
static void *
run_until_refused(void *argument)
{
    struct worker *worker = argument;
    NRT_STATUS status = NRT_SUCCESS;

    while (status == NRT_SUCCESS) {
        status = nrt_execute(worker->model, worker->tensors.inputs, worker->tensors.outputs);
        note(worker, status, NRT_INVALID_HANDLE);
        atomic_fetch_add(worker->started, 1);
    }
    return NULL;
}

static void
wait_until_started(const atomic_int *started)
{
    while (atomic_load(started) < 2 * THREAD_COUNT) {
        (void)sched_yield();
    }
}

static void
unload_waits_for_the_runs_of_other_threads(void **state)
{
    struct worker workers[THREAD_COUNT] = {{.model = NULL}};
    pthread_t threads[THREAD_COUNT];
    nrt_model_t *model = load_neff(twice_neff(*state), 0, 2);
    atomic_int started = 0;

    for (int i = 0; i < THREAD_COUNT; i += 1) {
        workers[i].model = model;
        workers[i].started = &started;
        twice_tensors_create(&workers[i].tensors, i % 2, 1.0F);
    }
    start_threads(threads, workers, run_until_refused);
    wait_until_started(&started);
    assert_nrt_ok(nrt_unload(model));
    join_threads(threads);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_nrt_ok(workers[i].unexpected);
        twice_tensors_destroy(&workers[i].tensors);
    }
}

static void
close_waits_for_the_calls_of_other_threads(void **state)
{
    struct worker workers[THREAD_COUNT] = {{.model = NULL}};
    pthread_t threads[THREAD_COUNT];
    nrt_model_t *model = load_neff(twice_neff(*state), 0, 4);
    atomic_int started = 0;

    for (int i = 0; i < THREAD_COUNT; i += 1) {
        workers[i].model = model;
        workers[i].started = &started;
        twice_tensors_create(&workers[i].tensors, i, 1.0F);
    }
    start_threads(threads, workers, run_until_refused);
    wait_until_started(&started);
    nrt_close();
    join_threads(threads);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_nrt(NRT_CLOSED, workers[i].unexpected);
    }
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

/* Makes tensors, slices and sets, and frees them, as often as it goes. */
static void *
make_and_free(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < ROUNDS; i += 1) {
        nrt_tensor_t *slice = NULL;
        nrt_tensor_set_t *set = NULL;
        float number = 0.0F;

        note(worker, nrt_tensor_allocate_slice(worker->tensors.x, 4, 8, "slice", &slice),
             NRT_SUCCESS);
        note(worker, nrt_tensor_read(slice, &number, 4, 4), NRT_SUCCESS);
        note(worker, nrt_allocate_tensor_set(&set), NRT_SUCCESS);
        note(worker, nrt_add_tensor_to_tensor_set(set, "x", slice), NRT_SUCCESS);
        nrt_tensor_free(&slice);
        nrt_destroy_tensor_set(&set);
    }
    return NULL;
}

static void
objects_come_and_go_in_all_threads(void **state)
{
    struct worker workers[THREAD_COUNT] = {{.model = NULL}};
    struct twice_tensors shared = {.x = NULL};
    pthread_t threads[THREAD_COUNT];

    (void)state;
    twice_tensors_create(&shared, 0, 1.0F);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        workers[i].tensors = shared;
    }
    start_threads(threads, workers, make_and_free);
    join_threads(threads);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_nrt_ok(workers[i].unexpected);
        assert_int_equal(workers[i].run_count, 4 * ROUNDS);
    }
    twice_tensors_destroy(&shared);
}

/* Runs with tensors that another thread replaces in the sets, and frees. */
static void *
run_with_replaced(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < ROUNDS; i += 1) {
        note(worker, nrt_execute(worker->model, worker->tensors.inputs, worker->tensors.outputs),
             NRT_INVALID);
        atomic_fetch_add(worker->started, 1);
    }
    return NULL;
}

/* Puts new tensors into a set that others use, and frees the former ones before or after. */
static void
replace_until(struct twice_tensors *shared, const atomic_int *started, int run_count)
{
    for (int i = 0; atomic_load(started) < run_count; i += 1) {
        nrt_tensor_t *former = shared->x;

        shared->x = vector_of(0, 1.0F);
        if (i % 2 == 0) {
            nrt_tensor_free(&former);
        }
        assert_nrt_ok(nrt_add_tensor_to_tensor_set(shared->inputs, "x", shared->x));
        nrt_tensor_free(&former);
    }
}

static void
tensors_are_freed_under_runs(void **state)
{
    struct worker workers[THREAD_COUNT] = {{.model = NULL}};
    struct twice_tensors shared = {.x = NULL};
    pthread_t threads[THREAD_COUNT];
    nrt_model_t *model = load_neff(twice_neff(*state), 0, 4);
    atomic_int started = 0;

    twice_tensors_create(&shared, 0, 1.0F);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        workers[i].model = model;
        workers[i].started = &started;
        workers[i].tensors.inputs = shared.inputs;
        workers[i].tensors.y = vector_of(0, 0.0F);
        workers[i].tensors.outputs = set_of("y", workers[i].tensors.y);
    }
    start_threads(threads, workers, run_with_replaced);
    replace_until(&shared, &started, THREAD_COUNT * ROUNDS);
    join_threads(threads);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_nrt_ok(workers[i].unexpected);
        nrt_tensor_free(&workers[i].tensors.y);
        nrt_destroy_tensor_set(&workers[i].tensors.outputs);
    }
    twice_tensors_destroy(&shared);
    assert_nrt_ok(nrt_unload(model));
}

static void *
wait_for_completion(void *argument)
{
    struct worker *worker = argument;

    atomic_fetch_add(worker->started, 1);
    worker->unexpected = nrt_tensor_check_output_completion(worker->tensors.y, -1, 3);
    return NULL;
}

/* Starts the waiting threads of one tensor, and returns when they are on their way. */
static void
start_waiting(pthread_t *threads, struct worker *workers, const struct twice_tensors *tensors,
              atomic_int *started)
{
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        workers[i].tensors = *tensors;
        workers[i].started = started;
    }
    start_threads(threads, workers, wait_for_completion);
    while (atomic_load(started) < THREAD_COUNT) {
        (void)sched_yield();
    }
}

static void
who_waits_for_completions_is_woken(void **state)
{
    struct worker workers[THREAD_COUNT] = {{.model = NULL}};
    struct twice_tensors tensors = {.x = NULL};
    pthread_t threads[THREAD_COUNT];
    nrt_model_t *model = load_neff(twice_neff(*state), 0, -1);
    atomic_int started = 0;

    twice_tensors_create(&tensors, 0, 1.0F);
    start_waiting(threads, workers, &tensors, &started);
    for (int i = 0; i < 3; i += 1) {
        assert_nrt_ok(nrt_execute(model, tensors.inputs, tensors.outputs));
    }
    join_threads(threads);
    for (int i = 0; i < THREAD_COUNT; i += 1) {
        assert_nrt_ok(workers[i].unexpected);
    }
    twice_tensors_destroy(&tensors);
    assert_nrt_ok(nrt_unload(model));
}

static void
who_waits_learns_that_the_tensor_was_freed_or_all_is_closed(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round += 1) {
        struct worker workers[THREAD_COUNT] = {{.model = NULL}};
        struct twice_tensors tensors = {.x = NULL};
        pthread_t threads[THREAD_COUNT];
        atomic_int started = 0;

        twice_tensors_create(&tensors, 0, 1.0F);
        start_waiting(threads, workers, &tensors, &started);
        if (round == 0) {
            twice_tensors_destroy(&tensors);
        } else {
            nrt_close();
        }
        join_threads(threads);
        for (int i = 0; i < THREAD_COUNT; i += 1) {
            assert_nrt(round == 0 ? NRT_INVALID_HANDLE : NRT_CLOSED, workers[i].unexpected);
        }
    }
    assert_nrt_ok(nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", ""));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_run_one_model_on_all_its_replicas),
        cmocka_unit_test(unload_waits_for_the_runs_of_other_threads),
        cmocka_unit_test(close_waits_for_the_calls_of_other_threads),
        cmocka_unit_test(objects_come_and_go_in_all_threads),
        cmocka_unit_test(tensors_are_freed_under_runs),
        cmocka_unit_test(who_waits_for_completions_is_woken),
        cmocka_unit_test(who_waits_learns_that_the_tensor_was_freed_or_all_is_closed),
    };

    return cmocka_run_group_tests(tests, nrt_bench_setup, nrt_bench_teardown);
}
