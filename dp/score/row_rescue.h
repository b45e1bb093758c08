/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the rows that make a run fail, and has all others done. */
#ifndef NEURON_SCORE_ROW_RESCUE_H
#define NEURON_SCORE_ROW_RESCUE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/data_parallel.h"
#include "neuron/status.h"
#include "score/failure_list.h"

/* What is called between runs, so that somebody hears that work goes on. */
struct neuron_breath {
    void (*breathe)(void *argument); /* NULL for none */
    void *argument;
};

/* A block whose run failed. All of it is borrowed. */
struct neuron_row_rescue {
    struct neuron_data_parallel *parallel;
    const struct neuron_tensor_view *inputs; /* of the whole block, as is_shared of them are */
    const bool *is_shared;
    uint32_t input_count;
    const struct neuron_tensor_view *outputs;
    uint32_t output_count;
    uint64_t first_row;      /* of the job, that the block begins with */
    uint64_t row_count;      /* at least 1 */
    bool is_custom;          /* a run that tells of numerical errors has no results */
    uint64_t row_timeout_ms; /* a run that took as long and lost its process hung; 0 for none */
    struct neuron_breath breath;
    uint64_t most_failures; /* more are not looked for: the job is over then */
};

/* Says whether a status speaks of rows, and not of the object or the machine. */
bool
neuron_row_rescue_helps(enum neuron_status status);

/*
 * Runs the block in halves, those that fail in halves again, down to single rows; one that fails
 * alone, twice, is added to the failures, and its results are undefined.
 *
 * Returns what else stood in the way, as neuron_data_parallel_run() does. Blocks.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_rescue_run(const struct neuron_row_rescue *rescue, struct neuron_failure_list *failures,
                      struct neuron_error *error);

#endif
