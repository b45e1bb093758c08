/* SPDX-License-Identifier: Apache-2.0 */
/* A block of rows on its way through a rank: taken, run, its bad rows found. */
#ifndef NEURON_SCORE_SCORE_SLOT_H
#define NEURON_SCORE_SCORE_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/data_parallel_call.h"
#include "neuron/status.h"
#include "score/failure_list.h"
#include "score/row_rescue.h"
#include "score/row_source.h"
#include "score/scored_program.h"

/* What all slots of a rank work with. All of it is borrowed, and outlives them. */
struct neuron_slot_tools {
    const struct neuron_score_options *options;
    const struct neuron_scored_program *program;
    struct neuron_row_source *source;
    uint64_t most_failures;      /* of a block: more are not looked for */
    struct neuron_breath breath; /* while rows that fail are told apart */
    bool looks_for_nans;         /* as runs do not tell of them */
};

/* One block at a time. Zeroed but for its tools it is free. One thread at a time. */
struct neuron_score_slot {
    const struct neuron_slot_tools *tools;
    struct neuron_row_block block;
    struct neuron_tensor_view *outputs; /* the results of the block, one view an output */
    void *memory;                       /* of the results */
    size_t memory_bytes;
    struct neuron_data_parallel *parallel; /* that runs the block */
    struct neuron_data_parallel_call *call;
    struct neuron_data_parallel_report *report; /* of the call; NULL for none */
    enum neuron_status early_status;            /* of a submission that failed */
    struct neuron_error early_error;
    uint64_t begin_ns; /* CLOCK_MONOTONIC */
    uint64_t real_ns;  /* the same moment, since the epoch */
};

/*
 * Takes rows and has them run; returns without waiting for that.
 *
 * rows      at most as many; slot->block.count says how many they are.
 * parallel  runs them.
 * report    of that object, for nobody else's call; NULL for none.
 *
 * Returns what is no matter of rows: the source's failures, NEURON_OUT_OF_MEMORY, or what stopped
 * the object. The slot is free then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_slot_begin(struct neuron_score_slot *slot, struct neuron_row_range rows,
                        struct neuron_data_parallel *parallel,
                        struct neuron_data_parallel_report *report, struct neuron_error *error);

/* Says whether waiting for the run would not block. */
bool
neuron_score_slot_is_done(struct neuron_score_slot *slot);

/*
 * Waits for the run, and sees to rows that fail: they are added to `failures`, in ascending order,
 * and their results filled in. Rows that were bad in the input are among them.
 *
 * Returns what is no matter of rows. Blocks until the rows are done.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_slot_finish(struct neuron_score_slot *slot, struct neuron_failure_list *failures,
                         struct neuron_error *error);

/* Takes the run back, waits for what of it has begun, and frees the slot for the next block. */
void
neuron_score_slot_release(struct neuron_score_slot *slot);

/* Frees all that it holds, when it is free. Accepts a zeroed one. */
void
neuron_score_slot_destroy(struct neuron_score_slot *slot);

#endif
