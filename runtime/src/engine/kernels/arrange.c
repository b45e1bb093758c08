/* SPDX-License-Identifier: Apache-2.0 */
/* Results with a pattern of their own: one_hot, trilu, reverse_sequence. */
#include <inttypes.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

enum neuron_status
neuron_kernel_one_hot(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *indices = &call->inputs[0];
    const struct neuron_tensor_view *values = &call->inputs[1];
    const struct neuron_tensor_view *output = &call->output;
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t depth = call->attributes->dims[0];
    struct neuron_strided_move move = {0};

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    int64_t inner = neuron_dims_product(indices, axis, indices->rank);
    int64_t count = neuron_dims_product(indices, 0, indices->rank);
    neuron_strided_move_add(&move, count * depth, 0, 1);
    neuron_strided_move_run(&move, output->type, values->data, output->data);
    for (int64_t i = 0; i < count; i += 1) {
        int64_t index = 0;

        neuron_strip_load_whole(indices->type, neuron_element(indices, i), 1, 1, &index);
        if (index >= -depth && index < depth) {
            int64_t hot = index < 0 ? index + depth : index;

            memcpy(neuron_output_element(output, (i / inner * depth + hot) * inner + i % inner),
                   neuron_element(values, 1), neuron_type_size_bytes(output->type));
        }
    }
    return NEURON_OK;
}

static int64_t
bring_between(int64_t number, int64_t least, int64_t most)
{
    if (number < least) {
        return least;
    }
    return number > most ? most : number;
}

enum neuron_status
neuron_kernel_trilu(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *output = &call->output;
    bool is_upper = call->attributes->mode == 1;
    int64_t rows = output->shape[output->rank - 2];
    int64_t columns = output->shape[output->rank - 1];
    /* Beyond these diagonals nothing changes any more. */
    int64_t diagonal = bring_between(call->attributes->starts[0], -rows, columns);
    size_t element_bytes = neuron_type_size_bytes(output->type);

    (void)error;
    if (neuron_view_is_empty(output)) {
        return NEURON_OK;
    }
    size_t size_bytes = (size_t)neuron_dims_product(output, 0, output->rank) * element_bytes;
    memset(output->data, 0, size_bytes);
    int64_t row_count = neuron_dims_product(output, 0, output->rank - 1);
    for (int64_t i = 0; i < row_count; i += 1) {
        int64_t border = i % rows + diagonal;
        int64_t first = is_upper ? bring_between(border, 0, columns) : 0;
        int64_t end = is_upper ? columns : bring_between(border + 1, 0, columns);

        memcpy(neuron_output_element(output, i * columns + first),
               neuron_element(&call->inputs[0], i * columns + first),
               (size_t)(end - first) * element_bytes);
    }
    return NEURON_OK;
}

/* Copies what stands at one time of one sequence to another time. */
static void
copy_time(const struct neuron_kernel_call *call, int64_t batch, int64_t from_time, int64_t to_time)
{
    const struct neuron_tensor_view *output = &call->output;
    uint32_t time_axis = (uint32_t)call->attributes->axis;
    uint32_t batch_axis = (uint32_t)call->attributes->starts[0];
    struct neuron_strided_move move = {0};
    int64_t strides[NEURON_RANK_LIMIT] = {0};

    neuron_dense_strides(output, strides);
    for (uint32_t i = 0; i < output->rank; i += 1) {
        if (i != time_axis && i != batch_axis) {
            neuron_strided_move_add(&move, output->shape[i], strides[i], strides[i]);
        }
    }
    int64_t sequence = batch * strides[batch_axis];
    neuron_strided_move_run(
        &move, output->type,
        neuron_element(&call->inputs[0], sequence + from_time * strides[time_axis]),
        neuron_output_element(output, sequence + to_time * strides[time_axis]));
}

enum neuron_status
neuron_kernel_reverse_sequence(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *output = &call->output;
    int64_t times = output->shape[call->attributes->axis];
    int64_t batches = output->shape[call->attributes->starts[0]];

    for (int64_t i = 0; !neuron_view_is_empty(output) && i < batches; i += 1) {
        int64_t length = 0;

        neuron_strip_load_whole(call->inputs[1].type, neuron_element(&call->inputs[1], i), 1, 1,
                                &length);
        if (length < 0 || length > times) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "reverse_sequence: length %" PRId64
                               " is outside of a dimension of %" PRId64,
                               length, times);
        }
        for (int64_t time = 0; time < times; time += 1) {
            copy_time(call, i, time < length ? length - 1 - time : time, time);
        }
    }
    return NEURON_OK;
}
