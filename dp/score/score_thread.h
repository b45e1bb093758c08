/* SPDX-License-Identifier: Apache-2.0 */
/* A thread beside the one that scores: for the lease server, and for waiting on the disk. */
#ifndef NEURON_SCORE_SCORE_THREAD_H
#define NEURON_SCORE_SCORE_THREAD_H

#include "neuron/status.h"

/* Runs on any core of the process, and receives no signals: they are the main thread's. */
struct neuron_score_thread;

typedef void
neuron_score_thread_fn(void *argument);

/*
 * Starts a thread.
 *
 * name      of at most 15 bytes, as tools show it.
 * argument  outlives the thread.
 * thread    receives a new object, which is joined once. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY or NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_thread_start(const char *name, neuron_score_thread_fn *run, void *argument,
                          struct neuron_score_thread **thread, struct neuron_error *error);

/* Waits for the end of a thread, and destroys the object. Accepts NULL. */
void
neuron_score_thread_join(struct neuron_score_thread *thread);

#endif
