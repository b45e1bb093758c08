/* SPDX-License-Identifier: Apache-2.0 */
/* The thread pinned to one owned core: takes requests from its inbox and runs them in order. */
#ifndef NEURON_EXECUTOR_H
#define NEURON_EXECUTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Handing work over: the caller owns a request until it is submitted; the executor owns it, and all
 * memory it names, until the request's completion was counted down. Nothing is copied on the way:
 * the inbox carries the address of the request.
 *
 * A forked child has the memory of its parent's executors, but not their threads: whatever it
 * submits, DataParallel and modules included, returns NEURON_STOPPED.
 */
struct neuron_executor;
struct neuron_completion;

/*
 * A piece of work. It runs on the executor's thread and must not wait for that same executor. Where
 * its request has no completion, the request is the caller's again when the work begins: the work
 * itself may free it, or submit it again.
 */
typedef void
neuron_work_fn(void *argument);

struct neuron_request {
    neuron_work_fn *work;                 /* not NULL */
    void *argument;                       /* handed to `work` */
    struct neuron_completion *completion; /* counted down by one after `work`; NULL for none */
};

enum { NEURON_INBOX_LIMIT = 1000 }; /* most requests that wait in one inbox */

/*
 * Puts a request into the executor's inbox. Never waits.
 *
 * Returns NEURON_QUEUE_FULL when NEURON_INBOX_LIMIT requests wait already, NEURON_STOPPED when the
 * runtime is being destroyed, or NEURON_SYSTEM. The request is then still the caller's, and its
 * completion is not counted down.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_executor_submit(struct neuron_executor *executor, const struct neuron_request *request,
                       struct neuron_error *error);

/* The process's number of the executor's core: 3 for nc:3. Any thread. */
NEURON_API uint32_t
neuron_executor_core(const struct neuron_executor *executor);

/*
 * The operating system's number of the CPU that the executor is bound to; -1 on an invented
 * machine. Whoever submits to several executors does so last to the one whose CPU he himself is on:
 * waking, it may take the CPU at once, and the others would wait until it is done. Any thread.
 */
NEURON_API int
neuron_executor_cpu(const struct neuron_executor *executor);

/*
 * Counts work of the caller's own as a run, for who watches the process; runs of modules count
 * themselves. Begin is called before the work, and count with what it came to after it. On the
 * executor's thread, within a request.
 */
NEURON_API void
neuron_executor_begin_work(struct neuron_executor *executor);
NEURON_API void
neuron_executor_count_work(struct neuron_executor *executor, enum neuron_status status);

/* Says whether the calling thread is the executor's. Any thread. */
NEURON_API bool
neuron_executor_is_current(const struct neuron_executor *executor);

/*
 * Says how many requests wait in the inbox, at this moment. Work that goes on for long lets others
 * have a turn, where there are any, by submitting the rest of itself anew. Any thread.
 */
NEURON_API uint32_t
neuron_executor_waiting_count(const struct neuron_executor *executor);

/* Says whether the executor does nothing and nothing waits, at this moment. Any thread. */
NEURON_API bool
neuron_executor_is_idle(const struct neuron_executor *executor);

/*
 * Makes a completion: one wake-up for any number of requests. It starts as complete.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_completion_create(struct neuron_completion **completion, struct neuron_error *error);

/*
 * Arms a complete completion for `count` requests; done before the first of them is submitted.
 * One thread at a time.
 */
NEURON_API void
neuron_completion_arm(struct neuron_completion *completion, uint32_t count);

/* Counts one request off, for one that was armed but could not be submitted. Any thread. */
NEURON_API void
neuron_completion_count_down(struct neuron_completion *completion);

/*
 * Waits until every armed request is done. All that the executors wrote is visible afterwards.
 * Any thread but an executor's. Blocks without limit.
 */
NEURON_API void
neuron_completion_wait(struct neuron_completion *completion);

/*
 * Waits as above, but no longer than until a time of CLOCK_MONOTONIC. Returns whether every armed
 * request is done; after false the wait is still due.
 */
NEURON_API NEURON_MUST_CHECK bool
neuron_completion_wait_until(struct neuron_completion *completion, uint64_t deadline_ns);

/* Says whether every armed request is done, and if so makes what was written visible. Any thread.
 */
NEURON_API bool
neuron_completion_is_complete(const struct neuron_completion *completion);

/* Destroys a completion that is complete. Accepts NULL. */
NEURON_API void
neuron_completion_destroy(struct neuron_completion *completion);

#ifdef __cplusplus
}
#endif

#endif
