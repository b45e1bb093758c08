/* SPDX-License-Identifier: Apache-2.0 */
/* A node computed once and for all. */
#ifndef NEURON_COMPILER_FOLD_NODE_H
#define NEURON_COMPILER_FOLD_NODE_H

#include <stdbool.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/* Says whether every input of a node is a constant that stays as it is. */
bool
neuron_node_is_constant(const struct neuron_graph *graph, const struct neuron_node *node);

/*
 * Computes a node whose inputs are constants, and makes a constant of its result; the node itself
 * stays, and is for the caller to take out. The same node gives the same bits whoever asks: the
 * kernels of our own do it, or oneDNN what they cannot.
 *
 * Returns NEURON_INVALID_ARGUMENT when the data does not go with the operator, or
 * NEURON_OUT_OF_MEMORY; the graph is as it was.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_fold_node(struct neuron_graph *graph, const struct neuron_node *node,
                 struct neuron_error *error);

#endif
