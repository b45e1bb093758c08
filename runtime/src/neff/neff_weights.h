/* SPDX-License-Identifier: Apache-2.0 */
/* The constants of a compiled file that have a name. */
#ifndef NEURON_NEFF_NEFF_WEIGHTS_H
#define NEURON_NEFF_NEFF_WEIGHTS_H

#include <neff/neff.pb-c.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * Names the constants of a graph that was decoded. A constant without bytes has a name, and is to
 * be replaced.
 *
 * Returns NEURON_DAMAGED_MODEL with what is to follow the name of the file, or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_decode_weights(const Neuron__Neff__Graph *message, struct neuron_graph *graph,
                           struct neuron_error *error);

#endif
