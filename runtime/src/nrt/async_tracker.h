/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests leave their errors until a program asks for them. */
#ifndef NEURON_NRT_ASYNC_TRACKER_H
#define NEURON_NRT_ASYNC_TRACKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "nrt/nrt_async.h"

/*
 * A tracker is shared by the program that made it and by the requests that name it; the last of
 * them to drop it frees it. It holds a bounded number of errors, and has memory for them from the
 * start: leaving one cannot fail.
 */
enum { LIBNRT_ASYNC_TRACKER_LIMIT = 4096 }; /* errors that wait in one tracker */

/*
 * Makes a tracker that its maker alone has.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_tracker_create(struct nrta_error_tracker **tracker, struct neuron_error *error);

/* Says that one more has it. Called by one that has it already. Any thread. */
void
libnrt_async_tracker_share(struct nrta_error_tracker *tracker);

/* Gives it up; the last one frees it. Accepts NULL. Any thread. */
void
libnrt_async_tracker_drop(struct nrta_error_tracker *tracker);

/* Leaves an error. A full tracker loses its oldest one. Any thread. */
void
libnrt_async_tracker_record(struct nrta_error_tracker *tracker, nrta_seq_t sequence,
                            NRT_STATUS status);

/*
 * Takes out all errors, the oldest first.
 *
 * count       receives how many they are.
 * lost_count  receives how many were lost since the last call.
 *
 * Returns an array of the tracker, valid until the next call or until it is freed.
 * One thread at a time.
 */
const nrta_error_t *
libnrt_async_tracker_take(struct nrta_error_tracker *tracker, size_t *count, uint64_t *lost_count);

#endif
