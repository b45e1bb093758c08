/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/compile_buckets.h"

#include <stdlib.h>

#include "compiler/compile_graph.h"
#include "graph/batch_inputs.h"
#include "graph/bucket.h"

/* Compiles each; the passes of the first one are written down if any are. */
static enum neuron_status
compile_all(const struct neuron_graph *const *graphs, uint32_t count,
            const struct neuron_compiler_options *options, struct neuron_graph **compiled,
            struct neuron_error *error)
{
    struct neuron_compiler_options others = {.model_name = NULL};
    enum neuron_status status = NEURON_OK;

    if (options != NULL) {
        others = *options;
        others.dump_folder = NULL;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = neuron_compile_graph(graphs[i], i == 0 ? options : &others, &compiled[i], error);
    }
    return status;
}

/* What was found of the inputs of each alone may not be of all: a batch of one row leaves more
   choices. Goes back to what was declared, and finds what holds for all of them. */
static enum neuron_status
find_shared_inputs(const struct neuron_graph *const *graphs, uint32_t count,
                   struct neuron_graph **compiled, struct neuron_error *error)
{
    for (uint32_t i = 0; i < count; i += 1) {
        for (uint32_t k = 0; k < graphs[i]->input_count; k += 1) {
            compiled[i]->inputs[k].is_shared = graphs[i]->inputs[k].is_shared;
        }
    }
    return neuron_graphs_find_shared_inputs(compiled, count, error);
}

/* Sorts them, the largest first. */
static void
sort(struct neuron_graph **graphs, uint32_t count)
{
    for (uint32_t i = 1; i < count; i += 1) {
        struct neuron_graph *graph = graphs[i];
        uint64_t elements = neuron_bucket_elements(graph);
        uint32_t place = i;

        while (place > 0 && neuron_bucket_elements(graphs[place - 1]) < elements) {
            graphs[place] = graphs[place - 1];
            place -= 1;
        }
        graphs[place] = graph;
    }
}

/* Hands the smaller ones over to the largest. */
static enum neuron_status
join(struct neuron_graph **graphs, uint32_t count, struct neuron_error *error)
{
    const struct neuron_graph *sorted[NEURON_BUCKET_LIMIT];
    const struct neuron_buckets buckets = {.graphs = sorted, .count = count};

    sort(graphs, count);
    for (uint32_t i = 0; i < count; i += 1) {
        sorted[i] = graphs[i];
    }
    enum neuron_status status = neuron_buckets_check(&buckets, error);
    if (status != NEURON_OK) {
        return status;
    }
    graphs[0]->buckets = calloc(count, sizeof(struct neuron_graph *));
    if (graphs[0]->buckets == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a graph");
    }
    for (uint32_t i = 1; i < count; i += 1) {
        graphs[0]->buckets[i - 1] = graphs[i];
        graphs[i] = NULL;
    }
    graphs[0]->bucket_count = count - 1;
    return NEURON_OK;
}

enum neuron_status
neuron_compile_bucket_graphs(const struct neuron_graph *const *graphs, uint32_t count,
                             const struct neuron_compiler_options *options,
                             struct neuron_graph **compiled, struct neuron_error *error)
{
    struct neuron_graph *all[NEURON_BUCKET_LIMIT] = {NULL};

    if (count == 0 || count > NEURON_BUCKET_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%u buckets; there are 1 to %d", count,
                           NEURON_BUCKET_LIMIT);
    }
    if (count > 1 && options != NULL && options->weights_apart) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a model of several buckets has its weights in its file");
    }
    if (count > 1 && options != NULL && options->core_count > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a model of several buckets is for one core, and this one for %u: "
                           "compile it for one core, or with one shape",
                           options->core_count);
    }
    enum neuron_status status = compile_all(graphs, count, options, all, error);
    if (status == NEURON_OK && count > 1) {
        status = find_shared_inputs(graphs, count, all, error);
    }
    if (status == NEURON_OK && count > 1) {
        status = join(all, count, error);
    }
    if (status == NEURON_OK) {
        *compiled = all[0];
        return NEURON_OK;
    }
    for (uint32_t i = 0; i < count; i += 1) {
        neuron_graph_destroy(all[i]);
    }
    return status;
}
