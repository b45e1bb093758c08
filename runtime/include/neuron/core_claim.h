/* SPDX-License-Identifier: Apache-2.0 */
/* Cores for replicas that no module of this process has. */
#ifndef NEURON_CORE_CLAIM_H
#define NEURON_CORE_CLAIM_H

#include <stdint.h>

#include "neuron/module_placement.h"
#include "neuron/runtime.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The cores of some replicas. A zeroed one has none. */
struct neuron_core_claim {
    uint32_t *first_cores; /* of each replica, owned */
    uint32_t replica_count;
    uint32_t model_cores; /* how many cores each takes */
};

/*
 * Chooses cores as neuron_module_create() does, and counts the replicas there: a later choice of
 * the least used cores knows of them.
 *
 * placement    any but the default, which is that of modules.
 * model_cores  how many consecutive cores a replica takes, at least 1.
 * claim        receives the cores, which the caller gives back. Unchanged on failure.
 * error        receives the reason on failure. May be NULL.
 *
 * Returns NEURON_NO_SUCH_CORE, NEURON_INVALID_ARGUMENT or NEURON_OUT_OF_MEMORY, as
 * neuron_module_create() does. Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_claim_make(const struct neuron_runtime *runtime,
                       const struct neuron_module_placement *placement, uint32_t model_cores,
                       struct neuron_core_claim *claim, struct neuron_error *error);

/* Gives the cores back, and frees what the claim owns. Accepts a zeroed one. Any thread. */
NEURON_API void
neuron_core_claim_give_back(const struct neuron_runtime *runtime, struct neuron_core_claim *claim);

#ifdef __cplusplus
}
#endif

#endif
