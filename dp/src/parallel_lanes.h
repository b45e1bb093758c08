/* SPDX-License-Identifier: Apache-2.0 */
/* The lanes of a DataParallel object, whatever runs on them. */
#ifndef NEURON_DP_PARALLEL_LANES_H
#define NEURON_DP_PARALLEL_LANES_H

#include <stdint.h>

#include "data_parallel_body.h"
#include "dispatcher.h"
#include "neuron/runtime.h"

/*
 * Chooses the cores of replicas that are in no module, which would, and counts them there; the
 * object gives them back. Returns as neuron_core_claim_make().
 */
enum neuron_status
neuron_parallel_cores_claim(struct neuron_data_parallel *parallel,
                            const struct neuron_runtime *runtime,
                            const struct neuron_module_placement *placement, uint32_t model_cores,
                            struct neuron_error *error);

/* What lanes an object is to have. */
struct neuron_lane_layout {
    const struct neuron_runtime *runtime;
    const uint32_t *first_cores; /* of each replica, the process's numbers; borrowed for the call */
    uint32_t lanes_each;         /* of one replica */
    neuron_lane_open_fn *open;   /* as in struct neuron_dispatcher_options */
    void *maker;
};

/*
 * Makes the lanes of an object whose specs, batching, layouts and number of replicas are decided.
 * Lane i is of replica i modulo their number: all replicas before any is there again, so that the
 * first chunks go to one each.
 *
 * Returns as neuron_dispatcher_create().
 */
enum neuron_status
neuron_parallel_lanes_make(struct neuron_data_parallel *parallel,
                           const struct neuron_lane_layout *layout, struct neuron_error *error);

#endif
