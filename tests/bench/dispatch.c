/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What handing work over costs: batches of empty requests, in microseconds a batch, the median of
 * blocks. Prints "name value unit" lines. Needs two free cores; run it on an idle machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "neuron/executor.h"
#include "neuron/runtime.h"

#include "measure.h"

enum { BLOCKS = 21, MOST_REQUESTS = 64 };

struct batch {
    const struct neuron_runtime *runtime;
    struct neuron_completion *completion;
    struct neuron_request requests[MOST_REQUESTS];
    uint32_t count; /* of requests, dealt out to the executors in turn */
};

static void
do_nothing(void *unused)
{
    (void)unused;
}

static void
work_for_us(void *argument)
{
    const double end = read_clock_us() + *(const double *)argument;

    while (read_clock_us() < end) {
    }
}

static void
run_batch(struct batch *batch)
{
    uint32_t core_count = neuron_runtime_core_count(batch->runtime);

    neuron_completion_arm(batch->completion, batch->count);
    for (uint32_t i = 0; i < batch->count; i += 1) {
        if (neuron_executor_submit(neuron_runtime_executor(batch->runtime, i % core_count),
                                   &batch->requests[i], NULL) != NEURON_OK) {
            neuron_completion_count_down(batch->completion);
        }
    }
    neuron_completion_wait(batch->completion);
}

/* Runs batches, with a pause before each; returns the mean time of one without the pause. */
static double
run_block(struct batch *batch, int batch_count, double idle_us)
{
    const struct timespec idle = {.tv_nsec = (long)(idle_us * 1e3)};
    double busy_us = 0;

    for (int i = 0; i < batch_count; i += 1) {
        if (idle_us > 0) {
            (void)nanosleep(&idle, NULL);
        }
        const double begin = read_clock_us();
        run_batch(batch);
        busy_us += read_clock_us() - begin;
    }
    return busy_us / batch_count;
}

/* The median over blocks of the time that one batch takes. */
static double
measure(struct batch *batch, int batch_count, double idle_us)
{
    double blocks[BLOCKS];

    for (int i = 0; i < BLOCKS; i += 1) {
        blocks[i] = run_block(batch, batch_count, idle_us);
    }
    return median(blocks, BLOCKS);
}

static void
fill_batch(struct batch *batch, uint32_t count, neuron_work_fn *work, void *argument)
{
    batch->count = count;
    for (uint32_t i = 0; i < count; i += 1) {
        batch->requests[i] = (struct neuron_request){work, argument, batch->completion};
    }
}

static void
measure_empty(struct batch *batch, uint32_t per_core)
{
    uint32_t core_count = neuron_runtime_core_count(batch->runtime);

    fill_batch(batch, core_count * per_core, do_nothing, NULL);
    printf("dispatch_cores%u_requests%u %.2f us -\n", core_count, per_core,
           measure(batch, 1000, 0));
}

/* What is left of a batch when the work itself is taken off. */
static void
measure_overhead(struct batch *batch, double work_us, double idle_us)
{
    uint32_t core_count = neuron_runtime_core_count(batch->runtime);

    fill_batch(batch, core_count, work_for_us, &work_us);
    printf("dispatch_overhead_cores%u_work%.0f_idle%.0f %.1f us -\n", core_count, work_us, idle_us,
           measure(batch, idle_us > 0 || work_us > 500 ? 20 : 100, idle_us) - work_us);
}

static enum neuron_status
measure_cores(uint32_t core_count, const char *directory, struct neuron_error *error)
{
    const struct neuron_runtime_options options = {.core_count = core_count,
                                                   .lease.directory = directory};
    struct neuron_runtime *runtime = NULL;
    struct batch batch = {0};
    enum neuron_status status = neuron_completion_create(&batch.completion, error);

    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &runtime, error);
    }
    if (status == NEURON_OK) {
        batch.runtime = runtime;
        measure_empty(&batch, 1);
        measure_empty(&batch, 16);
        measure_overhead(&batch, 50, 0);
        measure_overhead(&batch, 300, 0);
        measure_overhead(&batch, 3000, 0);
        measure_overhead(&batch, 50, 2000);
    }
    neuron_runtime_destroy(runtime);
    neuron_completion_destroy(batch.completion);
    return status;
}

int
main(int argument_count, char **arguments)
{
    const char *directory = argument_count > 1 ? arguments[1] : NULL;
    struct neuron_error error = {0};

    for (uint32_t core_count = 1; core_count <= 2; core_count += 1) {
        if (measure_cores(core_count, directory, &error) != NEURON_OK) {
            (void)fprintf(stderr, "dispatch: %s\n", error.text);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
