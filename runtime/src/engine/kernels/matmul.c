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

static void
add_row_double(double *result, double factor, const double *row, const struct product *product)
{
    for (int64_t j = 0; j < product->columns; j += 1) {
        result[j] += factor * row[j * product->right_column];
    }
}

static void
multiply_double(const struct product *product)
{
    const double *left = product->left;
    const double *right = product->right;
    double *result = product->result;

    for (int64_t i = 0; i < product->rows; i += 1) {
        for (int64_t k = 0; k < product->depth; k += 1) {
            double factor = left[i * product->left_row + k * product->left_column];

            add_row_double(result + i * product->columns, factor, right + k * product->right_row,
                           product);
        }
    }
}

static void
add_row_float(float *result, float factor, const float *row, const struct product *product)
{
    for (int64_t j = 0; j < product->columns; j += 1) {
        result[j] += factor * row[j * product->right_column];
    }
}

static void
multiply_float(const struct product *product)
{
    const float *left = product->left;
    const float *right = product->right;
    float *result = product->result;

    for (int64_t i = 0; i < product->rows; i += 1) {
        for (int64_t k = 0; k < product->depth; k += 1) {
            float factor = left[i * product->left_row + k * product->left_column];

            add_row_float(result + i * product->columns, factor, right + k * product->right_row,
                          product);
        }
    }
}

/* The bits of a product are the same for both signs. */
static void
add_row_int32(uint32_t *result, uint32_t factor, const uint32_t *row, const struct product *product)
{
    for (int64_t j = 0; j < product->columns; j += 1) {
        result[j] += factor * row[j * product->right_column];
    }
}

static void
multiply_int32(const struct product *product)
{
    const uint32_t *left = product->left;
    const uint32_t *right = product->right;
    uint32_t *result = product->result;

    for (int64_t i = 0; i < product->rows; i += 1) {
        for (int64_t k = 0; k < product->depth; k += 1) {
            uint32_t factor = left[i * product->left_row + k * product->left_column];

            add_row_int32(result + i * product->columns, factor, right + k * product->right_row,
                          product);
        }
    }
}

static void
add_row_int64(uint64_t *result, uint64_t factor, const uint64_t *row, const struct product *product)
{
    for (int64_t j = 0; j < product->columns; j += 1) {
        result[j] += factor * row[j * product->right_column];
    }
}

static void
multiply_int64(const struct product *product)
{
    const uint64_t *left = product->left;
    const uint64_t *right = product->right;
    uint64_t *result = product->result;

    for (int64_t i = 0; i < product->rows; i += 1) {
        for (int64_t k = 0; k < product->depth; k += 1) {
            uint64_t factor = left[i * product->left_row + k * product->left_column];

            add_row_int64(result + i * product->columns, factor, right + k * product->right_row,
                          product);
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

static void
multiply(enum neuron_type type, const struct product *product)
{
    if (type == NEURON_FLOAT32) {
        multiply_float(product);
    } else if (type == NEURON_FLOAT64) {
        multiply_double(product);
    } else if (type == NEURON_INT64) {
        multiply_int64(product);
    } else {
        multiply_int32(product);
    }
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
