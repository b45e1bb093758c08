/* SPDX-License-Identifier: Apache-2.0 */
/* The lanes of a DataParallel object, whatever runs on them. */
#ifndef NEURON_DP_PARALLEL_LANES_H
#define NEURON_DP_PARALLEL_LANES_H

#include <stdint.h>

#include "data_parallel_body.h"
#include "dispatcher.h"
#include "neuron/runtime.h"

/* Says where a lane of a replica is. */
struct neuron_lane_place
neuron_lane_place_at(const struct neuron_runtime *runtime, uint32_t replica, uint32_t nc);

/*
 * Makes the lanes of an object whose specs, batching and layouts are decided.
 *
 * open, maker  as in struct neuron_dispatcher_options.
 *
 * Returns as neuron_dispatcher_create().
 */
enum neuron_status
neuron_parallel_lanes_make(struct neuron_data_parallel *parallel,
                           const struct neuron_lane_place *places, uint32_t lane_count,
                           neuron_lane_open_fn *open, void *maker, struct neuron_error *error);

#endif
