/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that runs on one core only. The one place of the libraries that starts threads. */
#ifndef NEURON_EXECUTOR_PINNED_THREAD_H
#define NEURON_EXECUTOR_PINNED_THREAD_H

#include <stdint.h>

#include "neuron/status.h"
#include "neuron/topology.h"

struct neuron_pinned_thread;

/* What the thread does first; its failure is that of the start. */
typedef enum neuron_status
neuron_thread_prepare_fn(void *argument, struct neuron_error *error);

/* What the thread does then, until it ends. */
typedef void
neuron_thread_run_fn(void *argument);

struct neuron_pinned_thread_options {
    const struct neuron_topology *topology; /* borrowed for the start */
    uint32_t core;                          /* the machine's number */
    const char *name; /* as tools show it; cut at 15 bytes; borrowed for the start */
    neuron_thread_prepare_fn *prepare;
    neuron_thread_run_fn *run;
    void *argument; /* handed to both */
};

/*
 * Starts a thread with all signals blocked, bound to its core before it touches memory; on an
 * invented machine it runs unbound. Returns when `prepare` has returned: what that wrote is visible
 * to the caller.
 *
 * Returns NEURON_SYSTEM when the thread cannot be started or bound, NEURON_OUT_OF_MEMORY, or what
 * `prepare` returned. No thread is left then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_pinned_thread_start(const struct neuron_pinned_thread_options *options,
                           struct neuron_pinned_thread **thread, struct neuron_error *error);

/* Waits until `run` has returned, and destroys the thread. Accepts NULL. */
void
neuron_pinned_thread_stop(struct neuron_pinned_thread *thread);

#endif
