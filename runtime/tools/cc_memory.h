/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this machine has the memory for a run. */
#ifndef NEURON_TOOLS_CC_MEMORY_H
#define NEURON_TOOLS_CC_MEMORY_H

#include <stddef.h>

#include "neuron/graph.h"
#include "neuron/status.h"

/*
 * Checks that the tensors of a run fit the memory of this machine: they are written to, and a
 * machine without memory left ends programs.
 *
 * arena_bytes  what is wanted beside the inputs and outputs; 0 for these alone.
 *
 * Returns NEURON_OUT_OF_MEMORY with both sizes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_check_memory(const struct neuron_graph *graph, size_t arena_bytes,
                       struct neuron_error *error);

#endif
