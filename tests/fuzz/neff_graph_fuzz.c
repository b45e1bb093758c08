/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph section of a NEFF file: whatever is decoded is encoded, and reads back as the same
 * graph; so does what the passes make of it, and both can be run, as can the stages of a pipeline.
 */
#include "neff/neff_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/pass.h"
#include "graph/batch_inputs.h"
#include "graph_run.h"
#include "module/stage_graphs.h"

enum { WEIGHTS_BYTES = 4096, WEIGHTS_LIMIT_BYTES = 1 << 24 };

/* The two sections of a graph. */
struct encoded {
    unsigned char *graph;
    size_t graph_bytes;
    unsigned char *weights;
    size_t weights_bytes;
};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static void
require(bool is_true, const char *what)
{
    if (!is_true) {
        (void)fprintf(stderr, "neff_graph_fuzz: %s\n", what);
        abort();
    }
}

/* Encodes a graph, with zeros for weights. Returns false when those are too large for a fuzzer. */
static bool
encode(const struct neuron_graph *graph, struct encoded *encoded)
{
    uint64_t *offsets = calloc((size_t)graph->value_count + 1, sizeof(*offsets));
    const struct neuron_neff_placed_graph placed = {graph, offsets};
    struct neuron_neff_bytes bytes = {0};
    uint64_t weights_bytes = 0;

    require(offsets != NULL, "out of memory");
    if (neuron_neff_place_constants(&placed, 1, &weights_bytes, NULL) != NEURON_OK ||
        weights_bytes > WEIGHTS_LIMIT_BYTES) {
        free(offsets);
        return false;
    }
    require(neuron_neff_graph_encode(&placed, NULL, 0, &bytes, NULL) == NEURON_OK,
            "a graph is not encoded");
    encoded->graph = bytes.bytes;
    encoded->graph_bytes = bytes.size_bytes;
    encoded->weights_bytes = (size_t)weights_bytes;
    encoded->weights = calloc(1, encoded->weights_bytes + 1);
    require(encoded->weights != NULL, "out of memory");
    free(offsets);
    return true;
}

static void
free_encoded(struct encoded *encoded)
{
    free(encoded->graph);
    free(encoded->weights);
}

static void
check_round_trip(const struct neuron_graph *graph)
{
    struct encoded first = {0};
    struct encoded second = {0};
    struct neuron_graph *decoded = NULL;

    if (!encode(graph, &first)) {
        return;
    }
    const struct neuron_neff_sections sections = {.graph = first.graph,
                                                  .graph_bytes = first.graph_bytes,
                                                  .weights = first.weights,
                                                  .weights_bytes = first.weights_bytes};
    require(neuron_neff_graph_decode(&sections, &decoded, NULL) == NEURON_OK,
            "what was encoded is not decoded");
    require(encode(decoded, &second), "the weights have grown");
    require(first.graph_bytes == second.graph_bytes &&
                first.weights_bytes == second.weights_bytes &&
                memcmp(first.graph, second.graph, first.graph_bytes) == 0,
            "a graph reads back as another one");
    neuron_graph_destroy(decoded);
    free_encoded(&first);
    free_encoded(&second);
}

static void
check_fused(const struct neuron_graph *graph)
{
    struct neuron_graph *copy = NULL;

    require(neuron_graph_copy(graph, &copy, NULL) == NEURON_OK, "a graph is not copied");
    require(neuron_pass_fuse(copy, NULL) == NEURON_OK, "a graph is not fused");
    neuron_graph_remove_unused(copy);
    check_round_trip(copy);
    graph_run(copy, 1);
    neuron_graph_destroy(copy);
}

/* Whatever the cuts are, the stages hold all nodes, and each can be run by itself. */
static void
check_stages(const struct neuron_graph *graph)
{
    struct neuron_stage_graphs *stages = NULL;
    uint32_t nodes = 0;

    if (graph->split.kind != NEURON_SPLIT_KIND_PIPELINE) {
        return;
    }
    if (neuron_stage_graphs_create(graph, &stages, NULL) != NEURON_OK) {
        return; /* tensors that no memory holds */
    }
    for (uint32_t i = 0; i < stages->stage_count; i += 1) {
        nodes += stages->stages[i].part.graph->node_count;
        graph_run(stages->stages[i].part.graph, i);
    }
    require(nodes == graph->node_count, "the stages do not hold all nodes");
    neuron_stage_graphs_destroy(stages);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    static unsigned char weights[WEIGHTS_BYTES] __attribute__((aligned(64)));
    const struct neuron_neff_sections sections = {.graph = bytes,
                                                  .graph_bytes = size_bytes,
                                                  .weights = weights,
                                                  .weights_bytes = sizeof(weights)};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    /* Whatever the weights are, the kernels must live with it: the file's last bytes, too. */
    for (size_t i = 0; i < sizeof(weights); i += 1) {
        weights[i] = size_bytes == 0 ? 0 : bytes[(size_bytes - 1) - i % size_bytes];
    }
    if (neuron_neff_graph_decode(&sections, &graph, &error) != NEURON_OK) {
        require(graph == NULL, "a graph was made although it is refused");
        require(error.text[0] != '\0', "a refusal without a reason");
        return 0;
    }
    check_round_trip(graph);
    graph_run(graph, (uint32_t)size_bytes);
    check_stages(graph);
    neuron_ignore(neuron_graph_check_batchable(graph, &error));
    check_fused(graph);
    neuron_graph_destroy(graph);
    return 0;
}
