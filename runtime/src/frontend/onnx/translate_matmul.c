/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products. */
#include "frontend/onnx/translate.h"

#include "frontend/onnx/onnx_attributes.h"

/* An operand as a matrix: a vector is one row on the left, and one column on the right. */
static struct neuron_value
matrix_of(const struct neuron_onnx_call *call, uint32_t input)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, input);
    struct neuron_value value = neuron_onnx_call_value(call, input);
    const int64_t dims[2] = {input == 0 ? 1 : shape->dims[0], input == 0 ? shape->dims[0] : 1};

    return shape->rank == 1 ? neuron_reshape(call->trace, value, dims, 2) : value;
}

/* Takes the dimensions out that vectors got. */
static struct neuron_value
drop_made_up(const struct neuron_onnx_call *call, struct neuron_value product)
{
    struct neuron_tensor_shape shape = neuron_value_shape(call->trace, product);
    bool has_left = neuron_onnx_call_shape(call, 0)->rank == 1;
    bool has_right = neuron_onnx_call_shape(call, 1)->rank == 1;
    int64_t rows = shape.rank < 2 ? 0 : shape.dims[shape.rank - 2];
    int64_t columns = shape.rank < 2 ? 0 : shape.dims[shape.rank - 1];

    if (shape.rank < 2 || (!has_left && !has_right)) {
        return product;
    }
    shape.rank -= 2;
    if (!has_left) {
        shape.dims[shape.rank++] = rows;
    }
    if (!has_right) {
        shape.dims[shape.rank++] = columns;
    }
    return neuron_reshape(call->trace, product, shape.dims, shape.rank);
}

enum neuron_status
neuron_onnx_translate_matmul(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value left = matrix_of(call, 0);
    struct neuron_value product = neuron_matmul(call->trace, left, matrix_of(call, 1));

    result->traced = drop_made_up(call, product);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_gemm(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_gemm_options options = {.alpha = 1.0F, .beta = 1.0F};
    int64_t transposes[2] = {0};

    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "alpha", &options.alpha, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "beta", &options.beta, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "transA", &transposes[0], call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "transB", &transposes[1], call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    options.transpose_a = transposes[0] != 0;
    options.transpose_b = transposes[1] != 0;
    struct neuron_value a = neuron_onnx_call_value(call, 0);
    struct neuron_value b = neuron_onnx_call_value(call, 1);
    result->traced = neuron_gemm(call->trace, a, b, neuron_onnx_call_value(call, 2), &options);
    return neuron_onnx_call_status(call);
}
