/* SPDX-License-Identifier: Apache-2.0 */
/* Hands calls to lanes: the chunks of each go to whichever lane is free first. */
#ifndef NEURON_DP_DISPATCHER_H
#define NEURON_DP_DISPATCHER_H

#include <stddef.h>
#include <stdint.h>

#include "batch_plan.h"
#include "call.h"
#include "chunk_program.h"
#include "neuron/executor.h"
#include "neuron/status.h"

/*
 * A call costs one message a lane, not one a chunk: the message names the call, and the lane takes
 * chunks until none is left. That balances the lanes by itself, and keeps the inbox of an executor
 * as short as there are calls.
 */
struct neuron_dispatcher;

/* Where a lane is, and what it tells of itself. */
struct neuron_lane_place {
    struct neuron_executor *executor;
    uint32_t replica;
    uint32_t nc;   /* the process's number of its core */
    uint32_t core; /* the machine's */
};

/* Makes the program of a lane, on its executor's thread. Returns whatever stood in the way. */
typedef enum neuron_status
neuron_lane_open_fn(void *maker, uint32_t lane, struct neuron_chunk_program *program,
                    struct neuron_error *error);

struct neuron_dispatcher_options {
    const struct neuron_lane_place *places; /* copied */
    uint32_t lane_count;                    /* at least 1 */
    uint32_t input_count;
    uint32_t tensor_count;      /* inputs and outputs together */
    const size_t *buffer_bytes; /* of each tensor of a run, see neuron_staging_init(); copied */
    bool reserves_buffers;      /* make the buffers now: some run will be packed */
    neuron_lane_open_fn *open;
    void *maker; /* handed to `open` */
};

/*
 * Makes lanes, all at the same time, and waits for them.
 *
 * Returns what `open` returned on the first lane where it failed, with its core; or what submitting
 * returns, or NEURON_OUT_OF_MEMORY. Any thread but an executor's.
 */
enum neuron_status
neuron_dispatcher_create(const struct neuron_dispatcher_options *options,
                         struct neuron_dispatcher **dispatcher, struct neuron_error *error);

struct neuron_call_terms {
    uint32_t lane_limit;  /* how many lanes may work on it at a time; at least 1 */
    uint64_t deadline_ns; /* of CLOCK_MONOTONIC; 0 for none */
    struct neuron_data_parallel_report *report; /* begun with the call; NULL for none */
};

/*
 * Submits a call, and does not wait for it. The caller holds it then. One without a chunk is done
 * at once.
 *
 * Returns NEURON_QUEUE_FULL, NEURON_STOPPED or NEURON_SYSTEM where no lane could be asked, or
 * NEURON_OUT_OF_MEMORY. Any thread.
 */
enum neuron_status
neuron_dispatcher_submit(struct neuron_dispatcher *dispatcher, const struct neuron_batch_plan *plan,
                         const struct neuron_call_terms *terms,
                         struct neuron_data_parallel_call **call, struct neuron_error *error);

/*
 * Waits for a call, closes it when its deadline is over, says what became of it, and lets it go.
 *
 * Returns the status of the first chunk that failed, in the order of rows, with its number, rows
 * and core before its own text; NEURON_TIMED_OUT or NEURON_CANCELLED.
 * Any thread but an executor's.
 */
enum neuron_status
neuron_dispatcher_wait(struct neuron_dispatcher *dispatcher, struct neuron_data_parallel_call *call,
                       struct neuron_error *error);

/* Destroys lanes and programs. Accepts NULL. No call is held by its caller. Waits for the lanes. */
void
neuron_dispatcher_destroy(struct neuron_dispatcher *dispatcher);

#endif
