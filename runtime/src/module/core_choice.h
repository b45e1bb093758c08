/* SPDX-License-Identifier: Apache-2.0 */
/* Which cores the replicas of a module get: a function from values to values. */
#ifndef NEURON_MODULE_CORE_CHOICE_H
#define NEURON_MODULE_CORE_CHOICE_H

#include <stdint.h>

#include "neuron/module_placement.h"
#include "neuron/status.h"

/* Consecutive cores that the process treats as one, by NEURONCORE_GROUP_SIZES. */
struct neuron_core_group {
    uint32_t first_nc;
    uint32_t core_count;
};

/* What the cores are like at the moment of the choice. */
struct neuron_core_state {
    const uint32_t *replica_counts; /* of all modules, on each core */
    uint32_t core_count;            /* owned by the process, at least 1 */
    const struct neuron_core_group *groups;
    uint32_t group_count; /* 0: automatic placement goes by use */
    uint32_t group_turn;  /* else to the next group from which the model fits, whatever the use */
};

/*
 * Refuses a placement that names cores which the process does not own, or none at all; of a
 * SELECTION also cores that are named twice, by replicas of `model_cores` each.
 *
 * Returns NEURON_NO_SUCH_CORE or NEURON_INVALID_ARGUMENT.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_core_choice_check(const struct neuron_module_placement *placement, uint32_t core_count,
                         uint32_t model_cores, struct neuron_error *error);

/*
 * Chooses the first core of each replica.
 *
 * placement    any but the default.
 * model_cores  how many cores a replica takes, at least 1.
 * first_cores  has room for one replica a core; receives the choice. Unchanged on failure.
 *
 * Returns as neuron_core_choice_check(), and NEURON_INVALID_ARGUMENT where `nc_count` is no
 * multiple of the model's cores.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_core_choice_make(const struct neuron_module_placement *placement,
                        const struct neuron_core_state *state, uint32_t model_cores,
                        uint32_t *first_cores, uint32_t *replica_count, struct neuron_error *error);

#endif
