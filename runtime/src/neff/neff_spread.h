/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in a compiled file of the machine that a graph is for, and of its cores there. */
#ifndef NEURON_NEFF_NEFF_SPREAD_H
#define NEURON_NEFF_NEFF_SPREAD_H

#include <neff/neff.pb-c.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/* What a newer version knows better is left out: it is nothing that this one could obey. */
void
neuron_neff_decode_target(const Neuron__Neff__Graph *message, struct neuron_graph *graph);

/*
 * Reads how the graph, which has all else but its buckets, is spread over cores.
 *
 * Returns NEURON_UNSUPPORTED_MODEL or NEURON_DAMAGED_MODEL, with a text to follow the file's name.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_decode_split(const Neuron__Neff__Graph *message, struct neuron_graph *graph,
                         struct neuron_error *error);

#endif
