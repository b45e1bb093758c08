/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/cut.h"

#include <stdlib.h>

#include "compiler/node_times.h"
#include "compiler/stages.h"
#include "graph/graph_part.h"

/* What goes over a cut leaves one core's cache for another's: some GB a second. */
enum { CROSSING_BYTES_A_NS = 8 };

/* Measures the nodes, or estimates them where this machine cannot run the graph. */
static enum neuron_status
find_times(const struct neuron_graph *graph, uint64_t *times_ns, struct neuron_error *error)
{
    enum neuron_status status = neuron_node_times_measure(graph, times_ns, error);

    if (status != NEURON_OK && status != NEURON_OUT_OF_MEMORY) {
        neuron_node_times_estimate(graph, times_ns);
        status = NEURON_OK;
    }
    return status;
}

static enum neuron_status
find_crossing(const struct neuron_graph *graph, uint64_t *crossing_ns, struct neuron_error *error)
{
    enum neuron_status status = neuron_graph_count_crossing(graph, crossing_ns, error);

    for (uint32_t i = 0; status == NEURON_OK && i <= graph->node_count; i += 1) {
        crossing_ns[i] /= CROSSING_BYTES_A_NS;
    }
    return status;
}

enum neuron_status
neuron_cut_into_stages(struct neuron_graph *graph, uint32_t stage_count, struct neuron_error *error)
{
    struct neuron_core_split split = {.kind = NEURON_SPLIT_KIND_PIPELINE,
                                      .core_count = stage_count};
    uint64_t *times_ns = calloc((size_t)graph->node_count + 1, sizeof(*times_ns));
    uint64_t *crossing_ns = calloc((size_t)graph->node_count + 1, sizeof(*crossing_ns));
    enum neuron_status status = NEURON_OK;

    if (times_ns == NULL || crossing_ns == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory to cut a graph");
    } else if (graph->node_count < stage_count) {
        status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                             "the graph has %u operators after folding and fusing, which cannot be "
                             "cut into %u stages; compile it for fewer cores",
                             graph->node_count, stage_count);
    } else {
        status = find_times(graph, times_ns, error);
    }
    if (status == NEURON_OK) {
        status = find_crossing(graph, crossing_ns, error);
    }
    if (status == NEURON_OK) {
        const struct neuron_stage_costs costs = {
            .node_ns = times_ns, .crossing_ns = crossing_ns, .node_count = graph->node_count};

        status = neuron_stages_cut(&costs, stage_count, split.stage_ends, error);
    }
    if (status == NEURON_OK) {
        graph->split = split;
    }
    free(times_ns);
    free(crossing_ns);
    return status;
}
