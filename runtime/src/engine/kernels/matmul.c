/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrix products of the types that oneDNN does not multiply: a row of the result is the sum of
 * rows of the right side, so that the inner loop runs along both. Whole numbers wrap around.
 */
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/matrix_index.h"
#include "engine/kernels/strip.h"

/* The matrices of one product, and how far apart their elements lie. */
struct product {
    const void *left;
    const void *right;
    void *result;
    int64_t rows;
    int64_t depth;
    int64_t columns;
    int64_t left_row; /* strides in elements */
    int64_t left_column;
    int64_t right_row;
    int64_t right_column;
};

/* Adds a row of the right side, times an element of the left one, to a row of the result. */
typedef void
add_row_fn(void *result, const void *factor, const void *row, const struct product *product);

static void
add_row_double(void *result, const void *factor, const void *row, const struct product *product)
{
    const double *from = row;
    double *to = result;
    double times = *(const double *)factor;

    for (int64_t j = 0; j < product->columns; j += 1) {
        to[j] += times * from[j * product->right_column];
    }
}

static void
add_row_float(void *result, const void *factor, const void *row, const struct product *product)
{
    const float *from = row;
    float *to = result;
    float times = *(const float *)factor;

    for (int64_t j = 0; j < product->columns; j += 1) {
        to[j] += times * from[j * product->right_column];
    }
}

/* The bits of a product are the same for both signs. */
static void
add_row_int32(void *result, const void *factor, const void *row, const struct product *product)
{
    const uint32_t *from = row;
    uint32_t *to = result;
    uint32_t times = *(const uint32_t *)factor;

    for (int64_t j = 0; j < product->columns; j += 1) {
        to[j] += times * from[j * product->right_column];
    }
}

static void
add_row_int64(void *result, const void *factor, const void *row, const struct product *product)
{
    const uint64_t *from = row;
    uint64_t *to = result;
    uint64_t times = *(const uint64_t *)factor;

    for (int64_t j = 0; j < product->columns; j += 1) {
        to[j] += times * from[j * product->right_column];
    }
}

static add_row_fn *
find_add_row(enum neuron_type type)
{
    switch ((int)type) {
    case NEURON_FLOAT32:
        return add_row_float;
    case NEURON_FLOAT64:
        return add_row_double;
    case NEURON_INT64:
        return add_row_int64;
    default:
        return add_row_int32;
    }
}

static void
multiply(enum neuron_type type, const struct product *product)
{
    int64_t size_bytes = (int64_t)neuron_type_size_bytes(type);
    const unsigned char *left = product->left;
    const unsigned char *right = product->right;
    unsigned char *result = product->result;
    add_row_fn *add_row = find_add_row(type);

    for (int64_t i = 0; i < product->rows; i += 1) {
        for (int64_t k = 0; k < product->depth; k += 1) {
            int64_t factor = i * product->left_row + k * product->left_column;

            add_row(result + i * product->columns * size_bytes, left + factor * size_bytes,
                    right + k * product->right_row * size_bytes, product);
        }
    }
}

/* Begins the result with the bias, or with zeros. */
static void
begin_result(const struct neuron_kernel_call *call, int64_t columns)
{
    size_t size_bytes = neuron_type_size_bytes(call->output.type);
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&call->output);
    size_t total_bytes = neuron_tensor_shape_size_bytes(&shape);
    size_t row_bytes = size_bytes * (size_t)columns;
    unsigned char *result = call->output.data;

    if (call->input_count < 3) {
        memset(result, 0, total_bytes);
        return;
    }
    for (size_t i = 0; i < total_bytes; i += row_bytes) {
        memcpy(result + i, call->inputs[2].data, row_bytes);
    }
}

static struct product
describe(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *left = &call->inputs[0];
    const struct neuron_tensor_view *right = &call->inputs[1];
    int64_t left_width = left->shape[left->rank - 1];
    int64_t right_width = right->shape[right->rank - 1];
    bool swaps_left = call->attributes->transpose_left;
    bool swaps_right = call->attributes->transpose_right;

    return (struct product){
        .rows = call->output.shape[call->output.rank - 2],
        .columns = call->output.shape[call->output.rank - 1],
        .depth = swaps_left ? left->shape[left->rank - 2] : left_width,
        .left_row = swaps_left ? 1 : left_width,
        .left_column = swaps_left ? left_width : 1,
        .right_row = swaps_right ? 1 : right_width,
        .right_column = swaps_right ? right_width : 1,
    };
}

/* Each element is read before it is written, so the result may be its own operand. */
static enum neuron_status
activate(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct neuron_kernel_call activation = *call;

    activation.kind = call->attributes->activation;
    activation.inputs = &call->output;
    activation.input_count = 1;
    return neuron_kernel_unary(&activation, error);
}

enum neuron_status
neuron_kernel_matmul(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct product product = describe(call);
    int64_t matrices = neuron_matrix_count(&call->output);

    begin_result(call, product.columns);
    for (int64_t i = 0; i < matrices; i += 1) {
        product.left = neuron_element(&call->inputs[0],
                                      neuron_matrix_index(&call->inputs[0], &call->output, i) *
                                          product.rows * product.depth);
        product.right = neuron_element(&call->inputs[1],
                                       neuron_matrix_index(&call->inputs[1], &call->output, i) *
                                           product.depth * product.columns);
        product.result = neuron_output_element(&call->output, i * product.rows * product.columns);
        multiply(call->output.type, &product);
    }
    return call->attributes->activation == NEURON_OPERATOR_NONE ? NEURON_OK : activate(call, error);
}
