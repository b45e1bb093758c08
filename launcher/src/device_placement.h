/* SPDX-License-Identifier: Apache-2.0 */
/* As many ranks on each device: a function from values to values. */
#ifndef NEURON_LAUNCHER_DEVICE_PLACEMENT_H
#define NEURON_LAUNCHER_DEVICE_PLACEMENT_H

#include "neuron/status.h"

#include "placement.h"

/*
 * Cuts each device of the row by itself; no range reaches into two devices. Where fewer cores may
 * be used at once than there are, devices give up cores in turn, the largest first, so that what is
 * left is as even as it can be.
 *
 * request    with ranks_per_device at least 1.
 * placement  receives a new placement, which the caller destroys. Unchanged on failure.
 *
 * Returns as neuron_placement_create().
 */
enum neuron_status
neuron_device_placement_create(const struct neuron_placement_request *request,
                               struct neuron_placement **placement, struct neuron_error *error);

#endif
