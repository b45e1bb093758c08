/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks dealt to parts of the machine in turn, --map-by: a function from values to values. */
#ifndef NEURON_LAUNCHER_PART_PLACEMENT_H
#define NEURON_LAUNCHER_PART_PLACEMENT_H

#include "neuron/status.h"

#include "placement.h"

/*
 * Deals ranks to the parts of the row, one to each in turn, as long as a part has cores for one
 * more; then cuts each part by itself. No range reaches into two parts. Without cores_per_rank, the
 * parts that got ranks are cut evenly, and a part that got none stays empty. Where fewer cores may
 * be used at once than there are, parts give up cores in turn, the largest first.
 *
 * request    with parts.
 * placement  receives a new placement, ranges along the row, which the caller destroys. Unchanged
 *            on failure.
 *
 * Returns as neuron_placement_create().
 */
enum neuron_status
neuron_part_placement_create(const struct neuron_placement_request *request,
                             struct neuron_placement **placement, struct neuron_error *error);

#endif
