/* SPDX-License-Identifier: Apache-2.0 */
/* Cores that run one program together: the memory that they share, and how they wait for another.
 */
#ifndef NEURON_ENGINE_GANG_H
#define NEURON_ENGINE_GANG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory/device_budget.h"
#include "neuron/status.h"

/*
 * A run of a program is a row of moments (engine/plan_body.h). In each of them one core does a
 * step, or all do their parts of one. A core begins a moment when no other is in an earlier one.
 *
 * Each core takes part in all runs, in the order of their numbers, or in none from some run on: it
 * has entered a run, and by that left those before it. So a run touches the memory only when the
 * one before it is over on all cores.
 */
struct neuron_gang;

enum {
    NEURON_GANG_MOMENT_BITS = 24 /* a graph in a file has some hundred thousand steps at most */
};

/* One run on all cores. */
struct neuron_gang_run {
    uint64_t number;      /* rises from run to run; never 0 */
    _Atomic bool is_over; /* a core has failed, or will not come: the others give up */
};

/*
 * Makes a gang, with the arena of its program. No page of it is touched.
 *
 * core_count  at least 2.
 * charge      takes the arena.
 *
 * Returns NEURON_DEVICE_MEMORY_FULL or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_gang_create(uint32_t core_count, size_t arena_bytes, const struct neuron_charge *charge,
                   struct neuron_gang **gang, struct neuron_error *error);

/* The arena, and how large it is, padded. */
unsigned char *
neuron_gang_arena(const struct neuron_gang *gang);
size_t
neuron_gang_arena_bytes(const struct neuron_gang *gang);

/*
 * Says that a core has entered a run and done with all moments before this one: its next step is in
 * this moment, or later.
 */
void
neuron_gang_reach(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core,
                  uint32_t moment);

/* Says that a core leaves a run. It touches the arena no more until it enters another one. */
void
neuron_gang_leave(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core);

/*
 * Waits until all other cores have done with what is before a moment: polls for a bounded time,
 * yielding, then sleeps. Returns false when the run is over instead.
 */
bool
neuron_gang_await(struct neuron_gang *gang, const struct neuron_gang_run *run, uint32_t core,
                  uint32_t moment);

/* Lets all cores that wait in a run give up. Any thread, while the run is not over everywhere. */
void
neuron_gang_give_up(struct neuron_gang *gang, struct neuron_gang_run *run);

/* Destroys a gang that runs nothing. Accepts NULL. */
void
neuron_gang_destroy(struct neuron_gang *gang);

#endif
