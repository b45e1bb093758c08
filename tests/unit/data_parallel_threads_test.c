/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads do all that may be done with two DataParallel objects and a module on the same
 * cores. NEURON_TEST_SEED is another seed to begin with; a failure prints the one that it was.
 */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/data_parallel.h"
#include "neuron/data_parallel_call.h"

#include "parallel_bench.h"
#include "random_numbers.h"
#include "scored_batch.h"
#include "tensor_text.h"
#include "traced_model.h"

enum { CORES = 3, CALLERS = 8, STEPS = 2000, QUEUE_LIMIT = 6, MOST_ROWS = 200, IN_FLIGHT = 3 };

/* What all callers use. */
struct common {
    struct parallel_bench bench; /* with the first object and the module */
    struct neuron_data_parallel *other;
    _Atomic uint32_t answers[NEURON_DEVICE_MEMORY_FULL + 1]; /* how often each status came */
    _Atomic uint32_t wrong;                                  /* results, or statuses */
};

/* A call under way. Each has tensors of its own. */
struct flight {
    struct neuron_data_parallel_call *call; /* NULL for none */
    struct scored_batch batch;
    bool may_fail; /* it was cancelled, or has a deadline */
};

struct caller {
    struct common *common;
    pthread_t thread;
    uint64_t random;
    struct flight flights[IN_FLIGHT];
    struct neuron_data_parallel_report *reports[2]; /* one an object */
};

static uint32_t
draw(struct caller *caller, uint32_t limit)
{
    return random_below(&caller->random, limit);
}

static void
note(struct caller *caller, enum neuron_status status, bool is_right)
{
    atomic_fetch_add(&caller->common->answers[status], 1);
    if (!is_right) {
        atomic_fetch_add(&caller->common->wrong, 1);
    }
}

/* Judges the end of a call: done with the right rows, or ended in a way that was asked for. */
static void
judge(struct caller *caller, const struct flight *flight, enum neuron_status status)
{
    bool was_ended = status == NEURON_CANCELLED || status == NEURON_TIMED_OUT;

    note(caller, status,
         status == NEURON_OK ? scored_batch_is_right(&flight->batch)
                             : was_ended && flight->may_fail);
}

static struct neuron_batch_tensors
tensors_of(const struct scored_batch *batch)
{
    return (struct neuron_batch_tensors){.inputs = batch->inputs,
                                         .outputs = batch->outputs,
                                         .input_count = batch->input_count,
                                         .output_count = batch->output_count};
}

static struct neuron_data_parallel *
object_at(const struct caller *caller, uint32_t index)
{
    return index == 0 ? caller->common->bench.parallel : caller->common->other;
}

/* Makes the outputs wrong. */
static void
spoil(const struct flight *flight)
{
    for (uint32_t i = 0; i < flight->batch.output_count; i += 1) {
        const struct neuron_tensor_view *output = &flight->batch.outputs[i];

        memset(output->data, 0x5A, tensor_element_count(output) * sizeof(float));
    }
}

static void
finish(struct caller *caller, struct flight *flight)
{
    if (flight->call != NULL) {
        enum neuron_status status = neuron_data_parallel_wait(flight->call, NULL);

        flight->call = NULL;
        judge(caller, flight, status);
    }
}

/* A flight without a call. */
static struct flight *
take_flight(struct caller *caller)
{
    struct flight *flight = &caller->flights[draw(caller, IN_FLIGHT)];

    finish(caller, flight);
    spoil(flight);
    flight->may_fail = false;
    return flight;
}

static void
run(struct caller *caller)
{
    struct flight *flight = take_flight(caller);
    uint32_t object = draw(caller, 2);
    struct neuron_batch_tensors tensors = tensors_of(&flight->batch);
    const struct neuron_data_parallel_call_options options = {
        .report = draw(caller, 2) == 0 ? caller->reports[object] : NULL};
    enum neuron_status status =
        neuron_data_parallel_run_with(object_at(caller, object), &tensors, &options, NULL);

    judge(caller, flight, status);
    if (options.report != NULL && status == NEURON_OK &&
        (neuron_data_parallel_report_event_count(options.report) > 0) !=
            (flight->batch.outputs[0].shape[0] > 0)) {
        note(caller, status, false);
    }
}

static void
run_with_deadline(struct caller *caller)
{
    struct flight *flight = take_flight(caller);
    struct neuron_batch_tensors tensors = tensors_of(&flight->batch);
    const struct neuron_data_parallel_call_options options = {.deadline_ms = 1};

    flight->may_fail = true;
    judge(caller, flight,
          neuron_data_parallel_run_with(object_at(caller, draw(caller, 2)), &tensors, &options,
                                        NULL));
}

/* Submits a call, which one of the next steps waits for. The queue may be full. */
static void
submit(struct caller *caller)
{
    struct flight *flight = take_flight(caller);
    struct neuron_batch_tensors tensors = tensors_of(&flight->batch);
    enum neuron_status status = neuron_data_parallel_submit(object_at(caller, draw(caller, 2)),
                                                            &tensors, NULL, &flight->call, NULL);

    note(caller, status, status == NEURON_OK || status == NEURON_QUEUE_FULL);
}

static void
cancel(struct caller *caller)
{
    struct flight *flight = &caller->flights[draw(caller, IN_FLIGHT)];

    if (flight->call != NULL) {
        flight->may_fail = true;
        neuron_data_parallel_cancel(flight->call);
    }
}

static void
try_wait(struct caller *caller)
{
    struct flight *flight = &caller->flights[draw(caller, IN_FLIGHT)];
    bool is_done = false;

    if (flight->call != NULL) {
        enum neuron_status status = neuron_data_parallel_try_wait(flight->call, &is_done, NULL);

        if (is_done) {
            flight->call = NULL;
            judge(caller, flight, status);
        } else {
            note(caller, status, status == NEURON_OK);
        }
    }
}

static void
change_attributes(struct caller *caller)
{
    struct neuron_data_parallel *object = object_at(caller, draw(caller, 2));

    neuron_data_parallel_set_split_size(object, draw(caller, 12));
    neuron_data_parallel_set_num_workers(object, draw(caller, 5));
    if (neuron_data_parallel_num_workers(object) < 1 ||
        neuron_data_parallel_split_size(object) >= 12 ||
        !neuron_data_parallel_has_dynamic_batching(object, NULL)) {
        note(caller, NEURON_OK, false);
    }
}

/* Runs one compiled batch on the module, which stands on the same cores. */
static void
run_module(struct caller *caller)
{
    struct scored_batch batch;

    scored_batch_create(&batch, caller->common->bench.model, TRACED_ROWS);
    enum neuron_status status =
        neuron_module_run(caller->common->bench.loop, batch.inputs, batch.input_count,
                          batch.outputs, batch.output_count, NULL);

    note(caller, status, status == NEURON_OK);
    scored_batch_destroy(&batch);
}

static void *
work(void *argument)
{
    static void (*const steps[])(struct caller *) = {
        run,      run,      run_with_deadline, submit,    submit, submit, cancel,
        try_wait, try_wait, change_attributes, run_module};
    struct caller *caller = argument;

    for (int i = 0; i < STEPS; i += 1) {
        steps[draw(caller, sizeof(steps) / sizeof(steps[0]))](caller);
    }
    for (int i = 0; i < IN_FLIGHT; i += 1) {
        finish(caller, &caller->flights[i]);
    }
    return NULL;
}

static void
prepare_caller(struct caller *caller, struct common *common, uint64_t seed)
{
    struct neuron_error error = {0};

    *caller = (struct caller){.common = common, .random = seed};
    for (int i = 0; i < IN_FLIGHT; i += 1) {
        scored_batch_create(&caller->flights[i].batch, common->bench.model,
                            draw(caller, MOST_ROWS + 1));
        scored_batch_expect(&caller->flights[i].batch, common->bench.loop);
    }
    for (uint32_t i = 0; i < 2; i += 1) {
        assert_ok(
            neuron_data_parallel_report_create(object_at(caller, i), &caller->reports[i], &error),
            &error);
    }
}

static void
clean_up_caller(struct caller *caller)
{
    for (int i = 0; i < IN_FLIGHT; i += 1) {
        scored_batch_destroy(&caller->flights[i].batch);
    }
    neuron_data_parallel_report_destroy(caller->reports[0]);
    neuron_data_parallel_report_destroy(caller->reports[1]);
}

static uint64_t
first_seed(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment. */
    const char *text = getenv("NEURON_TEST_SEED");

    return text == NULL ? 1 : strtoull(text, NULL, 0);
}

static void
prepare_common(struct common *common)
{
    static const char *const ids[] = {"nc:2", "nc:0"};
    const struct neuron_data_parallel_options options = {
        .device_ids = ids, .device_id_count = 2, .queue_limit = QUEUE_LIMIT};
    struct neuron_error error = {0};

    *common = (struct common){.other = NULL};
    parallel_bench_create(&common->bench, "pack:1 core:3 pu:1", CORES, load_two_by_two_model());
    assert_ok(neuron_data_parallel_create(common->bench.owner.runtime, common->bench.model,
                                          &options, &common->other, &error),
              &error);
}

static void
threads_mix_everything(void **state)
{
    static struct common common;
    static struct caller callers[CALLERS];
    uint64_t seed = first_seed();

    (void)state;
    prepare_common(&common);
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        prepare_caller(&callers[i], &common, seed * CALLERS + i);
    }
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        assert_int_equal(pthread_create(&callers[i].thread, NULL, work, &callers[i]), 0);
    }
    for (uint32_t i = 0; i < CALLERS; i += 1) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        clean_up_caller(&callers[i]);
    }
    if (atomic_load(&common.wrong) > 0) {
        fail_msg("%u answers are wrong, with NEURON_TEST_SEED=%llu", atomic_load(&common.wrong),
                 (unsigned long long)seed);
    }
    assert_true(atomic_load(&common.answers[NEURON_OK]) > 0);
    neuron_data_parallel_destroy(common.other);
    parallel_bench_destroy(&common.bench);
}

/* One thread submits, another waits, a third takes back. */
struct relay {
    struct neuron_data_parallel_call *_Atomic call;
    _Atomic bool was_cancelled;
    _Atomic bool is_over;
};

static void *
cancel_what_comes(void *argument)
{
    struct relay *relay = argument;

    while (!atomic_load(&relay->is_over)) {
        struct neuron_data_parallel_call *call = atomic_load(&relay->call);

        if (call != NULL) {
            neuron_data_parallel_cancel(call);
            atomic_store(&relay->call, NULL);
            atomic_store(&relay->was_cancelled, true);
        }
        (void)sched_yield();
    }
    return NULL;
}

/* Submits a call, which the other thread takes back. */
static void
run_cancelled(struct relay *relay, struct neuron_data_parallel *parallel,
              const struct scored_batch *batch)
{
    struct neuron_batch_tensors tensors = tensors_of(batch);
    struct neuron_data_parallel_call *call = NULL;
    struct neuron_error error = {0};

    atomic_store(&relay->was_cancelled, false);
    assert_ok(neuron_data_parallel_submit(parallel, &tensors, NULL, &call, &error), &error);
    atomic_store(&relay->call, call);
    while (!atomic_load(&relay->was_cancelled)) { /* the handle must live until then */
        (void)sched_yield();
    }
    enum neuron_status status = neuron_data_parallel_wait(call, &error);

    assert_true(status == NEURON_CANCELLED ||
                (status == NEURON_OK && scored_batch_is_right(batch)));
}

static void
another_thread_may_cancel(void **state)
{
    struct common common;
    struct relay relay = {.call = NULL};
    struct scored_batch batch;
    pthread_t thread;

    (void)state;
    prepare_common(&common);
    scored_batch_create(&batch, common.bench.model, MOST_ROWS);
    scored_batch_expect(&batch, common.bench.loop);
    assert_int_equal(pthread_create(&thread, NULL, cancel_what_comes, &relay), 0);
    for (int i = 0; i < STEPS; i += 1) {
        run_cancelled(&relay, common.other, &batch);
    }
    atomic_store(&relay.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    scored_batch_destroy(&batch);
    neuron_data_parallel_destroy(common.other);
    parallel_bench_destroy(&common.bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_mix_everything),
        cmocka_unit_test(another_thread_may_cancel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
