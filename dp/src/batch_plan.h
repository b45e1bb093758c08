/* SPDX-License-Identifier: Apache-2.0 */
/* One call, checked: its tensors, how they lie, and how they are cut. */
#ifndef NEURON_DP_BATCH_PLAN_H
#define NEURON_DP_BATCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch_split.h"
#include "neuron/data_parallel.h"

/*
 * How a tensor lies along the dimension that is cut: `outer_count` blocks, one for each place in
 * the dimensions before it, each of as many rows as the batch has, of `row_bytes` each.
 *
 * What a row is depends on how calls are cut. With dynamic batching it is an extent of 1, and a run
 * has the compiled batch of them. With exact shapes it is the whole compiled extent, which may
 * differ from tensor to tensor, and a run has one. So all else knows of rows only.
 */
struct neuron_row_layout {
    size_t outer_count; /* 1 where dimension 0 is cut */
    size_t row_bytes;   /* of one row in one block; of an input that is shared all of it */
    bool is_shared;     /* goes whole into each run */
};

struct neuron_batch_plan {
    struct neuron_batch_tensors tensors;     /* views of the caller's memory */
    const struct neuron_row_layout *layouts; /* one a tensor, inputs first; the object's */
    struct neuron_batch_split split;
    int64_t run_rows;   /* most rows of one run, at least 1 */
    int64_t row_extent; /* of a row in what the caller sees cut, for texts */
};

#endif
