/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What handing out chunks costs: a model that copies its input, row by row, beside pinned threads
 * that copy the same rows, each taking addresses from a ZeroMQ inproc pair of its own, one message
 * a chunk. Both take turns, block by block; a ratio is taken in a block, and the median of them is
 * printed. Also how many bytes of tensors DataParallel copied by itself. Needs two free cores; run
 * it on an idle machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/data_parallel_call.h"
#include "neuron/executor.h"
#include "neuron/runtime.h"
#include "neuron/trace.h"

#include "bare_handover.h"
#include "bench_model.h"
#include "measure.h"

enum { CORES = 2, BLOCKS = 31, SETTLE_MS = 2 };

enum way { BARE, OURS, WAYS };

/* Rows of one size. */
struct rows {
    const char *name;
    int64_t floats; /* of a row */
    int64_t count;  /* in a batch; each is a chunk */
    int batches;    /* of a block */
};

/* A row to copy. */
struct copy {
    void *to;
    const void *from;
    size_t bytes;
};

struct subject {
    const struct rows *rows;
    struct neuron_model *model;
    struct neuron_data_parallel *parallel;
    struct neuron_data_parallel_report *report;
    struct bare_handover *bare;
    struct neuron_tensor_view from;
    struct neuron_tensor_view to;
    struct copy *copies;
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
copy_row(void *item)
{
    const struct copy *copy = item;

    memcpy(copy->to, copy->from, copy->bytes);
}

static enum neuron_status
run_batch(struct subject *subject, enum way way, struct neuron_error *error)
{
    if (way == OURS) {
        return neuron_data_parallel_run(subject->parallel, &subject->from, 1, &subject->to, 1,
                                        error);
    }
    return bare_handover_run(subject->bare, subject->copies, (uint32_t)subject->rows->count,
                             sizeof(*subject->copies))
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_SYSTEM, "the bare hand-over failed");
}

/* The time of a chunk in one block. The first batch is not counted: it wakes the threads. */
static enum neuron_status
measure_way(struct subject *subject, enum way way, double *chunk_us, struct neuron_error *error)
{
    enum neuron_status status = run_batch(subject, way, error);
    double begin_us = read_clock_us();

    for (int i = 0; i < subject->rows->batches && status == NEURON_OK; i += 1) {
        status = run_batch(subject, way, error);
    }
    *chunk_us =
        (read_clock_us() - begin_us) / subject->rows->batches / (double)subject->rows->count;
    pause_ms(SETTLE_MS);
    return status;
}

/* Measures the ways in turn; another comes first in each block. */
static enum neuron_status
measure_block(struct subject *subject, int block, double times[WAYS][BLOCKS],
              struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (int i = 0; i < WAYS && status == NEURON_OK; i += 1) {
        enum way way = (enum way)((block + i) % (int)WAYS);

        status = measure_way(subject, way, &times[way][block], error);
    }
    return status;
}

static enum neuron_status
measure_blocks(struct subject *subject, struct neuron_error *error)
{
    const char *name = subject->rows->name;
    double times[WAYS][BLOCKS];
    double ratio[BLOCKS];

    for (int i = 0; i < BLOCKS; i += 1) {
        enum neuron_status status = measure_block(subject, i, times, error);

        if (status != NEURON_OK) {
            return status;
        }
        ratio[i] = times[OURS][i] / times[BARE][i];
    }
    printf("data_parallel_dispatch_%s_chunk %.3f us -\n", name, median(times[OURS], BLOCKS));
    printf("data_parallel_dispatch_%s_bare_chunk %.3f us -\n", name, median(times[BARE], BLOCKS));
    printf("data_parallel_dispatch_%s_over_bare %.3f ratio <=1.5\n", name, median(ratio, BLOCKS));
    return NEURON_OK;
}

static enum neuron_status
count_copies(struct subject *subject, struct neuron_error *error)
{
    const struct neuron_batch_tensors tensors = {
        .inputs = &subject->from, .outputs = &subject->to, .input_count = 1, .output_count = 1};
    uint64_t bytes = 0;

    enum neuron_status status =
        neuron_data_parallel_report_create(subject->parallel, &subject->report, error);
    if (status == NEURON_OK) {
        const struct neuron_data_parallel_call_options options = {.report = subject->report};

        status = neuron_data_parallel_run_with(subject->parallel, &tensors, &options, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < neuron_data_parallel_report_share_count(subject->report); i += 1) {
        bytes += neuron_data_parallel_report_share(subject->report, i)->copied_bytes;
    }
    printf("data_parallel_dispatch_%s_copied %.0f bytes <=0\n", subject->rows->name, (double)bytes);
    return NEURON_OK;
}

static enum neuron_status
make_memory(struct subject *subject, struct neuron_error *error)
{
    const struct rows *rows = subject->rows;
    size_t row_bytes = (size_t)rows->floats * sizeof(float);

    subject->from = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {rows->count, rows->floats}};
    subject->to = subject->from;
    subject->from.data = malloc((size_t)rows->count * row_bytes);
    subject->to.data = malloc((size_t)rows->count * row_bytes);
    subject->copies = calloc((size_t)rows->count, sizeof(*subject->copies));
    if (subject->from.data == NULL || subject->to.data == NULL || subject->copies == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %d rows", (int)rows->count);
    }
    memset(subject->from.data, 0, (size_t)rows->count * row_bytes);
    memset(subject->to.data, 1, (size_t)rows->count * row_bytes);
    for (int64_t i = 0; i < rows->count; i += 1) {
        subject->copies[i] = (struct copy){
            .from = (const char *)subject->from.data + (size_t)i * row_bytes,
            .to = (char *)subject->to.data + (size_t)i * row_bytes,
            .bytes = row_bytes,
        };
    }
    return NEURON_OK;
}

static enum neuron_status
start_bare(const struct neuron_runtime *runtime, struct subject *subject,
           struct neuron_error *error)
{
    int cpus[CORES];
    const struct bare_handover_options options = {
        .cpus = cpus, .thread_count = CORES, .polls = true, .work = copy_row};

    for (uint32_t i = 0; i < CORES; i += 1) {
        cpus[i] = neuron_executor_cpu(neuron_runtime_executor(runtime, i));
    }
    subject->bare = bare_handover_start(&options);
    return subject->bare != NULL
               ? NEURON_OK
               : NEURON_FAIL(error, NEURON_SYSTEM, "there is nothing to compare with");
}

static enum neuron_status
make_objects(struct neuron_runtime *runtime, struct subject *subject, struct neuron_error *error)
{
    const struct neuron_tensor_view row = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {1, subject->rows->floats}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &row, .input_count = 1, .output_count = 1};
    enum neuron_status status = make_memory(subject, error);

    if (status == NEURON_OK) {
        status = load_bench_model(record_copy, &signature, NULL, &subject->model, error);
    }
    if (status == NEURON_OK) {
        status =
            neuron_data_parallel_create(runtime, subject->model, NULL, &subject->parallel, error);
    }
    return status == NEURON_OK ? start_bare(runtime, subject, error) : status;
}

static enum neuron_status
measure_rows(struct neuron_runtime *runtime, const struct rows *rows, struct neuron_error *error)
{
    struct subject subject = {.rows = rows};
    enum neuron_status status = make_objects(runtime, &subject, error);

    if (status == NEURON_OK) {
        status = measure_blocks(&subject, error);
    }
    if (status == NEURON_OK) {
        status = count_copies(&subject, error);
    }
    bare_handover_stop(subject.bare);
    neuron_data_parallel_report_destroy(subject.report);
    neuron_data_parallel_destroy(subject.parallel);
    neuron_model_destroy(subject.model);
    free(subject.copies);
    free(subject.to.data);
    free(subject.from.data);
    return status;
}

int
main(void)
{
    static const struct rows sizes[] = {
        {.name = "4kb", .floats = 1024, .count = 256, .batches = 20},
        {.name = "600kb", .floats = 3LL * 224 * 224, .count = 16, .batches = 3}};
    const struct neuron_runtime_options options = {.core_count = CORES};
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    enum neuron_status status = neuron_runtime_create(&options, &runtime, &error);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && status == NEURON_OK; i += 1) {
        status = measure_rows(runtime, &sizes[i], &error);
    }
    neuron_runtime_destroy(runtime);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "data_parallel_dispatch: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
