/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passes: each changes a graph into one that computes the same with less work. They leave behind
 * nodes and constants that nobody reads; neuron_graph_remove_unused() takes those away.
 *
 * Where a pass fails for want of memory, the graph may be half changed and is to be destroyed.
 */
#ifndef NEURON_COMPILER_PASS_H
#define NEURON_COMPILER_PASS_H

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * Computes what depends on constants alone, and makes constants of it.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_pass_fold(struct neuron_graph *graph, struct neuron_error *error);

/*
 * Moves the addition of a constant per column or channel into the matmul or conv2d before it, as
 * its bias, and then the activation behind that, as its attribute.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_pass_fuse(struct neuron_graph *graph, struct neuron_error *error);

#endif
