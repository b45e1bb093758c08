/* SPDX-License-Identifier: Apache-2.0 */
/* Elements in another order: transpose, concat, slice, expand, tile. */
#include "engine/kernels/kernel.h"
#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

enum neuron_status
neuron_kernel_transpose(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *output = &call->output;
    struct neuron_strided_move move = {0};
    int64_t from[NEURON_RANK_LIMIT] = {0};
    int64_t to[NEURON_RANK_LIMIT] = {0};

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    neuron_dense_strides(&call->inputs[0], from);
    neuron_dense_strides(output, to);
    for (uint32_t i = 0; i < output->rank; i += 1) {
        neuron_strided_move_add(&move, output->shape[i], from[call->attributes->order[i]], to[i]);
    }
    neuron_strided_move_run(&move, output->type, call->inputs[0].data, output->data);
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_concat(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *output = &call->output;
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t to[NEURON_RANK_LIMIT] = {0};
    int64_t position = 0;

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    neuron_dense_strides(output, to);
    for (uint32_t i = 0; i < call->input_count; i += 1) {
        const struct neuron_tensor_view *input = &call->inputs[i];
        struct neuron_strided_move move = {0};
        int64_t from[NEURON_RANK_LIMIT] = {0};

        if (neuron_view_is_empty(input)) {
            continue;
        }
        neuron_dense_strides(input, from);
        for (uint32_t j = 0; j < input->rank; j += 1) {
            neuron_strided_move_add(&move, input->shape[j], from[j], to[j]);
        }
        neuron_strided_move_run(&move, output->type, input->data,
                                neuron_output_element(output, position));
        position += input->shape[axis] * to[axis];
    }
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_slice(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = call->attributes;
    const struct neuron_tensor_view *output = &call->output;
    struct neuron_strided_move move = {0};
    int64_t from[NEURON_RANK_LIMIT] = {0};
    int64_t to[NEURON_RANK_LIMIT] = {0};
    int64_t first = 0;

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    neuron_dense_strides(&call->inputs[0], from);
    neuron_dense_strides(output, to);
    for (uint32_t i = 0; i < output->rank; i += 1) {
        /* The step of a single element may be any number. */
        int64_t stride = output->shape[i] == 1 ? 0 : from[i] * attributes->steps[i];

        first += from[i] * attributes->starts[i];
        neuron_strided_move_add(&move, output->shape[i], stride, to[i]);
    }
    neuron_strided_move_run(&move, output->type, neuron_element(&call->inputs[0], first),
                            output->data);
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_expand(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_tensor_view *output = &call->output;
    struct neuron_strided_move move = {0};
    int64_t from[NEURON_RANK_LIMIT] = {0};
    int64_t to[NEURON_RANK_LIMIT] = {0};
    uint32_t missing = output->rank - input->rank;

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    neuron_dense_strides(input, from);
    neuron_dense_strides(output, to);
    for (uint32_t i = 0; i < output->rank; i += 1) {
        bool repeats = i < missing || input->shape[i - missing] == 1;

        neuron_strided_move_add(&move, output->shape[i], repeats ? 0 : from[i - missing], to[i]);
    }
    neuron_strided_move_run(&move, output->type, input->data, output->data);
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_tile(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_tensor_view *output = &call->output;
    struct neuron_strided_move move = {0};
    int64_t from[NEURON_RANK_LIMIT] = {0};
    int64_t to[NEURON_RANK_LIMIT] = {0};

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    neuron_dense_strides(input, from);
    neuron_dense_strides(output, to);
    for (uint32_t i = 0; i < output->rank; i += 1) {
        neuron_strided_move_add(&move, call->attributes->dims[i], 0, to[i] * input->shape[i]);
        neuron_strided_move_add(&move, input->shape[i], from[i], to[i]);
    }
    neuron_strided_move_run(&move, output->type, input->data, output->data);
    return NEURON_OK;
}
