/* SPDX-License-Identifier: Apache-2.0 */
/* Indices that are data, the second input of an operator: each is checked before it is used. */
#ifndef NEURON_ENGINE_KERNELS_INDEX_H
#define NEURON_ENGINE_KERNELS_INDEX_H

#include "engine/kernels/kernel.h"

/*
 * Reads an index into a dimension of `limit`; negative ones count from the end.
 *
 * Returns NEURON_INVALID_ARGUMENT for one outside of the dimension.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_index_read(const struct neuron_kernel_call *call, int64_t number, int64_t limit,
                  int64_t *index, struct neuron_error *error);

/*
 * Reads the tuple `number` of the last dimension of the indices, which are of the dimensions of the
 * first input from `first_dim` on. `position` receives the element, counted from where all are 0.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_index_read_tuple(const struct neuron_kernel_call *call, int64_t number, uint32_t first_dim,
                        int64_t *position, struct neuron_error *error);

/* A walk over all elements of a tensor that is no larger than another, and where the same place of
   the other is, with index 0 on the axis. */
struct neuron_index_walk {
    uint32_t rank;
    int64_t dims[NEURON_RANK_LIMIT];
    int64_t strides[NEURON_RANK_LIMIT]; /* in the other; 0 on the axis */
    int64_t counters[NEURON_RANK_LIMIT];
    int64_t axis_stride;
    int64_t position;
};

void
neuron_index_walk_begin(struct neuron_index_walk *walk, const struct neuron_tensor_view *other,
                        const struct neuron_tensor_view *walked, uint32_t axis);
void
neuron_index_walk_next(struct neuron_index_walk *walk);

#endif
