/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast slices of dim=1 are packed and unpacked, beside memcpy on the same cores. A model that
 * copies its input runs on two cores; what the report says of the time outside of the program is
 * the packing and unpacking. The memcpy is of as many bytes in one piece, into a buffer near the
 * core, copied there as the model does, and back; only the first and the last copy count. A ratio
 * is taken in a block, and the median of them is printed. Needs two free cores; run it on an idle
 * machine.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/clock.h"
#include "neuron/data_parallel_call.h"
#include "neuron/executor.h"
#include "neuron/runtime.h"
#include "neuron/trace.h"

#include "bench_model.h"
#include "measure.h"

enum { CORES = 2, BLOCKS = 31 };

/* A tensor [rows, CORES * floats]: each core gets a run of so many floats of each row. */
struct slices {
    const char *name;
    int64_t rows;
    int64_t floats;
};

/* What memcpy does on one core. */
struct part {
    const char *from;
    char *to;
    char *buffers[2];
    size_t bytes;
    uint64_t copy_ns;
    struct neuron_request request;
};

struct subject {
    const struct slices *slices;
    struct neuron_runtime *runtime;
    struct neuron_model *model;
    struct neuron_data_parallel *parallel;
    struct neuron_data_parallel_report *report;
    struct neuron_completion *completion;
    struct neuron_tensor_view from;
    struct neuron_tensor_view to;
    struct part parts[CORES];
};

static enum neuron_status
record_copy(struct neuron_trace *trace, const struct neuron_value *inputs,
            struct neuron_value *outputs, void *unused)
{
    (void)unused;
    outputs[0] = inputs[0];
    return neuron_trace_status(trace);
}

static void
copy_part(void *argument)
{
    struct part *part = argument;
    uint64_t begin_ns = neuron_clock_ns();

    memcpy(part->buffers[0], part->from, part->bytes);
    uint64_t packed_ns = neuron_clock_ns();
    memcpy(part->buffers[1], part->buffers[0], part->bytes);
    uint64_t ran_ns = neuron_clock_ns();
    memcpy(part->to, part->buffers[1], part->bytes);
    part->copy_ns = packed_ns - begin_ns + neuron_clock_ns() - ran_ns;
}

/* On the core that will use them. */
static void
make_buffers(void *argument)
{
    struct part *part = argument;

    for (int i = 0; i < 2; i += 1) {
        part->buffers[i] = malloc(part->bytes);
        if (part->buffers[i] != NULL) {
            memset(part->buffers[i], i, part->bytes);
        }
    }
}

/* Has both cores work on their parts at once. */
static enum neuron_status
run_parts(struct subject *subject, neuron_work_fn *work, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_completion_arm(subject->completion, CORES);
    for (uint32_t i = 0; i < CORES; i += 1) {
        struct part *part = &subject->parts[i];

        part->request = (struct neuron_request){
            .work = work, .argument = part, .completion = subject->completion};
        if (neuron_executor_submit(neuron_runtime_executor(subject->runtime, i), &part->request,
                                   error) != NEURON_OK) {
            neuron_completion_count_down(subject->completion);
            status = NEURON_SYSTEM;
        }
    }
    neuron_completion_wait(subject->completion);
    return status;
}

/* The time that both cores spent copying, in nanoseconds. */
static enum neuron_status
time_slices(struct subject *subject, double *copy_ns, struct neuron_error *error)
{
    const struct neuron_batch_tensors tensors = {
        .inputs = &subject->from, .outputs = &subject->to, .input_count = 1, .output_count = 1};
    const struct neuron_data_parallel_call_options options = {.report = subject->report};
    enum neuron_status status =
        neuron_data_parallel_run_with(subject->parallel, &tensors, &options, error);

    *copy_ns = 0;
    for (uint32_t i = 0; i < CORES; i += 1) {
        *copy_ns += (double)neuron_data_parallel_report_share(subject->report, i)->copy_ns;
    }
    return status;
}

static enum neuron_status
time_memcpy(struct subject *subject, double *copy_ns, struct neuron_error *error)
{
    enum neuron_status status = run_parts(subject, copy_part, error);

    *copy_ns = 0;
    for (uint32_t i = 0; i < CORES; i += 1) {
        *copy_ns += (double)subject->parts[i].copy_ns;
    }
    return status;
}

static enum neuron_status
measure_blocks(struct subject *subject, struct neuron_error *error)
{
    const char *name = subject->slices->name;
    double bytes = 2.0 * CORES * (double)subject->parts[0].bytes; /* in, and out again */
    double ratio[BLOCKS];
    double rate[BLOCKS];

    for (int i = -1; i < BLOCKS; i += 1) { /* the first one warms up */
        double slices_ns = 0;
        double memcpy_ns = 0;
        enum neuron_status status = time_slices(subject, &slices_ns, error);

        if (status == NEURON_OK) {
            status = time_memcpy(subject, &memcpy_ns, error);
        }
        if (status != NEURON_OK) {
            return status;
        }
        if (i >= 0) {
            ratio[i] = memcpy_ns / slices_ns;
            rate[i] = bytes / slices_ns;
        }
    }
    printf("data_parallel_slices_%s_core %.2f GB/s -\n", name, median(rate, BLOCKS));
    printf("data_parallel_slices_%s_over_memcpy %.3f ratio >=0.8\n", name, median(ratio, BLOCKS));
    return NEURON_OK;
}

static enum neuron_status
make_memory(struct subject *subject, struct neuron_error *error)
{
    const struct slices *slices = subject->slices;
    size_t part_bytes = (size_t)(slices->rows * slices->floats) * sizeof(float);
    enum neuron_status status = neuron_completion_create(&subject->completion, error);

    subject->from = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {slices->rows, CORES * slices->floats}};
    subject->to = subject->from;
    subject->from.data = malloc(CORES * part_bytes);
    subject->to.data = malloc(CORES * part_bytes);
    bool has_memory = subject->from.data != NULL && subject->to.data != NULL;
    if (status != NEURON_OK || !has_memory) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the slices");
    }
    memset(subject->from.data, 0, CORES * part_bytes);
    memset(subject->to.data, 1, CORES * part_bytes);
    for (size_t i = 0; i < CORES; i += 1) {
        subject->parts[i] = (struct part){
            .from = (const char *)subject->from.data + i * part_bytes,
            .to = (char *)subject->to.data + i * part_bytes,
            .bytes = part_bytes,
        };
    }
    status = run_parts(subject, make_buffers, error);
    for (size_t i = 0; i < CORES; i += 1) {
        has_memory = has_memory && subject->parts[i].buffers[0] != NULL &&
                     subject->parts[i].buffers[1] != NULL;
    }
    if (status == NEURON_OK && !has_memory) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the slices");
    }
    return status;
}

static enum neuron_status
make_objects(struct subject *subject, struct neuron_error *error)
{
    const struct neuron_data_parallel_options by_columns = {.dim = 1};
    const struct neuron_tensor_view part = {
        .type = NEURON_FLOAT32,
        .rank = 2,
        .shape = {subject->slices->rows, subject->slices->floats}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &part, .input_count = 1, .output_count = 1};
    enum neuron_status status = make_memory(subject, error);

    if (status == NEURON_OK) {
        status = load_bench_model(record_copy, &signature, NULL, &subject->model, error);
    }
    if (status == NEURON_OK) {
        status = neuron_data_parallel_create(subject->runtime, subject->model, &by_columns,
                                             &subject->parallel, error);
    }
    return status == NEURON_OK
               ? neuron_data_parallel_report_create(subject->parallel, &subject->report, error)
               : status;
}

static enum neuron_status
measure_slices(struct neuron_runtime *runtime, const struct slices *slices,
               struct neuron_error *error)
{
    struct subject subject = {.slices = slices, .runtime = runtime};
    enum neuron_status status = make_objects(&subject, error);

    if (status == NEURON_OK) {
        status = measure_blocks(&subject, error);
    }
    neuron_data_parallel_report_destroy(subject.report);
    neuron_data_parallel_destroy(subject.parallel);
    neuron_model_destroy(subject.model);
    neuron_completion_destroy(subject.completion);
    for (size_t i = 0; i < CORES; i += 1) {
        free(subject.parts[i].buffers[1]);
        free(subject.parts[i].buffers[0]);
    }
    free(subject.to.data);
    free(subject.from.data);
    return status;
}

int
main(void)
{
    static const struct slices shapes[] = {{.name = "64b", .rows = 65536, .floats = 16},
                                           {.name = "1kb", .rows = 4096, .floats = 256},
                                           {.name = "16kb", .rows = 512, .floats = 4096},
                                           {.name = "600kb", .rows = 16, .floats = 150528}};
    const struct neuron_runtime_options options = {.core_count = CORES};
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    enum neuron_status status = neuron_runtime_create(&options, &runtime, &error);

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]) && status == NEURON_OK; i += 1) {
        status = measure_slices(runtime, &shapes[i], &error);
    }
    neuron_runtime_destroy(runtime);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "data_parallel_slices: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
