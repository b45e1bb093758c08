/* SPDX-License-Identifier: Apache-2.0 */
/* What the asynchronous calls share, and what nrt_close() needs of them. */
#ifndef NEURON_NRT_ASYNC_H
#define NEURON_NRT_ASYNC_H

#include <stdint.h>

#include "neuron/status.h"
#include "nrt/async_units.h"
#include "nrt/nrt_async.h"

/*
 * Ends all requests, and frees queues and trackers. No call is under way, and none will begin;
 * models, tensors and the runtime are still there. After it nrt_init() may come again.
 */
void
libnrt_at_close(void);

/*
 * Finds the queues of the process. They are made when the first call asks for them.
 *
 * Returns NRT_RESOURCE.
 * Any thread that has entered.
 */
NRT_STATUS
libnrt_async_find_units(const char *call, struct libnrt_async_units **units);

/* Bodies of requests that run models, and of those that copy bytes. */
extern const struct libnrt_async_bodies libnrt_async_run_bodies;
extern const struct libnrt_async_bodies libnrt_async_copy_bodies;

/* A place that was taken in a queue. */
struct libnrt_async_place {
    struct libnrt_async_queue *queue;
    void *body;
};

/*
 * Takes a place in a queue for a request.
 *
 * nc, unit, number  name the queue; `nc` and `unit` are right, `number` is the caller's.
 *
 * Returns NRT_INVALID for a queue that is not there, NRT_QUEUE_FULL, or NRT_RESOURCE.
 * Any thread that has entered.
 */
NRT_STATUS
libnrt_async_take(const char *call, uint32_t nc, nrta_xu_t unit, int number,
                  struct libnrt_async_place *place);

/*
 * Submits the place, whose body is filled. Where that fails the place is still the caller's, who
 * clears its body and gives it back.
 *
 * Returns NRT_QUEUE_FULL or NRT_FAILURE.
 * Any thread that has entered.
 */
NRT_STATUS
libnrt_async_submit(const char *call, const struct libnrt_async_place *place, nrta_seq_t *sequence);

/*
 * Refuses a call for what the queues returned. A full queue is not logged: whoever schedules runs
 * into it all the time.
 */
NRT_STATUS
libnrt_async_refuse(const char *call, enum neuron_status status, const struct neuron_error *error);

/*
 * Finds a tracker that is live.
 *
 * tracker  any address; NULL for none.
 * shared   receives the tracker, which the caller has a share in, and drops; NULL for none.
 *
 * Returns NRT_INVALID_HANDLE.
 * Any thread that has entered.
 */
NRT_STATUS
libnrt_async_share_tracker(const char *call, nrta_error_tracker_t *tracker,
                           struct nrta_error_tracker **shared);

#endif
