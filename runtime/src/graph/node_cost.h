/* SPDX-License-Identifier: Apache-2.0 */
/* What a node of a graph costs in a run. */
#ifndef NEURON_GRAPH_NODE_COST_H
#define NEURON_GRAPH_NODE_COST_H

#include <stdint.h>

#include "graph/graph_body.h"

/* Sums that do not fit stay at the largest number. */
struct neuron_node_cost {
    uint64_t flops;        /* a product with its sum counts as 2, a function as 1 */
    uint64_t moved_bytes;  /* of all inputs and the output */
    uint64_t weight_bytes; /* of the inputs that are constants */
};

/* Adds the cost of a node of the graph. */
void
neuron_node_cost_add(const struct neuron_graph *graph, const struct neuron_node *node,
                     struct neuron_node_cost *cost);

#endif
