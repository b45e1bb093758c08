/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a result, and where the rows of operands that are broadcast to it begin. */
#ifndef NEURON_ENGINE_KERNELS_ROW_WALK_H
#define NEURON_ENGINE_KERNELS_ROW_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/tensor.h"

enum { NEURON_ROW_OPERANDS = 3 };

/* The loops over the result, outermost first; neighbours that all operands walk through without a
   seam are one. The last loop is the row, and is there also for a scalar. */
struct neuron_row_walk {
    uint32_t rank;
    int64_t dims[NEURON_RANK_LIMIT + 1];
    uint32_t operand_count;
    int64_t strides[NEURON_ROW_OPERANDS][NEURON_RANK_LIMIT + 1]; /* in elements, 0 to repeat */
    int64_t positions[NEURON_ROW_OPERANDS];                      /* of the row at hand */
    int64_t counters[NEURON_RANK_LIMIT + 1];
    bool is_done; /* there is no row, or no further one */
};

/* Starts at the first row; there is none where the result has no elements. */
void
neuron_row_walk_begin(struct neuron_row_walk *walk, const struct neuron_tensor_view *operands,
                      uint32_t operand_count, const struct neuron_tensor_view *result);

/* Goes on to the next row. */
void
neuron_row_walk_next(struct neuron_row_walk *walk);

/* How many elements a row has, and how far apart they lie in an operand. */
int64_t
neuron_row_walk_count(const struct neuron_row_walk *walk);
int64_t
neuron_row_walk_stride(const struct neuron_row_walk *walk, uint32_t operand);

#endif
