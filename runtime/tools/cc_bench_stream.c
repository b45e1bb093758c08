/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Latency is that of runs one after the other, each waited for. Throughput is that of runs that are
 * under way at the same time, twice as many as there are cores, each with outputs of its own. They
 * end in their order, so waiting for the oldest keeps all cores busy.
 */
#include "cc_bench_stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cc_core.h"
#include "cc_latency.h"
#include "cc_print.h"
#include "core_peak.h"
#include "cpu.h"
#include "neuron/clock.h"
#include "neuron/executor.h"
#include "neuron/module.h"

enum { WARM_UP_RUNS = 5, RUNS_A_CORE = 2, ALIGNMENT = 64 };

/* One of the runs that are under way at the same time. */
struct flight {
    struct neuron_completion *completion;
    void **outputs; /* owned, as what they point to */
    enum neuron_status status;
    struct neuron_error error;
};

struct bench {
    const struct neuron_cc_stream_order *order;
    struct neuron_runtime *runtime;
    struct neuron_module *module;
    struct flight *flights;
    uint32_t flight_count;
    uint64_t single_count; /* of runs one by one */
    uint64_t stream_count;
    uint64_t stream_ns;
    struct neuron_core_peak peak; /* of the first core */
};

static void
measure_peak(void *argument)
{
    struct neuron_cpu cpu = {.features = 0};

    neuron_cpu_read(&cpu);
    *(struct neuron_core_peak *)argument =
        neuron_core_peak_measure(NEURON_ARITHMETIC_FLOAT32, cpu.features);
}

/* Measures the first core, on its executor. */
static enum neuron_status
find_peak(struct bench *bench, struct neuron_error *error)
{
    struct neuron_request request = {.work = measure_peak, .argument = &bench->peak};
    enum neuron_status status = neuron_completion_create(&request.completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_completion_arm(request.completion, 1);
    status = neuron_executor_submit(neuron_runtime_executor(bench->runtime, 0), &request, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(request.completion);
    }
    neuron_completion_wait(request.completion);
    neuron_completion_destroy(request.completion);
    return status;
}

static enum neuron_status
run_once(const struct bench *bench, struct neuron_error *error)
{
    const struct neuron_cc_tensors *tensors = bench->order->tensors;

    return neuron_module_run(bench->module, tensors->inputs, tensors->input_count, tensors->outputs,
                             tensors->output_count, error);
}

static enum neuron_status
run_one_by_one(struct bench *bench, struct neuron_error *error)
{
    const struct neuron_cc_stream_order *order = bench->order;
    enum neuron_status status = NEURON_OK;

    for (int i = 0; status == NEURON_OK && i < WARM_UP_RUNS; i += 1) {
        status = run_once(bench, error);
    }
    uint64_t start_ns = neuron_clock_ns();
    uint64_t end_ns = start_ns;
    while (status == NEURON_OK && bench->single_count < order->run_limit &&
           end_ns - start_ns < order->time_limit_ns / 2) {
        uint64_t begin_ns = neuron_clock_ns();

        status = run_once(bench, error);
        end_ns = neuron_clock_ns();
        order->times_ns[bench->single_count] = end_ns - begin_ns;
        bench->single_count += 1;
    }
    return status;
}

static void
note_end(void *argument, enum neuron_status status, const struct neuron_error *error)
{
    struct flight *flight = argument;

    flight->status = status;
    flight->error = *error;
    neuron_completion_count_down(flight->completion);
}

static enum neuron_status
start(const struct bench *bench, struct flight *flight, struct neuron_error *error)
{
    const struct neuron_replica_run run = {.inputs = bench->order->tensors->addresses,
                                           .outputs = flight->outputs,
                                           .done = note_end,
                                           .argument = flight};

    neuron_completion_arm(flight->completion, 1);
    enum neuron_status status = neuron_module_submit_replica(bench->module, 0, &run, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(flight->completion);
    }
    return status;
}

/* Waits for a flight, also for one that never started. */
static enum neuron_status
land(struct flight *flight, struct neuron_error *error)
{
    neuron_completion_wait(flight->completion);
    enum neuron_status status = flight->status;
    if (status != NEURON_OK) {
        *error = flight->error;
    }
    flight->status = NEURON_OK;
    return status;
}

static enum neuron_status
run_stream(struct bench *bench, struct neuron_error *error)
{
    const struct neuron_cc_stream_order *order = bench->order;
    uint64_t start_ns = neuron_clock_ns();
    uint64_t started = 0;
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && started < order->run_limit &&
           neuron_clock_ns() - start_ns < order->time_limit_ns / 2) {
        struct flight *flight = &bench->flights[started % bench->flight_count];

        status = land(flight, error);
        if (status == NEURON_OK) {
            status = start(bench, flight, error);
        }
        started += status == NEURON_OK ? 1 : 0;
    }
    for (uint32_t i = 0; i < bench->flight_count; i += 1) {
        struct neuron_error late = {0};
        enum neuron_status last = land(&bench->flights[i], &late);

        if (status == NEURON_OK && last != NEURON_OK) {
            status = last;
            *error = late;
        }
    }
    bench->stream_count = started;
    bench->stream_ns = neuron_clock_ns() - start_ns;
    return status;
}

/* Provides memory for the outputs of a flight. */
static enum neuron_status
prepare_flight(const struct neuron_model *model, struct flight *flight, struct neuron_error *error)
{
    uint32_t count = neuron_model_output_count(model);

    flight->outputs = calloc((size_t)count + 1, sizeof(void *));
    for (uint32_t i = 0; i < count; i += 1) {
        size_t size_bytes = neuron_tensor_shape_size_bytes(&neuron_model_output(model, i)->shape);

        if (flight->outputs != NULL) {
            flight->outputs[i] = aligned_alloc(ALIGNMENT, (size_bytes / ALIGNMENT + 1) * ALIGNMENT);
        }
        if (flight->outputs == NULL || flight->outputs[i] == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for outputs");
        }
    }
    return neuron_completion_create(&flight->completion, error);
}

static enum neuron_status
prepare(struct bench *bench, struct neuron_error *error)
{
    uint32_t core_count = neuron_model_core_count(bench->order->model);
    enum neuron_status status = neuron_cc_claim_cores(core_count, &bench->runtime, error);

    if (status == NEURON_OK) {
        status =
            neuron_module_create(bench->runtime, bench->order->model, NULL, &bench->module, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    bench->flights = calloc((size_t)RUNS_A_CORE * core_count, sizeof(*bench->flights));
    if (bench->flights == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for runs");
    }
    bench->flight_count = RUNS_A_CORE * core_count;
    for (uint32_t i = 0; status == NEURON_OK && i < bench->flight_count; i += 1) {
        status = prepare_flight(bench->order->model, &bench->flights[i], error);
    }
    return status;
}

static void
print_results(const struct bench *bench)
{
    const struct neuron_cc_stream_order *order = bench->order;
    struct neuron_cc_latency latency =
        neuron_cc_latency_of(order->times_ns, (size_t)bench->single_count);
    double runs_per_second = (double)bench->stream_count * 1e9 / (double)bench->stream_ns;
    double gflops = (double)order->flops / 1e9 * runs_per_second;
    double peak_gflops = bench->peak.gflops * neuron_runtime_core_count(bench->runtime);

    (void)printf("cores     %" PRIu32 ", the first is %" PRIu32 " of the machine\n",
                 neuron_runtime_core_count(bench->runtime),
                 neuron_core_set_at(neuron_runtime_cores(bench->runtime), 0));
    neuron_cc_print_inputs(order->model, order->tensors);
    (void)printf("runs      %" PRIu64 " one by one, then %" PRIu64 " in %.3f s, %" PRIu32
                 " at a time\n",
                 bench->single_count, bench->stream_count, (double)bench->stream_ns / 1e9,
                 bench->flight_count);
    neuron_cc_print_latency(&latency);
    (void)printf("runs/s    %.2f\n", runs_per_second);
    (void)printf("GFLOP     %.6f a run\n", (double)order->flops / 1e9);
    (void)printf("GFLOP/s   %.2f\n", gflops);
    (void)printf("peak      %.2f GFLOP/s of float32, measured on the first core with %s\n",
                 bench->peak.gflops, bench->peak.instructions);
    (void)printf("share     %.1f%% of the peak of all cores\n", 100.0 * gflops / peak_gflops);
}

static void
clear_away(struct bench *bench)
{
    uint32_t output_count = neuron_model_output_count(bench->order->model);

    neuron_module_destroy(bench->module);
    neuron_runtime_destroy(bench->runtime);
    for (uint32_t i = 0; i < bench->flight_count; i += 1) {
        struct flight *flight = &bench->flights[i];

        for (uint32_t j = 0; flight->outputs != NULL && j < output_count; j += 1) {
            free(flight->outputs[j]);
        }
        free(flight->outputs);
        neuron_completion_destroy(flight->completion);
    }
    free(bench->flights);
}

enum neuron_status
neuron_cc_bench_stream(const struct neuron_cc_stream_order *order, struct neuron_error *error)
{
    struct bench bench = {.order = order};
    enum neuron_status status = prepare(&bench, error);

    if (status == NEURON_OK) {
        status = run_one_by_one(&bench, error);
    }
    if (status == NEURON_OK) {
        status = run_stream(&bench, error);
    }
    if (status == NEURON_OK) {
        status = find_peak(&bench, error);
    }
    if (status == NEURON_OK) {
        print_results(&bench);
    }
    clear_away(&bench);
    return status;
}
