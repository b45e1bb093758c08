/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_program.h"

#include <assert.h>
#include <stdlib.h>

static const struct neuron_custom_tensor input = {.spec = {"in", {NEURON_FLOAT32, 1, {0}}}};
static const struct neuron_custom_tensor output = {.spec = {"out", {NEURON_FLOAT32, 1, {0}}}};

enum neuron_status
bench_program_create(struct neuron_runtime *runtime, neuron_custom_create_fn *create,
                     neuron_custom_run_fn *run, int64_t row_limit, struct bench_program *bench,
                     struct neuron_error *error)
{
    const struct neuron_data_parallel_options options = {.split_size = 1};

    *bench = (struct bench_program){
        .program = {.version = NEURON_CUSTOM_PROGRAM_VERSION,
                    .name = "bench",
                    .inputs = &input,
                    .outputs = &output,
                    .input_count = 1,
                    .output_count = 1,
                    .create = create,
                    .run = run},
        .row_limit = row_limit,
    };
    bench->numbers = calloc(2 * (size_t)row_limit, sizeof(*bench->numbers));
    if (bench->numbers == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the rows of a benchmark");
    }
    return neuron_data_parallel_create_custom(runtime, &bench->program, &options, &bench->parallel,
                                              error);
}

enum neuron_status
bench_program_run(struct bench_program *bench, int64_t rows, struct neuron_error *error)
{
    const struct neuron_tensor_view in = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {rows}, .data = bench->numbers};
    const struct neuron_tensor_view out = {.type = NEURON_FLOAT32,
                                           .rank = 1,
                                           .shape = {rows},
                                           .data = bench->numbers + bench->row_limit};

    assert(rows <= bench->row_limit);
    return neuron_data_parallel_run(bench->parallel, &in, 1, &out, 1, error);
}

void
bench_program_destroy(struct bench_program *bench)
{
    neuron_data_parallel_destroy(bench->parallel);
    free(bench->numbers);
    *bench = (struct bench_program){0};
}
