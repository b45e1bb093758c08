/* SPDX-License-Identifier: Apache-2.0 */
/* How long a thread polls for something before it blocks, learnt from how long it took before. */
#ifndef NEURON_EXECUTOR_PATIENCE_H
#define NEURON_EXECUTOR_PATIENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Being woken from a blocking call costs 40 to 70 us on a virtual core, so a short wait polls. Each
 * poll yields: one that does not takes the core from the very thread that it waits for. Polling is
 * bounded, and given up soon where it does not pay, so that an idle process uses no CPU.
 */
enum { NEURON_PATIENCE_LEAST_NS = 20 * 1000, NEURON_PATIENCE_MOST_NS = 400 * 1000 };

/* What one place has learnt. A zeroed one polls for the least time. Any thread. */
struct neuron_patience {
    _Atomic uint32_t poll_ns;
};

/* A wait under way. */
struct neuron_wait {
    uint64_t begin_ns;
    uint64_t poll_end_ns;
};

/* Says how long the next wait polls. */
uint32_t
neuron_patience_ns(const struct neuron_patience *patience);

/*
 * Learns from a wait that took `waited_ns`, polling and blocking together. A wait that longer
 * polling would have caught makes the next poll longer at once; all others shorten it slowly.
 */
void
neuron_patience_learn(struct neuron_patience *patience, uint64_t waited_ns);

/* Begins a wait. */
struct neuron_wait
neuron_wait_begin(const struct neuron_patience *patience);

/* Lets other threads run. Returns false when polling has lasted long enough. */
bool
neuron_wait_yield(const struct neuron_wait *wait);

/* Ends a wait, and learns from it. */
void
neuron_wait_end(const struct neuron_wait *wait, struct neuron_patience *patience);

#endif
