/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that read constants only give the same result in every run: each is run once, here, in the
 * order of the nodes, and its result is a constant to those behind it.
 */
#include "compiler/pass.h"

#include <stdlib.h>

#include "compiler/fold_node.h"

/* Folds a node if it can be. What the data does not go with is left: it fails in each run, as it
   would have without us. */
static enum neuron_status
try_fold(struct neuron_graph *graph, const struct neuron_node *node, bool *is_folded,
         struct neuron_error *error)
{
    *is_folded = false;
    if (!neuron_node_is_constant(graph, node)) {
        return NEURON_OK;
    }
    enum neuron_status status = neuron_fold_node(graph, node, error);
    *is_folded = status == NEURON_OK;
    return status == NEURON_OUT_OF_MEMORY ? status : NEURON_OK;
}

enum neuron_status
neuron_pass_fold(struct neuron_graph *graph, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        struct neuron_node node = graph->nodes[i];
        bool is_folded = false;

        status = status == NEURON_OK ? try_fold(graph, &node, &is_folded, error) : status;
        if (is_folded) {
            free(node.inputs);
        } else {
            graph->nodes[kept] = node;
            kept += 1;
        }
    }
    graph->node_count = kept;
    return status;
}
