/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of one tensor read in the order of another: slices, transposes, broadcasts. */
#ifndef NEURON_FRONTEND_ONNX_STRIDED_COPY_H
#define NEURON_FRONTEND_ONNX_STRIDED_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

/* A walk over the elements of a result, last dimension first, and where each comes from. */
struct neuron_strided_walk {
    struct neuron_tensor_shape shape;   /* of the result */
    int64_t strides[NEURON_RANK_LIMIT]; /* in elements of the source; may be 0 or negative */
    int64_t position;                   /* of the source element at hand; set to the first one */
    int64_t index[NEURON_RANK_LIMIT];   /* of the result's element at hand; zeroed at first */
};

/* How far apart the elements of each dimension lie in a dense tensor. */
void
neuron_strides_of(const struct neuron_tensor_shape *shape, int64_t *strides);

/* Starts a walk that broadcasts a dense source to `shape`, to which it does broadcast. */
void
neuron_strided_walk_broadcast(struct neuron_strided_walk *walk,
                              const struct neuron_tensor_shape *source,
                              const struct neuron_tensor_shape *shape);

/* Goes on by one element of the result. */
void
neuron_strided_walk_next(struct neuron_strided_walk *walk);

/* Copies all elements of a walk. `count` is how many the result has. */
void
neuron_strided_copy(struct neuron_strided_walk *walk, const void *from, void *to, size_t count);

/* Broadcasts two shapes against each other; the result's type stays. Returns false where they do
   not. */
bool
neuron_broadcast_shapes(const struct neuron_tensor_shape *left,
                        const struct neuron_tensor_shape *right,
                        struct neuron_tensor_shape *result);

#endif
