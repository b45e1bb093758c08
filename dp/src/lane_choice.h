/* SPDX-License-Identifier: Apache-2.0 */
/* In which order lanes are asked for a call: a decision, without any effect. */
#ifndef NEURON_DP_LANE_CHOICE_H
#define NEURON_DP_LANE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

/* Says whether a lane has nothing to do. */
typedef bool
neuron_lane_is_idle_fn(const void *lanes, uint32_t index);

/*
 * Asked are as many lanes as can have a chunk. Idle ones come first; where these are too few, so do
 * busy ones, and two more than are needed, as nobody knows which of them is free first: who comes
 * too late finds nothing, which costs little.
 *
 * The lane whose CPU the caller itself is on comes last: its executor, woken, takes the CPU, and
 * Linux may leave the caller behind it for as long as the whole call takes.
 */
struct neuron_lane_choice {
    uint32_t lane_count;
    uint32_t first;  /* where to begin, below the count: each call at another one */
    uint32_t own;    /* the caller's, or lane_count */
    uint32_t wanted; /* lanes that can have a chunk, at least 1 */
    uint32_t limit;  /* lanes that may be asked, at least `wanted` */
    neuron_lane_is_idle_fn *is_idle;
    const void *lanes; /* handed to `is_idle` */
    /* Set by neuron_lane_choice_begin(). */
    uint32_t phase;
    uint32_t position; /* lanes looked at in this phase */
    uint32_t goal;     /* lanes asked when the phase is over */
    bool counts_own;   /* the caller's lane is idle, and among those wanted */
};

/* Begins to choose. */
void
neuron_lane_choice_begin(struct neuron_lane_choice *choice);

/*
 * Names the next lane to ask; it may be one that was named before.
 *
 * asked  how many lanes took the call so far.
 *
 * Returns false when no other is to be asked.
 */
bool
neuron_lane_choice_next(struct neuron_lane_choice *choice, uint32_t asked, uint32_t *lane);

#endif
