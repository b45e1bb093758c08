/* SPDX-License-Identifier: Apache-2.0 */
/* Which number each placed rank gets: a function from values to values. */
#ifndef NEURON_LAUNCHER_RANK_ORDER_H
#define NEURON_LAUNCHER_RANK_ORDER_H

#include <stdint.h>

#include "neuron/status.h"

#include "placement.h"

/*
 * Numbers ranges by going over objects in turn, in ascending order: each gives its next range, in
 * the order in which they come; an object that has no more is passed over. A range belongs to the
 * object of its first core.
 *
 * turns   the object of each core of the row.
 * ranges  are put in the order of their new numbers.
 *
 * Returns NEURON_OUT_OF_MEMORY, and the order is then as before.
 */
enum neuron_status
neuron_rank_order_apply(const uint32_t *turns, struct neuron_placement_range *ranges,
                        uint32_t range_count, struct neuron_error *error);

#endif
