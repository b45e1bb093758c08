/* SPDX-License-Identifier: Apache-2.0 */
/* A DataParallel object over a function of a benchmark's own, and batches for it. */
#ifndef NEURON_BENCH_PROGRAM_H
#define NEURON_BENCH_PROGRAM_H

#include <stdint.h>

#include "neuron/data_parallel_call.h"

/* Rows of one number, in and out; each row is a chunk. */
struct bench_program {
    struct neuron_custom_program program;
    struct neuron_data_parallel *parallel;
    float *numbers; /* input, then output */
    int64_t row_limit;
};

/*
 * Makes an object on all cores of the runtime, and memory for batches of up to so many rows.
 *
 * create  NULL for none.
 * bench   is not moved. The caller calls bench_program_destroy(), also after a failure.
 */
NEURON_MUST_CHECK enum neuron_status
bench_program_create(struct neuron_runtime *runtime, neuron_custom_create_fn *create,
                     neuron_custom_run_fn *run, int64_t row_limit, struct bench_program *bench,
                     struct neuron_error *error);

/* Runs a batch of at most as many rows as there is memory for. */
NEURON_MUST_CHECK enum neuron_status
bench_program_run(struct bench_program *bench, int64_t rows, struct neuron_error *error);

void
bench_program_destroy(struct bench_program *bench);

#endif
