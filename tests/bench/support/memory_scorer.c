/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores rows that are in memory, results to memory, and prints the rows that were done a second:
 *
 *   memory_scorer MODEL.neff ROWS.npy
 *
 * One call of DataParallel on all cores of the process; what neuron-score does beside it (files,
 * leases, checksums, a journal) is missing. The clock starts after a run of the first rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/data_parallel.h"
#include "neuron/npy.h"

#include "measure.h"

enum { WARM_RUNS = 1 }; /* compiled batches a replica */

struct scorer {
    struct neuron_runtime *runtime;
    struct neuron_model *model;
    struct neuron_data_parallel *parallel;
    struct neuron_npy_array *rows;
    void *results;
};

static enum neuron_status
open_scorer(char *const *arguments, struct scorer *scorer, struct neuron_error *error)
{
    struct neuron_runtime_options options = {0};
    enum neuron_status status = neuron_runtime_options_read(&options, error);

    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &scorer->runtime, error);
    }
    if (status == NEURON_OK) {
        status = neuron_model_load(arguments[1], &scorer->model, error);
    }
    if (status == NEURON_OK && (neuron_model_input_count(scorer->model) != 1 ||
                                neuron_model_output_count(scorer->model) != 1)) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "not one input and one output");
    }
    if (status == NEURON_OK) {
        status = neuron_data_parallel_create(scorer->runtime, scorer->model, NULL,
                                             &scorer->parallel, error);
    }
    return status == NEURON_OK ? neuron_npy_array_load(arguments[2], &scorer->rows, error) : status;
}

static enum neuron_status
run(struct scorer *scorer, int64_t row_count, struct neuron_error *error)
{
    struct neuron_tensor_view rows = neuron_npy_array_view(scorer->rows);
    struct neuron_tensor_shape shape = neuron_model_output(scorer->model, 0)->shape;

    rows.shape[0] = row_count;
    shape.dims[0] = row_count;
    const struct neuron_tensor_view results = neuron_tensor_view_of(&shape, scorer->results);
    return neuron_data_parallel_run(scorer->parallel, &rows, 1, &results, 1, error);
}

static enum neuron_status
measure(struct scorer *scorer, struct neuron_error *error)
{
    int64_t row_count = neuron_npy_array_view(scorer->rows).shape[0];
    struct neuron_tensor_shape shape = neuron_model_output(scorer->model, 0)->shape;
    int64_t warm_count =
        shape.dims[0] * WARM_RUNS * (int64_t)neuron_data_parallel_core_count(scorer->parallel);

    shape.dims[0] = row_count;
    size_t size_bytes = neuron_tensor_shape_size_bytes(&shape);
    scorer->results = malloc(size_bytes + 1);
    if (scorer->results == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the results");
    }
    memset(scorer->results, 0, size_bytes);
    enum neuron_status status = run(scorer, warm_count < row_count ? warm_count : row_count, error);
    double begin_us = read_clock_us();
    if (status == NEURON_OK) {
        status = run(scorer, row_count, error);
    }
    if (status == NEURON_OK) {
        (void)printf("%.3f\n", (double)row_count * 1e6 / (read_clock_us() - begin_us));
    }
    return status;
}

int
main(int argument_count, char **arguments)
{
    struct scorer scorer = {0};
    struct neuron_error error = {0};

    if (argument_count != 3) {
        (void)fprintf(stderr, "usage: memory_scorer MODEL.neff ROWS.npy\n");
        return EXIT_FAILURE;
    }
    enum neuron_status status = open_scorer(arguments, &scorer, &error);
    if (status == NEURON_OK) {
        status = measure(&scorer, &error);
    }
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "memory_scorer: %s\n", error.text);
    }
    neuron_data_parallel_destroy(scorer.parallel);
    neuron_model_destroy(scorer.model);
    neuron_runtime_destroy(scorer.runtime);
    neuron_npy_array_destroy(scorer.rows);
    free(scorer.results);
    return status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
