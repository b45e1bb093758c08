/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a compiled graph into the stages of a pipeline. */
#ifndef NEURON_COMPILER_CUT_H
#define NEURON_COMPILER_CUT_H

#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * Notes in the graph where to cut it, so that all stages take about as long: as long as this
 * machine took for their nodes, or else as they are estimated to take.
 *
 * graph        all passes are behind it. Unchanged on failure.
 * stage_count  2 to NEURON_CORE_LIMIT.
 *
 * Returns NEURON_INVALID_ARGUMENT when there are fewer nodes than stages, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cut_into_stages(struct neuron_graph *graph, uint32_t stage_count,
                       struct neuron_error *error);

#endif
