/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scores rows with a forest on every core: score_trees [CONFIG [LIBRARY]].
 *
 * CONFIG   as in "trees=100,depth=8,features=30,seed=1".
 * LIBRARY  a shared library with a custom program of the same tensors. Without one the forest is
 *          the one that is linked in.
 *
 * Each score is compared with that of a forest on this thread alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <neuron/custom_program.h>
#include <neuron/data_parallel.h>
#include <neuron/runtime.h>

#include "forest.h"

enum { ROWS = 20000 };

/* The rows, and what came out for them. */
struct batch {
    int64_t features;
    float *rows;
    float *scores;   /* of all cores */
    float *expected; /* of one forest on this thread */
};

/* Returns false when there is no memory. */
static bool
fill_batch(const struct forest_shape *shape, struct batch *batch)
{
    struct forest *forest = forest_create(shape);
    uint32_t state = 1;

    batch->features = shape->features;
    batch->rows = calloc((size_t)ROWS * shape->features, sizeof(float));
    batch->scores = calloc(ROWS, sizeof(float));
    batch->expected = calloc(ROWS, sizeof(float));
    if (forest == NULL || batch->rows == NULL || batch->scores == NULL || batch->expected == NULL) {
        forest_destroy(forest);
        return false;
    }
    for (int64_t i = 0; i < ROWS * batch->features; i += 1) {
        state = state * 1664525U + 1013904223U;
        batch->rows[i] = (float)(state >> 8) / (float)(1 << 24);
    }
    forest_score(forest, batch->rows, ROWS, batch->expected);
    forest_destroy(forest);
    return true;
}

static void
free_batch(struct batch *batch)
{
    free(batch->rows);
    free(batch->scores);
    free(batch->expected);
}

/* Scores the batch on all cores that are ours. */
static enum neuron_status
score(const struct neuron_custom_program *program, const struct batch *batch, uint32_t *core_count,
      struct neuron_error *error)
{
    const struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, batch->features}, .data = batch->rows};
    const struct neuron_tensor_view scores = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {ROWS}, .data = batch->scores};
    struct neuron_runtime *runtime = NULL; /* owns the cores that the environment gives us */
    struct neuron_data_parallel *parallel = NULL;

    enum neuron_status status = neuron_runtime_create(NULL, &runtime, error);
    if (status == NEURON_OK) {
        status = neuron_data_parallel_create_custom(runtime, program, NULL, &parallel, error);
    }
    if (status == NEURON_OK) {
        *core_count = neuron_data_parallel_core_count(parallel);
        status = neuron_data_parallel_run(parallel, &rows, 1, &scores, 1, error);
    }
    neuron_data_parallel_destroy(parallel);
    neuron_runtime_destroy(runtime);
    return status;
}

/* Takes the program from the library, or, without one, that which is linked in. */
static enum neuron_status
find_program(const char *config, const char *path, struct neuron_custom_library **library,
             const struct neuron_custom_program **program, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (path == NULL) {
        *program = neuron_custom_program(config, error);
        return *program == NULL ? error->status : NEURON_OK;
    }
    status = neuron_custom_library_open(path, config, library, error);
    if (status == NEURON_OK) {
        *program = neuron_custom_library_program(*library);
    }
    return status;
}

static bool
compare(const struct forest_shape *shape, const struct batch *batch, uint32_t core_count)
{
    for (int i = 0; i < ROWS; i += 1) {
        if (batch->scores[i] != batch->expected[i]) {
            fprintf(stderr, "score_trees: row %d has %.9g on the cores and %.9g alone\n", i,
                    (double)batch->scores[i], (double)batch->expected[i]);
            return false;
        }
    }
    printf("%d rows, %" PRIu32 " trees: the same scores on %" PRIu32 " core%s as alone\n", ROWS,
           shape->trees, core_count, core_count == 1 ? "" : "s");
    return true;
}

int
main(int argc, char **argv)
{
    const char *config = argc > 1 ? argv[1] : "trees=100,depth=8,features=30,seed=1";
    struct neuron_custom_library *library = NULL;
    const struct neuron_custom_program *program = NULL;
    struct neuron_error error = {.status = NEURON_OK};
    struct forest_shape shape;
    struct batch batch = {0};
    uint32_t core_count = 0;
    bool is_same = false;

    if (!forest_shape_parse(config, &shape, error.text, sizeof(error.text)) ||
        find_program(config, argc > 2 ? argv[2] : NULL, &library, &program, &error) != NEURON_OK) {
        fprintf(stderr, "score_trees: %s\n", error.text);
        return EXIT_FAILURE;
    }
    if (!fill_batch(&shape, &batch)) {
        fprintf(stderr, "score_trees: no memory for %d rows and the forest\n", ROWS);
    } else if (score(program, &batch, &core_count, &error) != NEURON_OK) {
        fprintf(stderr, "score_trees: %s\n", error.text);
    } else {
        is_same = compare(&shape, &batch, core_count);
    }
    free_batch(&batch);
    neuron_custom_library_close(library);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}
