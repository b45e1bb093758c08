/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/strided_copy.h"

#include <string.h>

void
neuron_strides_of(const struct neuron_tensor_shape *shape, int64_t *strides)
{
    int64_t stride = 1;

    for (uint32_t i = shape->rank; i > 0; i -= 1) {
        strides[i - 1] = stride;
        /* Overflows for a tensor without elements only, of which no stride is used. */
        (void)__builtin_mul_overflow(stride, shape->dims[i - 1], &stride);
    }
}

void
neuron_strided_walk_broadcast(struct neuron_strided_walk *walk,
                              const struct neuron_tensor_shape *source,
                              const struct neuron_tensor_shape *shape)
{
    int64_t dense[NEURON_RANK_LIMIT] = {0};
    uint32_t missing = shape->rank - source->rank;

    neuron_strides_of(source, dense);
    *walk = (struct neuron_strided_walk){.shape = *shape};
    for (uint32_t i = missing; i < shape->rank; i += 1) {
        walk->strides[i] = source->dims[i - missing] == 1 ? 0 : dense[i - missing];
    }
}

void
neuron_strided_walk_next(struct neuron_strided_walk *walk)
{
    for (uint32_t i = walk->shape.rank; i > 0; i -= 1) {
        walk->index[i - 1] += 1;
        walk->position += walk->strides[i - 1];
        if (walk->index[i - 1] < walk->shape.dims[i - 1]) {
            return;
        }
        walk->position -= walk->strides[i - 1] * walk->shape.dims[i - 1];
        walk->index[i - 1] = 0;
    }
}

void
neuron_strided_copy(struct neuron_strided_walk *walk, const void *from, void *to, size_t count)
{
    size_t element_bytes = neuron_type_size_bytes(walk->shape.type);
    const unsigned char *source = from;
    unsigned char *result = to;

    for (size_t i = 0; i < count; i += 1) {
        memcpy(result + i * element_bytes, source + (size_t)walk->position * element_bytes,
               element_bytes);
        neuron_strided_walk_next(walk);
    }
}

bool
neuron_broadcast_shapes(const struct neuron_tensor_shape *left,
                        const struct neuron_tensor_shape *right, struct neuron_tensor_shape *result)
{
    uint32_t rank = left->rank > right->rank ? left->rank : right->rank;

    result->rank = rank;
    for (uint32_t i = 0; i < rank; i += 1) {
        int64_t l = i + left->rank < rank ? 1 : left->dims[i + left->rank - rank];
        int64_t r = i + right->rank < rank ? 1 : right->dims[i + right->rank - rank];

        if (l != r && l != 1 && r != 1) {
            return false;
        }
        result->dims[i] = l == 1 ? r : l;
    }
    return true;
}
