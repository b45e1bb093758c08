/* SPDX-License-Identifier: Apache-2.0 */
/* Where to cut a row of nodes into stages, so that the most expensive one is as cheap as can be. */
#ifndef NEURON_COMPILER_STAGES_H
#define NEURON_COMPILER_STAGES_H

#include <stdint.h>

#include "neuron/status.h"

/* What is known of the nodes, in their order. */
struct neuron_stage_costs {
    const uint64_t *node_ns;     /* what each takes */
    const uint64_t *crossing_ns; /* by node, and one more: what it costs each of both sides to cut
                                    before it; the first and the last are not read */
    uint32_t node_count;
};

/*
 * Cuts the nodes into stages of consecutive ones. A stage costs what its nodes take, and what its
 * cuts cost. The most expensive one decides how many requests a pipeline finishes; among equals the
 * earliest cuts are taken. Above some thousand nodes not every place is tried.
 *
 * stage_count  1 to node_count.
 * ends         receives for each stage how many nodes stand up to its end; ascending.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_stages_cut(const struct neuron_stage_costs *costs, uint32_t stage_count, uint32_t *ends,
                  struct neuron_error *error);

/* What the nodes up to `end` cost as a stage that begins at `begin`. Sums that do not fit stay at
   the largest number. */
uint64_t
neuron_stage_cost(const struct neuron_stage_costs *costs, uint32_t begin, uint32_t end);

#endif
