/* SPDX-License-Identifier: Apache-2.0 */
/* How many replicas are on each core of the process: what automatic placement goes by. */
#ifndef NEURON_MODULE_CORE_USAGE_H
#define NEURON_MODULE_CORE_USAGE_H

#include <stdint.h>

#include "module/core_choice.h"
#include "neuron/core_claim.h"
#include "neuron/module_placement.h"
#include "neuron/status.h"

/* Any thread. */
struct neuron_core_usage;

/*
 * Makes a usage with nothing on any core.
 *
 * groups  borrowed until the end of the usage. NULL for none.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_core_usage_create(uint32_t core_count, const struct neuron_core_group *groups,
                         uint32_t group_count, struct neuron_core_usage **usage,
                         struct neuron_error *error);

/*
 * Chooses cores and counts the replicas there, in one step.
 *
 * placement  any but the default.
 * leaving    what the caller will give back after: it does not count for the choice. May be NULL.
 * claim      receives the cores, to be given back by neuron_core_usage_release(). Unchanged on
 *            failure.
 *
 * Returns as neuron_core_choice_make(), or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_core_usage_claim(struct neuron_core_usage *usage,
                        const struct neuron_module_placement *placement, uint32_t model_cores,
                        const struct neuron_core_claim *leaving, struct neuron_core_claim *claim,
                        struct neuron_error *error);

/* Gives cores back, and frees what the claim owns. Accepts a zeroed one. */
void
neuron_core_usage_release(struct neuron_core_usage *usage, struct neuron_core_claim *claim);

/* How many replicas are on a core. */
uint32_t
neuron_core_usage_of(struct neuron_core_usage *usage, uint32_t nc);

/* Destroys a usage. Accepts NULL. */
void
neuron_core_usage_destroy(struct neuron_core_usage *usage);

#endif
