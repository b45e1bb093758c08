/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes several cores are to do together. */
#ifndef NEURON_ENGINE_WIDE_WORTH_H
#define NEURON_ENGINE_WIDE_WORTH_H

#include <stdbool.h>

#include "graph/graph_body.h"

/* Says whether a node takes much longer than it costs cores to meet before and after it. */
bool
neuron_wide_is_worth_it(const struct neuron_graph *graph, const struct neuron_node *node);

#endif
