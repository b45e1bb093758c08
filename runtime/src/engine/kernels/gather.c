/* SPDX-License-Identifier: Apache-2.0 */
/* Elements chosen by indices that are data: gather, gather_elements, gather_nd. */
#include <string.h>

#include "engine/kernels/index.h"
#include "engine/kernels/kernel.h"
#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

enum neuron_status
neuron_kernel_gather(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t inner = neuron_dims_product(input, axis + 1, input->rank);
    int64_t outer = neuron_dims_product(input, 0, axis);
    int64_t index_count = neuron_dims_product(&call->inputs[1], 0, call->inputs[1].rank);
    size_t run_bytes = (size_t)inner * neuron_type_size_bytes(input->type);
    unsigned char *to = call->output.data;

    if (neuron_view_is_empty(&call->output)) {
        return NEURON_OK;
    }
    for (int64_t i = 0; i < outer * index_count; i += 1) {
        int64_t index = 0;
        enum neuron_status status =
            neuron_index_read(call, i % index_count, input->shape[axis], &index, error);

        if (status != NEURON_OK) {
            return status;
        }
        int64_t block = i / index_count * input->shape[axis] + index;
        memcpy(to, neuron_element(input, block * inner), run_bytes);
        to += run_bytes;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_gather_elements(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_tensor_view *output = &call->output;
    uint32_t axis = (uint32_t)call->attributes->axis;
    size_t element_bytes = neuron_type_size_bytes(input->type);
    int64_t count = neuron_view_is_empty(output) ? 0 : neuron_dims_product(output, 0, output->rank);
    struct neuron_index_walk walk = {0};

    neuron_index_walk_begin(&walk, input, output, axis);
    for (int64_t i = 0; i < count; i += 1) {
        int64_t index = 0;
        enum neuron_status status = neuron_index_read(call, i, input->shape[axis], &index, error);

        if (status != NEURON_OK) {
            return status;
        }
        memcpy(neuron_output_element(output, i),
               neuron_element(input, walk.position + index * walk.axis_stride), element_bytes);
        neuron_index_walk_next(&walk);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_gather_nd(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_tensor_view *indices = &call->inputs[1];
    uint32_t batch_dims = (uint32_t)call->attributes->axis;
    uint32_t depth = (uint32_t)indices->shape[indices->rank - 1];
    int64_t tuples = neuron_dims_product(indices, batch_dims, indices->rank - 1);
    int64_t count = neuron_dims_product(indices, 0, indices->rank - 1);
    int64_t batch = neuron_dims_product(input, batch_dims, input->rank);
    size_t run_bytes = (size_t)neuron_dims_product(input, batch_dims + depth, input->rank) *
                       neuron_type_size_bytes(input->type);
    unsigned char *to = call->output.data;

    if (neuron_view_is_empty(&call->output)) {
        return NEURON_OK;
    }
    for (int64_t i = 0; i < count; i += 1) {
        int64_t position = 0;
        enum neuron_status status = neuron_index_read_tuple(call, i, batch_dims, &position, error);

        if (status != NEURON_OK) {
            return status;
        }
        memcpy(to, neuron_element(input, i / tuples * batch + position), run_bytes);
        to += run_bytes;
    }
    return NEURON_OK;
}
