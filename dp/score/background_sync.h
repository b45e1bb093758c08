/* SPDX-License-Identifier: Apache-2.0 */
/* Puts outputs on disk while the cores go on. */
#ifndef NEURON_SCORE_BACKGROUND_SYNC_H
#define NEURON_SCORE_BACKGROUND_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/output_set.h"

/* One sync at a time, in a thread of its own. One thread at a time calls it. */
struct neuron_background_sync;

/*
 * Starts the thread, which waits.
 *
 * outputs  outlives the new object.
 *
 * Returns as neuron_score_thread_start().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_background_sync_create(const struct neuron_output_set *outputs,
                              struct neuron_background_sync **sync, struct neuron_error *error);

/* Begins to put on disk all that was written before. Not while one is under way. */
void
neuron_background_sync_begin(struct neuron_background_sync *sync);

/*
 * Says whether what was begun is over; then `status` and `error` receive how. True once for each
 * begin.
 *
 * timeout_ms  how long to wait for that; 0 not at all.
 */
bool
neuron_background_sync_is_done(struct neuron_background_sync *sync, uint32_t timeout_ms,
                               enum neuron_status *status, struct neuron_error *error);

/* Says whether one is under way, or over and not asked about. */
bool
neuron_background_sync_is_begun(const struct neuron_background_sync *sync);

/* How long syncs took in all, of those that are over. */
uint64_t
neuron_background_sync_total_ns(const struct neuron_background_sync *sync);

/* Ends the thread, after a sync that is under way. Accepts NULL. */
void
neuron_background_sync_destroy(struct neuron_background_sync *sync);

#endif
