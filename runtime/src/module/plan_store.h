/* SPDX-License-Identifier: Apache-2.0 */
/* The plans of a runtime: one per graph and device, however many replicas and modules use it. */
#ifndef NEURON_MODULE_PLAN_STORE_H
#define NEURON_MODULE_PLAN_STORE_H

#include <stdint.h>

#include "engine/plan.h"
#include "memory/device_budget.h"
#include "neuron/executor.h"
#include "neuron/status.h"

/* Any thread but an executor's, where nothing else is said. */
struct neuron_plan_store;

/* A plan in the store, or the place for one that is to be built. */
struct neuron_shared_plan;

NEURON_MUST_CHECK enum neuron_status
neuron_plan_store_create(const char *cache_folder, struct neuron_plan_store **store,
                         struct neuron_error *error);

/* Where packed weights are kept; empty for nowhere. Lives as long as the store. Any thread. */
const char *
neuron_plan_store_cache_folder(const struct neuron_plan_store *store);

/* Destroys a store of which nothing is acquired. Accepts NULL. */
void
neuron_plan_store_destroy(struct neuron_plan_store *store);

/*
 * Finds the place of a graph's plan on a device, or makes it.
 *
 * graph  of a model, or of a stage of one. Outlives the plan.
 * plan   receives the place, which neuron_plan_store_release() gives back.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_plan_store_acquire(struct neuron_plan_store *store, const struct neuron_graph *graph,
                          uint32_t device, struct neuron_shared_plan **plan,
                          struct neuron_error *error);

/*
 * Lets an executor build the plan, where it is neither built nor being built. Building is awaited
 * by a call of its own, so that the devices of a module build at the same time.
 *
 * executor  of a core of the plan's device: so that its memory is near.
 * charge    whom the plan's memory is charged to.
 *
 * Returns what submitting to the executor returned.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_shared_plan_start(struct neuron_shared_plan *plan, struct neuron_executor *executor,
                         const struct neuron_charge *charge, struct neuron_error *error);

/*
 * Waits until the plan is no longer being built, by whomever.
 *
 * Returns as neuron_plan_create(). Blocks.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_shared_plan_wait(struct neuron_shared_plan *plan, struct neuron_error *error);

/*
 * Builds the plan on the calling thread where nobody has begun to, and else waits for whoever has.
 * Of a model that is loaded so, nothing else builds plans: whoever builds is at it, and does not
 * wait in the inbox of the thread that waits here.
 *
 * Returns as neuron_plan_create(). An executor's thread, on the plan's device. Blocks.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_shared_plan_obtain(struct neuron_shared_plan *plan, const struct neuron_charge *charge,
                          struct neuron_error *error);

/* The plan itself, once it is built. */
const struct neuron_plan *
neuron_shared_plan_get(const struct neuron_shared_plan *plan);

/* Gives a plan back; the last one destroys it. Accepts NULL. */
void
neuron_plan_store_release(struct neuron_plan_store *store, struct neuron_shared_plan *plan);

#endif
