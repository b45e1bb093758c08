/* SPDX-License-Identifier: Apache-2.0 */
/* Which values of a graph are kept in 16 bits: decided once for the whole of it. */
#ifndef NEURON_ENGINE_NARROW_VALUES_H
#define NEURON_ENGINE_NARROW_VALUES_H

#include <stdbool.h>

#include "graph/graph_body.h"

/*
 * Finds the float32 values that are kept as bfloat16. A value is where its node says that its
 * result is rounded, and where all who read it would round it by themselves: then it is rounded
 * once, by the one that makes it, and takes half of the memory on its way, but is the same number.
 *
 * is_narrow  receives one for each value.
 */
void
neuron_narrow_values_find(const struct neuron_graph *graph, bool *is_narrow);

#endif
