/* SPDX-License-Identifier: Apache-2.0 */
/* Decides by which algorithm each convolution of a compiled graph is computed. */
#ifndef NEURON_COMPILER_ALGORITHMS_H
#define NEURON_COMPILER_ALGORITHMS_H

#include "graph/graph_body.h"
#include "neuron/status.h"

/* Says whether Winograd's algorithm computes a node: 3 by 3 pixels that lie side by side. */
bool
neuron_algorithm_is_winograd(const struct neuron_graph *graph, const struct neuron_node *node);

/*
 * Chooses by the shapes alone, for machines with AVX-512: Winograd's algorithm for convolutions
 * with so many pixels that it wins however slow the memory is, if these are a good part of the
 * graph.
 */
void
neuron_algorithms_choose(struct neuron_graph *graph);

/*
 * Chooses by measuring on this machine: runs the whole graph by each algorithm, so that weights are
 * as cold as they will be. Notes the processor in the graph's target.
 *
 * Returns what running a graph returns.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_algorithms_measure(struct neuron_graph *graph, struct neuron_error *error);

#endif
