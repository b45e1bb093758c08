/* SPDX-License-Identifier: Apache-2.0 */
/* Compiles a graph in memory: all that neuron_compile() does before it writes. */
#ifndef NEURON_COMPILER_COMPILE_GRAPH_H
#define NEURON_COMPILER_COMPILE_GRAPH_H

#include "neuron/compiler.h"
#include "neuron/graph.h"
#include "neuron/status.h"

/*
 * Makes a copy of a graph, folded, fused, and cut for several cores where the options say so.
 *
 * graph     not changed. Constants of the copy are borrowed from it, and it lives longer.
 * options   borrowed for the call. May be NULL for all defaults.
 * compiled  receives a new graph, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for a number of cores that does not fit, NEURON_OUT_OF_MEMORY, or
 * what the engine returns that folds.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_compile_graph(const struct neuron_graph *graph,
                     const struct neuron_compiler_options *options, struct neuron_graph **compiled,
                     struct neuron_error *error);

#endif
