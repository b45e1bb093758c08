/* SPDX-License-Identifier: Apache-2.0 */
/* Which cores a runtime gets of those that its options ask for. */
#ifndef NEURON_OWNED_CORES_H
#define NEURON_OWNED_CORES_H

#include "module/core_choice.h"
#include "neuron/core_lease.h"
#include "neuron/runtime.h"
#include "neuron/topology.h"

/* A zeroed one owns nothing. */
struct neuron_owned_cores {
    struct neuron_core_lease *lease;
    struct neuron_core_group
        *groups; /* legacy ones, one behind the other from nc:0; NULL for none */
    uint32_t group_count;
    uint32_t grouped_count; /* cores of all groups */
};

/*
 * Reads the groups, and claims the cores.
 *
 * owned  zeroed before, released by the caller also after a failure.
 *
 * Returns as neuron_runtime_create().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_owned_cores_claim(const struct neuron_topology *topology,
                         const struct neuron_runtime_options *options,
                         struct neuron_owned_cores *owned, struct neuron_error *error);

/* Releases the cores, and frees what it holds. */
void
neuron_owned_cores_release(struct neuron_owned_cores *owned);

#endif
