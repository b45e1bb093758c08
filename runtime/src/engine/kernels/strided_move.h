/* SPDX-License-Identifier: Apache-2.0 */
/* Elements copied from one strided place to another: slices, transposes, broadcasts, joins. */
#ifndef NEURON_ENGINE_KERNELS_STRIDED_MOVE_H
#define NEURON_ENGINE_KERNELS_STRIDED_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/tensor.h"

enum { NEURON_MOVE_LOOPS = 2 * NEURON_RANK_LIMIT };

/* Strides are in elements; that of the source may be 0 or negative. */
struct neuron_move_loop {
    int64_t count;
    int64_t from_stride;
    int64_t to_stride;
};

/* The loops, outermost first; neighbours that both sides walk through without a seam are one. */
struct neuron_strided_move {
    uint32_t loop_count;
    struct neuron_move_loop loops[NEURON_MOVE_LOOPS];
};

/* Fills in how far apart the elements of each dimension lie. */
void
neuron_dense_strides(const struct neuron_tensor_view *view, int64_t *strides);

/* Multiplies the dimensions from `first` to before `end`. */
int64_t
neuron_dims_product(const struct neuron_tensor_view *view, uint32_t first, uint32_t end);

/* Says whether a tensor has no elements. */
bool
neuron_view_is_empty(const struct neuron_tensor_view *view);

/* Adds a loop inside of those that are there already. */
void
neuron_strided_move_add(struct neuron_strided_move *move, int64_t count, int64_t from_stride,
                        int64_t to_stride);

/* Copies elements of `type` between the first element of each side and those of the loops. */
void
neuron_strided_move_run(const struct neuron_strided_move *move, enum neuron_type type,
                        const void *from, void *to);

#endif
