/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded queue of requests that are done in order, each with a sequence id. */
#ifndef NEURON_NRT_ASYNC_QUEUE_H
#define NEURON_NRT_ASYNC_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/executor.h"
#include "neuron/status.h"

/*
 * A queue hands its requests to one executor, which does or begins them one after the other in the
 * order of their submission. In that order they are also reported as completed: one that ends
 * before an earlier one is kept back until that has ended, too. The sequence id of a request has
 * the id of the queue in its upper 16 bits, and in the lower 48 a number that rises by one from
 * request to request, from 1 on.
 *
 * The places of all requests that may be in a queue are there from the start, each with a body for
 * what the request is about. Whoever wants to submit takes a place, fills its body, and submits it
 * or gives it back. A place is free again before its request is reported as completed.
 */
struct libnrt_async_queue;

enum {
    LIBNRT_ASYNC_QUEUE_LIMIT = 64, /* most requests that wait or run in one queue */
    LIBNRT_ASYNC_NUMBER_BITS = 48  /* of a sequence id; the id of its queue is above */
};

/* Does what is left when a request is reported as completed, on the thread that reports it. */
typedef void
libnrt_async_after_fn(void *argument);

struct libnrt_async_after {
    libnrt_async_after_fn *act; /* NULL for nothing */
    void *argument;
};

enum libnrt_async_progress {
    LIBNRT_ASYNC_ENDED,
    LIBNRT_ASYNC_UNDER_WAY /* somebody calls libnrt_async_queue_end(), or has called it by now */
};

/*
 * Does a request, on the executor's thread, or lets others go on with it. Whoever ends it reports
 * its errors, and drops what the body holds: right after that its place may be free.
 *
 * after  zeroed. Who must not learn that the request has ended before it is reported as completed
 *        is told by what this says. It runs on the thread that reports.
 */
typedef enum libnrt_async_progress
libnrt_async_run_fn(void *body, uint64_t sequence, struct libnrt_async_after *after);

/* Frees what a body keeps from one request to the next. */
typedef void
libnrt_async_dispose_fn(void *body);

struct libnrt_async_queue_options {
    struct neuron_executor *executor; /* outlives the queue */
    uint16_t id;
    size_t body_size_bytes; /* a `sizeof`; bodies are zeroed when the queue is created */
    libnrt_async_run_fn *run;
    libnrt_async_dispose_fn *dispose; /* NULL where bodies keep nothing */
};

/*
 * Makes an empty queue.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_queue_create(const struct libnrt_async_queue_options *options,
                          struct libnrt_async_queue **queue, struct neuron_error *error);

/*
 * Takes a place for a request.
 *
 * body  receives the body of the place, as its last user left it.
 *
 * Returns NEURON_QUEUE_FULL when LIBNRT_ASYNC_QUEUE_LIMIT places are taken, or NEURON_STOPPED when
 * the queue is being drained.
 * Any thread. Allocates nothing.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_queue_take(struct libnrt_async_queue *queue, void **body, struct neuron_error *error);

/* Gives back a place that was taken, and not submitted. Any thread. */
void
libnrt_async_queue_give_back(struct libnrt_async_queue *queue, const void *body);

/*
 * Submits a place that was taken. On success its body is the executor's.
 *
 * sequence  receives the id of the request. Unchanged on failure.
 *
 * Returns NEURON_QUEUE_FULL when the inbox of the executor is full, NEURON_STOPPED when the queue
 * is being drained or belongs to the parent of this forked process, or NEURON_SYSTEM. The place is
 * then still the caller's.
 * Any thread. Allocates nothing.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_queue_submit(struct libnrt_async_queue *queue, const void *body, uint64_t *sequence,
                          struct neuron_error *error);

/*
 * Ends a request that was under way: it counts as completed as soon as all before it do.
 *
 * body   of the request.
 * after  as libnrt_async_run_fn has it. Borrowed for the call.
 *
 * Any thread. The queue may be gone afterwards.
 */
void
libnrt_async_queue_end(struct libnrt_async_queue *queue, const void *body,
                       const struct libnrt_async_after *after);

/*
 * The sequence id of the last request that is completed; its number is 0 before the first one. All
 * that the completed requests wrote is visible to the caller. Any thread.
 */
uint64_t
libnrt_async_queue_completed(const struct libnrt_async_queue *queue);

/*
 * Says whether a request is completed; if so, all that it wrote is visible to the caller.
 *
 * Returns NEURON_INVALID_ARGUMENT for a sequence id that the queue never gave.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_queue_is_completed(const struct libnrt_async_queue *queue, uint64_t sequence,
                                bool *is_completed, struct neuron_error *error);

/*
 * Opens a descriptor that is readable from the completion of a request on.
 *
 * descriptor  receives a new one for each call, which the caller only polls, and closes at any
 *             time. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for a sequence id that the queue never gave, or NEURON_SYSTEM
 * when there is no descriptor left.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_queue_open_descriptor(struct libnrt_async_queue *queue, uint64_t sequence,
                                   int *descriptor, struct neuron_error *error);

/*
 * Refuses requests from now on, and waits until all places are free. What was submitted is done,
 * and what is left to do after it, too.
 * Any thread but the executor's, in the process that made the queue.
 */
void
libnrt_async_queue_drain(struct libnrt_async_queue *queue);

/* Destroys a queue that was drained or never used. Accepts NULL. */
void
libnrt_async_queue_destroy(struct libnrt_async_queue *queue);

#endif
