/* SPDX-License-Identifier: Apache-2.0 */
/* How a runtime starts and stops its executors. */
#ifndef NEURON_EXECUTOR_EXECUTOR_H
#define NEURON_EXECUTOR_EXECUTOR_H

#include <stdint.h>

#include "counters/process_counters.h"
#include "executor/channel.h"
#include "neuron/executor.h"
#include "neuron/runtime.h"
#include "neuron/topology.h"

/*
 * A forked child has the memory of its parent's executors, but not their threads: it leaves them
 * alone, and does not destroy them either.
 */

/*
 * Makes an executor, and starts it on its core.
 *
 * group     outlives the executor.
 * counters  likewise; it writes those of its core.
 * topology  borrowed for the call.
 * nc        the process's number of its core.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_executor_create(struct neuron_channel_group *group,
                       const struct neuron_process_counters *counters,
                       const struct neuron_topology *topology, uint32_t nc,
                       struct neuron_executor **executor, struct neuron_error *error);

/*
 * What is counted of runs. An executor keeps a mark, the time at which its request began or the
 * last run in it ended; a run has taken the time since the mark. All but the last call are for the
 * executor's thread.
 */

/* Notes that a run of a module begins, at the mark. */
void
neuron_executor_begin_run(struct neuron_executor *executor, uint64_t module);

/* Moves the mark to this moment: what was done since it is no run. Returns where it was. */
uint64_t
neuron_executor_mark(struct neuron_executor *executor);

/*
 * Counts a run of a program that came to its end, and moves the mark there.
 *
 * serial  tells programs apart.
 */
void
neuron_executor_count_run(struct neuron_executor *executor, uint64_t serial,
                          enum neuron_status status);

/* Counts how long a request took that ended at the mark, and was handed over at a stamp. */
void
neuron_executor_count_request(struct neuron_executor *executor, uint64_t begin_stamp);

/* Says that nothing follows in this request that would be worth its own look at the time. */
void
neuron_executor_end_at_mark(struct neuron_executor *executor);

/* The time at which a request is handed over. Any thread. */
uint64_t
neuron_executor_stamp(const struct neuron_executor *executor);

/* Reads what was counted; the replicas are not the executor's to know. Any thread. */
void
neuron_executor_read_counters(const struct neuron_executor *executor,
                              struct neuron_core_counters *counters);

/*
 * Stopping has three steps: each executor stops accepting, so that submit returns NEURON_STOPPED;
 * it drains its inbox, running all requests that were accepted; it is joined. The first step is a
 * call of its own, so that many executors drain at the same time.
 */
void
neuron_executor_stop_accepting(struct neuron_executor *executor);

/* Waits until the inbox is drained, and joins the thread. After neuron_executor_stop_accepting. */
void
neuron_executor_join(struct neuron_executor *executor);

/* Destroys an executor that was joined. Accepts NULL. */
void
neuron_executor_destroy(struct neuron_executor *executor);

#endif
