/* SPDX-License-Identifier: Apache-2.0 */
/* From the input through the cores into the output, block by block. */
#ifndef NEURON_SCORE_ROW_SCORER_H
#define NEURON_SCORE_ROW_SCORER_H

#include <signal.h>
#include <stddef.h>

#include "neuron/data_parallel.h"
#include "neuron/status.h"
#include "neuron/tensor.h"
#include "score/npy_input.h"
#include "score/part_file.h"
#include "score/progress.h"
#include "score/row_range.h"
#include "score/slowest_block.h"

/* What is needed to score rows. The objects are borrowed, and outlive it. */
struct neuron_row_scorer {
    struct neuron_npy_input *input;
    struct neuron_data_parallel *parallel;
    struct neuron_part_file *output;
    struct neuron_tensor_shape output_shape; /* dimension 0 does not matter */
    size_t output_row_bytes;
    struct neuron_block_limits limits;
    struct neuron_progress progress;
    struct neuron_slowest_block *slowest;     /* hears of each block; NULL for nobody */
    const volatile sig_atomic_t *stop_signal; /* not 0 once a signal asked to stop */
    void *results;                            /* of one block; zeroed at first, as its size */
    size_t results_bytes;
};

/*
 * Scores rows of the input into the same rows of the output.
 *
 * Returns NEURON_CANCELLED when it was told to stop, which it does after the block at hand;
 * NEURON_PEER_LOST when another rank has removed the output; or what stood in the way.
 * Blocks until all rows are written.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_scorer_run(struct neuron_row_scorer *scorer, const struct neuron_row_range *rows,
                      struct neuron_error *error);

#endif
