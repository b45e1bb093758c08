/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products of bytes: the whole left side, and some columns of the right one at a time. */
#include "engine/kernels/dot.h"
#include "engine/kernels/kernel.h"
#include "engine/kernels/matrix_index.h"
#include "engine/kernels/strip.h"

enum { COLUMNS = 32 /* of the right side at a time */ };

size_t
neuron_kernel_matmul_integer_scratch(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *left = &call->inputs[0];
    size_t rows = (size_t)left->shape[left->rank - 2] + COLUMNS;

    return rows * (size_t)neuron_dot_row(left->shape[left->rank - 1]) * sizeof(int16_t);
}

/* Brings one matrix of the left side to rows. */
static void
load_left(const struct neuron_kernel_call *call, int64_t index, int16_t *rows)
{
    const struct neuron_tensor_view *left = &call->inputs[0];
    const struct neuron_tensor_view *zeros = call->input_count > 2 ? &call->inputs[2] : NULL;
    int64_t count = left->shape[left->rank - 2];
    int64_t depth = left->shape[left->rank - 1];

    for (int64_t i = 0; i < count; i += 1) {
        int64_t row = index * count + i;
        /* A zero point for each row is one for all matrices, unless it has their dimensions. */
        int64_t zero = zeros != NULL && zeros->rank > 1 ? row : i;

        neuron_dot_load(left->type, neuron_element(left, row * depth), 1, depth,
                        neuron_dot_zero(zeros, zero), rows + i * neuron_dot_row(depth));
    }
}

/* Brings columns of one matrix of the right side to rows. */
static void
load_right(const struct neuron_kernel_call *call, int64_t index, int64_t first, int64_t count,
           int16_t *rows)
{
    const struct neuron_tensor_view *right = &call->inputs[1];
    const struct neuron_tensor_view *zeros = call->input_count > 3 ? &call->inputs[3] : NULL;
    int64_t depth = right->shape[right->rank - 2];
    int64_t columns = right->shape[right->rank - 1];

    for (int64_t i = 0; i < count; i += 1) {
        int64_t column = first + i;
        int64_t zero = zeros != NULL && zeros->rank > 1 ? index * columns + column : column;

        neuron_dot_load(right->type, neuron_element(right, index * depth * columns + column),
                        columns, depth, neuron_dot_zero(zeros, zero),
                        rows + i * neuron_dot_row(depth));
    }
}

/* One matrix of the result. */
static void
multiply_matrix(const struct neuron_kernel_call *call, int64_t index)
{
    const struct neuron_tensor_view *output = &call->output;
    int64_t rows = output->shape[output->rank - 2];
    int64_t columns = output->shape[output->rank - 1];
    int64_t row = neuron_dot_row(call->inputs[0].shape[call->inputs[0].rank - 1]);
    int16_t *left = call->scratch;
    int16_t *right = left + rows * row;
    int64_t from = neuron_matrix_index(&call->inputs[1], output, index);

    load_left(call, neuron_matrix_index(&call->inputs[0], output, index), left);
    for (int64_t j = 0; j < columns; j += COLUMNS) {
        int64_t count = columns - j < COLUMNS ? columns - j : COLUMNS;
        const struct neuron_dot dot = {
            .left = left,
            .left_rows = rows,
            .right = right,
            .right_rows = count,
            .row = row,
            .result = neuron_output_element(output, index * rows * columns + j),
            .result_stride = columns};

        load_right(call, from, j, count, right);
        neuron_dot_multiply(&dot);
    }
}

enum neuron_status
neuron_kernel_matmul_integer(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    (void)error;
    for (int64_t i = 0; i < neuron_matrix_count(&call->output); i += 1) {
        multiply_matrix(call, i);
    }
    return NEURON_OK;
}
