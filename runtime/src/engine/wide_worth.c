/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wide_worth.h"

#include "graph/node_cost.h"

/* Cores meet within a few microseconds; each of these takes one core about twenty or more. */
static const uint64_t least_flops = 4000000;
static const uint64_t least_weight_bytes = 1000000;

bool
neuron_wide_is_worth_it(const struct neuron_graph *graph, const struct neuron_node *node)
{
    struct neuron_node_cost cost = {0};

    neuron_node_cost_add(graph, node, &cost);
    return cost.flops >= least_flops || cost.weight_bytes >= least_weight_bytes;
}
