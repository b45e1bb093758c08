/* SPDX-License-Identifier: Apache-2.0 */
/* The lanes of a DataParallel object whose replicas are in processes of their own. */
#ifndef NEURON_DP_ISOLATED_LANES_H
#define NEURON_DP_ISOLATED_LANES_H

#include "data_parallel_body.h"
#include "neuron/module_placement.h"
#include "neuron/runtime.h"
#include "neuron/status.h"

/* What such an object has beside its lanes: the cores, and what processes are started from. */
struct neuron_isolated_lanes;

/*
 * Makes a lane for each replica, also one of several cores, which has one run at a time then: its
 * stages are in another process. Each starts a process, all at the same time, and waits until it
 * has loaded.
 *
 * parallel  its specs, batching and layouts are decided; receives the lanes, its numbers of
 *           replicas and cores, and for a custom program how many rows fit into a run. On failure
 *           neuron_isolated_lanes_destroy() is due as well.
 *
 * Returns NEURON_INVALID_ARGUMENT for a custom program that comes from no library, as
 * neuron_core_claim_make(), neuron_isolated_source_create(), and neuron_isolated_program_create(),
 * or NEURON_OUT_OF_MEMORY. Any thread but an executor's. Blocks while the processes load.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_isolated_lanes_make(struct neuron_data_parallel *parallel, struct neuron_runtime *runtime,
                           const struct neuron_module_placement *placement, uint32_t hang_limit_ms,
                           struct neuron_error *error);

/* Frees what is beside the lanes, which are no more. Accepts NULL. */
void
neuron_isolated_lanes_destroy(struct neuron_isolated_lanes *lanes);

#endif
