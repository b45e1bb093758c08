/* SPDX-License-Identifier: Apache-2.0 */
/* What all replicas of a program share: kernels, packed weights, and where everything lies. */
#ifndef NEURON_ENGINE_PLAN_H
#define NEURON_ENGINE_PLAN_H

#include "engine/packed_cache.h"
#include "graph/graph_body.h"
#include "memory/device_budget.h"
#include "neuron/status.h"

/*
 * A plan is made once per process and device from a graph, which it borrows until its end. It does
 * not change afterwards, and any number of programs on any threads use it at once.
 */
struct neuron_plan;

/*
 * Chooses a kernel and a layout for each node, packs the weights for them, and lays out the memory
 * of a run. Pages of a mapped file that hold what was packed leave this process's memory.
 *
 * charge  takes the packed weights, and those that are used where they lie; while they are packed,
 *         all constants of the graph at their raw size. NULL for none.
 *
 * Returns NEURON_UNSUPPORTED_MODEL when there is no kernel for a node, NEURON_DEVICE_MEMORY_FULL,
 * NEURON_OUT_OF_MEMORY, or NEURON_SYSTEM.
 */
enum neuron_status
neuron_plan_create(const struct neuron_graph *graph, const struct neuron_charge *charge,
                   struct neuron_plan **plan, struct neuron_error *error);

/*
 * The same, with packed weights kept on disk (engine/packed_cache.h).
 *
 * place  borrowed for the call.
 */
enum neuron_status
neuron_plan_create_cached(const struct neuron_graph *graph, const struct neuron_charge *charge,
                          const struct neuron_packed_place *place, struct neuron_plan **plan,
                          struct neuron_error *error);

/*
 * Makes a plan that nobody can run, to be looked at: it says what a run needs and which steps it
 * has, and packs no weights.
 *
 * Fails as neuron_plan_create() does.
 */
enum neuron_status
neuron_plan_outline(const struct neuron_graph *graph, struct neuron_plan **plan,
                    struct neuron_error *error);

/* Destroys a plan that no program uses any more, and gives back its charge. Accepts NULL. */
void
neuron_plan_destroy(struct neuron_plan *plan);

#endif
