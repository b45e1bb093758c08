/* SPDX-License-Identifier: Apache-2.0 */
/* Decides in what precision each node of a compiled graph is computed. */
#ifndef NEURON_COMPILER_AUTO_CAST_H
#define NEURON_COMPILER_AUTO_CAST_H

#include "graph/graph_body.h"
#include "neuron/compiler.h"

/*
 * Sets the precision of the nodes that an option names, and whether their results are rounded, too.
 * What a graph gives outside is never rounded.
 */
void
neuron_auto_cast(struct neuron_graph *graph, enum neuron_auto_cast which,
                 enum neuron_auto_cast_type type);

#endif
