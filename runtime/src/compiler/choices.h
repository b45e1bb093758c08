/* SPDX-License-Identifier: Apache-2.0 */
/* What the compiler decides of nodes, behind the passes: precisions and algorithms. */
#ifndef NEURON_COMPILER_CHOICES_H
#define NEURON_COMPILER_CHOICES_H

#include "graph/graph_body.h"
#include "neuron/compiler.h"
#include "neuron/status.h"

/*
 * Notes the target, and decides how each node is computed. Of a graph without its weights, whose
 * nodes are not yet those that run, the options are noted for later.
 *
 * Returns NEURON_INVALID_ARGUMENT for an option that is none, or as neuron_calibrate() and
 * neuron_algorithms_measure().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_choices_make(struct neuron_graph *graph, const struct neuron_compiler_options *options,
                    struct neuron_error *error);

/* Decides what was noted for later, now that the weights are there and the passes done. */
void
neuron_choices_make_later(struct neuron_graph *graph);

#endif
