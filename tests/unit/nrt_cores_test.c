/* SPDX-License-Identifier: Apache-2.0 */
/* Models for several cores through the Neuron runtime interface. */
#include "nrt_bench.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "nrt/nrt_async.h"

#include "descriptors.h"
#include "nrt_models.h"

enum { SCHEDULED = 40, FAILING = 7, NOT_THERE = VECTOR_LENGTH, THREADS = 4, RUNS = 30 };

/* The tensors of one run. */
struct call {
    nrt_tensor_t *x;
    nrt_tensor_t *which;
    nrt_tensor_t *y;
    nrt_tensor_set_t *inputs;
    nrt_tensor_set_t *outputs;
};

static struct call
create_call(int vnc, float number, int32_t which)
{
    struct call call = {.x = vector_of(vnc, number), .y = vector_of(vnc, 0.0F)};

    assert_nrt_ok(
        nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_DEVICE, vnc, sizeof(which), "which", &call.which));
    assert_nrt_ok(nrt_tensor_write(call.which, &which, 0, sizeof(which)));
    call.inputs = set_of("x", call.x);
    assert_nrt_ok(nrt_add_tensor_to_tensor_set(call.inputs, "which", call.which));
    call.outputs = set_of("y", call.y);
    return call;
}

static void
destroy_call(struct call *call)
{
    nrt_destroy_tensor_set(&call->inputs);
    nrt_destroy_tensor_set(&call->outputs);
    nrt_tensor_free(&call->x);
    nrt_tensor_free(&call->which);
    nrt_tensor_free(&call->y);
}

static uint32_t
core_count_of(const nrt_model_t *model)
{
    uint32_t count = 0;

    assert_nrt_ok(nrt_get_model_nc_count(model, &count));
    return count;
}

static void
a_model_takes_as_many_cores_as_it_is_compiled_for(void **state)
{
    uint32_t instances = 0;

    for (uint32_t cores = 2; cores <= 4; cores += 1) {
        nrt_model_t *model = load_neff(staged_neff(*state, cores), -1, -1);
        struct call call = create_call(0, 3.0F, 2);

        assert_int_equal(core_count_of(model), cores);
        assert_nrt_ok(nrt_execute(model, call.inputs, call.outputs));
        assert_vector(call.y, 9.0F);
        assert_nrt_ok(nrt_unload(model));
        destroy_call(&call);
    }
    nrt_model_t *model = load_neff(staged_neff(*state, 2), 0, 4);
    assert_int_equal(core_count_of(model), 4);
    assert_nrt_ok(nrt_get_model_instance_count(model, &instances));
    assert_int_equal(instances, 2);
    assert_nrt_ok(nrt_unload(model));
}

static void
tensors_may_be_near_any_core_of_the_model(void **state)
{
    nrt_model_t *model = load_neff(staged_neff(*state, 2), 1, 2);
    struct call near = create_call(2, 3.0F, 2);
    struct call far = create_call(3, 3.0F, 2);

    assert_nrt_ok(nrt_execute(model, near.inputs, near.outputs));
    assert_vector(near.y, 9.0F);
    assert_nrt(NRT_INVALID, nrt_execute(model, far.inputs, far.outputs));
    assert_nrt_ok(nrt_unload(model));
    destroy_call(&near);
    destroy_call(&far);
}

/* Tries to load the bytes, which it frees. */
static NRT_STATUS
try_to_load(struct neff neff, int32_t vnc, int32_t vnc_count)
{
    nrt_model_t *model = NULL;
    NRT_STATUS status = nrt_load(neff.bytes, neff.size_bytes, vnc, vnc_count, &model);

    assert_null(model);
    free(neff.bytes);
    return status;
}

static void
cores_that_are_too_few_are_refused(void **state)
{
    assert_nrt(NRT_LOAD_NOT_ENOUGH_NC, try_to_load(staged_neff(*state, 2), 0, 1));
    assert_logged(*state, "vnc_count is 1, and the model staged takes 2 cores");
    assert_nrt(NRT_LOAD_NOT_ENOUGH_NC, try_to_load(staged_neff(*state, 2), 3, -1));
    assert_logged(*state, "2 cores from vnc 3 on are asked for");
    assert_nrt(NRT_INVALID, try_to_load(staged_neff(*state, 2), 0, 3));
    assert_logged(*state, "nc_count 3 is no multiple of the 2 cores");
}

static void
a_failure_names_stage_and_core_in_the_log(void **state)
{
    nrt_model_t *model = load_neff(staged_neff(*state, 2), 1, -1);
    struct call failing = create_call(1, 3.0F, NOT_THERE);
    struct call good = create_call(1, 5.0F, 0);

    assert_int_not_equal(nrt_execute(model, failing.inputs, failing.outputs), NRT_SUCCESS);
    assert_logged(*state, "stage 2 of 2 on nc:2: ");
    assert_nrt_ok(nrt_execute(model, good.inputs, good.outputs));
    assert_vector(good.y, 15.0F);
    assert_nrt_ok(nrt_unload(model));
    destroy_call(&failing);
    destroy_call(&good);
}

/* Waits for a request. */
static void
await(nrta_seq_t sequence)
{
    int descriptor = -1;

    assert_nrt_ok(nrta_get_completion_handle(sequence, &descriptor));
    assert_true(becomes_readable(descriptor));
    assert_int_equal(close(descriptor), 0);
}

/* Fails the test unless exactly the failing requests are in the tracker. */
static void
check_errors(nrta_error_tracker_t *tracker, const nrta_seq_t *sequences)
{
    const nrta_error_t *errors = NULL;
    size_t count = 0;

    assert_nrt_ok(nrta_error_tracker_get_list(tracker, &errors, &count));
    assert_int_equal(count, (SCHEDULED + FAILING - 1) / FAILING);
    for (size_t i = 0; i < count; i += 1) {
        size_t index = 0;

        while (index < SCHEDULED && sequences[index] != errors[i].seq_id) {
            index += 1;
        }
        assert_int_equal(index % FAILING, 0);
    }
}

/* Schedules runs, of which some choose what is not there. */
static void
schedule_some(nrt_model_t *model, nrta_error_tracker_t *tracker, struct call calls[SCHEDULED],
              nrta_seq_t sequences[SCHEDULED])
{
    for (int i = 0; i < SCHEDULED; i += 1) {
        calls[i] = create_call(0, (float)i, i % FAILING == 0 ? NOT_THERE : 1);
        assert_nrt_ok(nrta_execute_schedule(model, calls[i].inputs, calls[i].outputs, 0, tracker,
                                            &sequences[i]));
    }
}

/* Fails the test unless all of them are completed, and those right that could be. */
static void
check_scheduled(struct call calls[SCHEDULED], const nrta_seq_t sequences[SCHEDULED])
{
    for (int i = 0; i < SCHEDULED; i += 1) {
        bool is_completed = false;

        assert_nrt_ok(nrta_is_completed(sequences[i], &is_completed));
        assert_true(is_completed);
        if (i % FAILING != 0) {
            assert_vector(calls[i].y, 3.0F * (float)i);
        }
        destroy_call(&calls[i]);
    }
}

static void
scheduled_runs_are_completed_in_order(void **state)
{
    nrt_model_t *model = load_neff(staged_neff(*state, 4), 0, -1);
    nrt_model_t *twice = load_neff(twice_neff(*state), 0, 1);
    struct call calls[SCHEDULED];
    nrta_seq_t sequences[SCHEDULED];
    nrta_error_tracker_t *tracker = NULL;
    struct twice_tensors pair = {.x = NULL};
    nrta_seq_t between = 0;

    twice_tensors_create(&pair, 0, 4.0F);
    assert_nrt_ok(nrta_error_tracker_create(0, &tracker));
    schedule_some(model, tracker, calls, sequences);
    /* A run of one core, which takes less time, is not reported before those in front of it. */
    assert_nrt_ok(nrta_execute_schedule(twice, pair.inputs, pair.outputs, 0, tracker, &between));
    await(between);
    check_scheduled(calls, sequences);
    assert_vector(pair.y, 8.0F);
    check_errors(tracker, sequences);
    nrta_error_tracker_destroy(tracker);
    assert_nrt_ok(nrt_unload(twice));
    assert_nrt_ok(nrt_unload(model));
    twice_tensors_destroy(&pair);
}

static void
a_model_is_unloaded_when_its_scheduled_runs_are_done(void **state)
{
    for (int round = 0; round < 10; round += 1) {
        nrt_model_t *model = load_neff(staged_neff(*state, 3), 0, -1);
        struct call calls[10];
        nrta_seq_t sequence = 0;

        for (int i = 0; i < 10; i += 1) {
            calls[i] = create_call(0, (float)i, 1);
            assert_nrt_ok(nrta_execute_schedule(model, calls[i].inputs, calls[i].outputs, 0, NULL,
                                                &sequence));
        }
        assert_nrt_ok(nrt_unload(model));
        for (int i = 0; i < 10; i += 1) {
            assert_vector(calls[i].y, 3.0F * (float)i);
            destroy_call(&calls[i]);
        }
    }
}

struct caller {
    pthread_t thread;
    nrt_model_t *model;
    struct call call;
    uint32_t failures;
};

static void *
execute_again_and_again(void *argument)
{
    struct caller *caller = argument;

    for (int i = 0; i < RUNS; i += 1) {
        caller->failures +=
            nrt_execute(caller->model, caller->call.inputs, caller->call.outputs) == NRT_SUCCESS
                ? 0
                : 1;
    }
    return NULL;
}

static void
execute_from_threads(nrt_model_t *model)
{
    struct caller callers[THREADS];

    for (int i = 0; i < THREADS; i += 1) {
        callers[i] = (struct caller){.model = model, .call = create_call(0, (float)i, 0)};
        assert_int_equal(
            pthread_create(&callers[i].thread, NULL, execute_again_and_again, &callers[i]), 0);
    }
    for (int i = 0; i < THREADS; i += 1) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        assert_int_equal(callers[i].failures, 0);
        assert_vector(callers[i].call.y, 3.0F * (float)i);
        destroy_call(&callers[i].call);
    }
    assert_nrt_ok(nrt_unload(model));
}

static void
threads_execute_at_the_same_time(void **state)
{
    execute_from_threads(load_neff(staged_neff(*state, 3), 0, -1));
    execute_from_threads(load_neff(wide_neff(*state, 3), 0, -1));
}

static void
cores_that_work_together_do_scheduled_runs_in_order(void **state)
{
    nrt_model_t *model = load_neff(wide_neff(*state, 2), 1, -1);
    struct call calls[SCHEDULED];
    nrta_seq_t last = 0;

    assert_int_equal(core_count_of(model), 2);
    for (int i = 0; i < SCHEDULED; i += 1) {
        calls[i] = create_call(1, (float)i, 3);
        assert_nrt_ok(
            nrta_execute_schedule(model, calls[i].inputs, calls[i].outputs, 0, NULL, &last));
    }
    await(last);
    for (int i = 0; i < SCHEDULED; i += 1) {
        assert_vector(calls[i].y, 3.0F * (float)i);
        destroy_call(&calls[i]);
    }
    assert_nrt_ok(nrt_unload(model));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_model_takes_as_many_cores_as_it_is_compiled_for,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(tensors_may_be_near_any_core_of_the_model, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_that_are_too_few_are_refused, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_failure_names_stage_and_core_in_the_log, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(scheduled_runs_are_completed_in_order, nrt_bench_setup,
                                        nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_is_unloaded_when_its_scheduled_runs_are_done,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_that_work_together_do_scheduled_runs_in_order,
                                        nrt_bench_setup, nrt_bench_teardown),
        cmocka_unit_test_setup_teardown(threads_execute_at_the_same_time, nrt_bench_setup,
                                        nrt_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
