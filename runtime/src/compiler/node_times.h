/* SPDX-License-Identifier: Apache-2.0 */
/* How long each node of a compiled graph takes. */
#ifndef NEURON_COMPILER_NODE_TIMES_H
#define NEURON_COMPILER_NODE_TIMES_H

#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * Runs the graph some times on the calling thread, over made-up numbers, and notes the least time
 * of each node: of its steps, those included that bring its inputs into place. Weights are as cold
 * as in the runs to come, since all others are read in between. Blocks for some runs, or a second.
 *
 * times_ns  an array of one per node, and one more for what no node does. Unchanged on failure.
 *
 * Returns what making or running a program does: then this machine cannot tell.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_node_times_measure(const struct neuron_graph *graph, uint64_t *times_ns,
                          struct neuron_error *error);

/* Estimates the same from what each node computes and moves: the same on every machine. */
void
neuron_node_times_estimate(const struct neuron_graph *graph, uint64_t *times_ns);

#endif
