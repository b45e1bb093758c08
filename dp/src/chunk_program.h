/* SPDX-License-Identifier: Apache-2.0 */
/* What runs rows on one core: a model's replica, a process that has one, or the user's function. */
#ifndef NEURON_DP_CHUNK_PROGRAM_H
#define NEURON_DP_CHUNK_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

/* One run: the addresses of dense tensors, in the model's order. They live until it is done. */
struct neuron_chunk_run {
    void *const *inputs;  /* with `rows` rows, the shared ones whole; only read */
    void *const *outputs; /* with `rows` rows */
    int64_t rows;
    uint64_t deadline_ns; /* of CLOCK_MONOTONIC; 0 for none */
};

/* Hears that a submitted run is done. On any thread; it waits for no executor. */
typedef void
neuron_chunk_done_fn(void *argument, enum neuron_status status, const struct neuron_error *error);

/* How a kind of program runs. Either run() or submit() is NULL. */
struct neuron_chunk_program_ops {
    /*
     * Runs to the end, on the executor's thread, one run at a time.
     *
     * Returns NEURON_TIMED_OUT when the deadline passed; NEURON_PEER_LOST when the process that
     * ran it ended or hung, of which a new one was made or will be: the same rows may be tried
     * once more; NEURON_STOPPED when the run never began, as this core can have no process now:
     * another core may run the rows, which are not to blame, and this one may be asked again later;
     * or what the program itself returned, which is none of these.
     */
    enum neuron_status (*run)(void *state, const struct neuron_chunk_run *run,
                              struct neuron_error *error);
    /* Begins a run, on the executor's thread. When it fails, nobody will be told of an end. */
    enum neuron_status (*submit)(void *state, const struct neuron_chunk_run *run,
                                 neuron_chunk_done_fn *done, void *argument,
                                 struct neuron_error *error);
    /* Ends the program. On the executor's thread; no run is under way. */
    void (*destroy)(void *state);
};

/* One program on one core. A zeroed one is none. */
struct neuron_chunk_program {
    const struct neuron_chunk_program_ops *ops;
    void *state;
    int64_t run_rows; /* most rows of a run, at least 1 */
    bool is_padded;   /* a run is always full: rows that lack are filled up, and cut off */
    bool is_isolated; /* NEURON_PEER_LOST is of the process that ran, not what the rows gave */
    /*
     * Memory that runs read and write in place of the caller's, of run_rows rows each, in the
     * order inputs, outputs; the program's. NULL where any memory will do.
     */
    void *const *buffers;
};

#endif
