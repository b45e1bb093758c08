/* SPDX-License-Identifier: Apache-2.0 */
/* Which values of a graph are never negative: they have eight bits for what they are, not seven. */
#ifndef NEURON_ENGINE_VALUE_SIGNS_H
#define NEURON_ENGINE_VALUE_SIGNS_H

#include <stdbool.h>

#include "graph/graph_body.h"

/* is_positive  receives one for each value; false where it is not known. */
void
neuron_value_signs_find(const struct neuron_graph *graph, bool *is_positive);

#endif
