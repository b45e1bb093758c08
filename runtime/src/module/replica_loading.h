/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replicas of one core that are loaded by the threads that run them: at their first run, or by a
 * request that comes before all runs in the inbox of their executor, which therefore wait for it.
 *
 * A replica's program belongs to its executor's thread until nothing runs or loads there any more.
 */
#ifndef NEURON_MODULE_REPLICA_LOADING_H
#define NEURON_MODULE_REPLICA_LOADING_H

#include "module/replica_set.h"

/*
 * Loads a replica of one core, which is its only stage, if it is not loaded. What failed is tried
 * again by the next call.
 *
 * Returns as neuron_module_create(), with the core in the text. The thread of the replica's
 * executor.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_load(struct neuron_replica_stage *stage, struct neuron_error *error);

/*
 * Lets all executors load their replicas, and does not wait for them. Once for a set.
 *
 * Returns NEURON_OUT_OF_MEMORY, NEURON_QUEUE_FULL or NEURON_STOPPED; some may have begun then.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_replica_loading_begin(struct neuron_replica_set *set, struct neuron_error *error);

/* Waits until nothing that was begun loads any more, and forgets it. Any thread but an executor's.
 */
void
neuron_replica_loading_end(struct neuron_replica_set *set);

#endif
