/* SPDX-License-Identifier: Apache-2.0 */
/* One isolated executor: its process, and the wire to it. */
#ifndef NEURON_DP_EXECUTOR_CHILD_H
#define NEURON_DP_EXECUTOR_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "executor_process.h"
#include "isolated_source.h"
#include "process_channel.h"

/*
 * All calls are made by one thread, that of the core's executor, which outlives the process: the
 * kernel ends the process with the thread that started it. Whatever fails with
 * NEURON_PEER_LOST, NEURON_TIMED_OUT or NEURON_SYSTEM leaves no process, where nothing else is
 * said: the child is none then.
 */

/* A zeroed one is none. */
struct neuron_executor_child {
    struct neuron_executor_process process;
    struct neuron_process_channel *channel;
    const char *path;       /* of the program that was started; the source's */
    bool is_loading;        /* has not told yet whether it is loaded */
    uint32_t load_limit_ms; /* how long that may take; 0 for ever */
    uint64_t load_hung_ns;  /* when that is over; 0 for never */
};

/* Which replica of a source a child has. */
struct neuron_child_place {
    const struct neuron_isolated_source *source;
    uint32_t nc;      /* of its first core */
    int64_t run_rows; /* most rows of a run */
    int slots_file;   /* of the tensors (shared_slots.h) */
};

/* How long to wait for an answer. */
struct neuron_child_limits {
    uint64_t deadline_ns;   /* of CLOCK_MONOTONIC; 0 for none */
    uint32_t hang_limit_ms; /* from now on; 0 for none */
};

/*
 * Starts a child, which begins to load its program.
 *
 * hang_limit_ms  of its runs; loading may take a minute more. 0 for none.
 * child          receives it. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM, NEURON_OUT_OF_MEMORY or NEURON_INVALID_ARGUMENT when it cannot be started.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_executor_child_start(const struct neuron_child_place *place, uint32_t hang_limit_ms,
                            struct neuron_executor_child *child, struct neuron_error *error);

/*
 * Waits until a child has loaded its program, if it has not yet.
 *
 * deadline_ns  of CLOCK_MONOTONIC; 0 for none.
 *
 * Returns NEURON_TIMED_OUT when the deadline passed: the child goes on loading, and may be awaited
 * again; NEURON_PEER_LOST when it ended or hung before it was ready, or why it could not load:
 * then it is none.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_executor_child_await_loaded(struct neuron_executor_child *child, uint64_t deadline_ns,
                                   struct neuron_error *error);

/* Says whether there is a child that has not ended. One that has is cleaned away. */
bool
neuron_executor_child_is_alive(struct neuron_executor_child *child);

/*
 * Has a child that is loaded run its program on what lies in the slots, and waits for it.
 *
 * sequence  another number for each run, not 0.
 *
 * Returns what the program returned; NEURON_PEER_LOST when the child ended, answered what is no
 * answer, or was killed because it hung: the text says how; NEURON_TIMED_OUT when it was killed
 * because the deadline passed.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_executor_child_run(struct neuron_executor_child *child, uint64_t sequence, int64_t rows,
                          const struct neuron_child_limits *limits, struct neuron_error *error);

/* Asks a child to end, kills it where it loads or does not end within seconds, and waits for it.
   Accepts none. */
void
neuron_executor_child_end(struct neuron_executor_child *child);

#endif
