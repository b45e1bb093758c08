/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/index.h"

#include <inttypes.h>

#include "engine/kernels/strided_move.h"

static enum neuron_status
settle(const struct neuron_kernel_call *call, int64_t given, int64_t limit, int64_t *index,
       struct neuron_error *error)
{
    if (given < -limit || given >= limit) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: index %" PRId64 " is outside of a dimension of %" PRId64,
                           neuron_operator_name(call->kind), given, limit);
    }
    *index = given < 0 ? given + limit : given;
    return NEURON_OK;
}

static int64_t
read_whole(const struct neuron_tensor_view *indices, int64_t number)
{
    return indices->type == NEURON_INT64 ? ((const int64_t *)indices->data)[number]
                                         : ((const int32_t *)indices->data)[number];
}

enum neuron_status
neuron_index_read(const struct neuron_kernel_call *call, int64_t number, int64_t limit,
                  int64_t *index, struct neuron_error *error)
{
    return settle(call, read_whole(&call->inputs[1], number), limit, index, error);
}

enum neuron_status
neuron_index_read_tuple(const struct neuron_kernel_call *call, int64_t number, uint32_t first_dim,
                        int64_t *position, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_tensor_view *indices = &call->inputs[1];
    int64_t depth = indices->shape[indices->rank - 1];
    int64_t strides[NEURON_RANK_LIMIT] = {0};
    int64_t sum = 0;

    neuron_dense_strides(input, strides);
    for (int64_t i = 0; i < depth; i += 1) {
        int64_t index = 0;
        enum neuron_status status = settle(call, read_whole(indices, number * depth + i),
                                           input->shape[first_dim + i], &index, error);

        if (status != NEURON_OK) {
            return status;
        }
        sum += index * strides[first_dim + i];
    }
    *position = sum;
    return NEURON_OK;
}

void
neuron_index_walk_begin(struct neuron_index_walk *walk, const struct neuron_tensor_view *other,
                        const struct neuron_tensor_view *walked, uint32_t axis)
{
    int64_t stride = 1;

    *walk = (struct neuron_index_walk){.rank = walked->rank};
    for (uint32_t i = walked->rank; i > 0; i -= 1) {
        walk->dims[i - 1] = walked->shape[i - 1];
        walk->strides[i - 1] = i - 1 == axis ? 0 : stride;
        walk->axis_stride = i - 1 == axis ? stride : walk->axis_stride;
        /* Overflows for a tensor without elements only, of which no stride is used. */
        (void)__builtin_mul_overflow(stride, other->shape[i - 1], &stride);
    }
}

void
neuron_index_walk_next(struct neuron_index_walk *walk)
{
    for (uint32_t i = walk->rank; i > 0; i -= 1) {
        walk->counters[i - 1] += 1;
        walk->position += walk->strides[i - 1];
        if (walk->counters[i - 1] < walk->dims[i - 1]) {
            return;
        }
        walk->position -= walk->strides[i - 1] * walk->dims[i - 1];
        walk->counters[i - 1] = 0;
    }
}
