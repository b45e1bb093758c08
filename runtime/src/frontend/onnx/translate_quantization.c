/* SPDX-License-Identifier: Apache-2.0 */
/* Integers that stand for reals. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/window.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_quantization.h"

/* The axis counts only where there is a scale for each place along it. */
static enum neuron_status
read_axis(const struct neuron_onnx_call *call, int32_t *axis)
{
    const struct neuron_tensor_shape *scale = neuron_onnx_call_shape(call, 1);
    uint32_t found = 0;
    enum neuron_status status = NEURON_OK;

    if (scale->rank == 1 && scale->dims[0] != 1) {
        status = neuron_onnx_call_axis(call, 1, neuron_onnx_call_shape(call, 0)->rank, &found);
    }
    *axis = (int32_t)found;
    return status;
}

enum neuron_status
neuron_onnx_translate_quantize(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int32_t axis = 0;
    enum neuron_status status = read_axis(call, &axis);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value scale = neuron_onnx_call_value(call, 1);
    struct neuron_value zero_point = neuron_onnx_call_value(call, 2);
    if (neuron_onnx_call_shape(call, 0)->type == NEURON_INT32) {
        input = neuron_cast(call->trace, input, NEURON_FLOAT32);
    }
    result->traced = neuron_quantize(call->trace, input, scale, zero_point, axis);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_dequantize(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int32_t axis = 0;
    enum neuron_status status = read_axis(call, &axis);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value scale = neuron_onnx_call_value(call, 1);
    result->traced =
        neuron_dequantize(call->trace, input, scale, neuron_onnx_call_value(call, 2), axis);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_dynamic_quantize(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    struct neuron_quantized quantized =
        neuron_dynamic_quantize(call->trace, neuron_onnx_call_value(call, 0));

    result->traced = quantized.integers;
    if (call->node->n_outputs > 1) {
        result->more[0] = quantized.scale;
    }
    if (call->node->n_outputs > 2) {
        result->more[1] = quantized.zero_point;
    }
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_matmul_integer(struct neuron_onnx_call *call,
                                     struct neuron_onnx_result *result)
{
    struct neuron_value left = neuron_onnx_call_value(call, 0);
    struct neuron_value right = neuron_onnx_call_value(call, 1);
    struct neuron_value left_zero = neuron_onnx_call_value(call, 2);

    result->traced =
        neuron_matmul_integer(call->trace, left, right, left_zero, neuron_onnx_call_value(call, 3));
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_quantized_matmul(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    struct neuron_value values[8];

    for (uint32_t i = 0; i < 8; i += 1) {
        values[i] = neuron_onnx_call_value(call, i);
    }
    const struct neuron_quantized left = {values[0], values[1], values[2]};
    const struct neuron_quantized right = {values[3], values[4], values[5]};
    const struct neuron_quantized product = {{0}, values[6], values[7]};
    result->traced = neuron_quantized_matmul(call->trace, &left, &right, &product);
    return neuron_onnx_call_status(call);
}

/* Reads the window of a convolution; `weights` is the number of that input. */
static enum neuron_status
read_convolution(const struct neuron_onnx_call *call, uint32_t weights,
                 struct neuron_conv_options *options)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, weights);
    struct neuron_onnx_window window = {0};
    int64_t groups = 1;

    if (shape->rank != neuron_onnx_call_shape(call, 0)->rank || shape->rank < 3) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "an input of %u dimensions and weights of %u",
                           neuron_onnx_call_shape(call, 0)->rank, shape->rank);
    }
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "group", &groups, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_window_read(call, &shape->dims[2], &window);
    }
    if (status == NEURON_OK && (groups < 1 || groups > INT32_MAX)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "the number of groups is none");
    }
    options->groups = (uint32_t)groups;
    memcpy(options->strides, window.strides, sizeof(options->strides));
    memcpy(options->dilations, window.dilations, sizeof(options->dilations));
    memcpy(options->pads, window.pads, sizeof(options->pads));
    return status;
}

enum neuron_status
neuron_onnx_translate_conv_integer(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_conv_options options = {.groups = 1};
    enum neuron_status status = read_convolution(call, 1, &options);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value weights = neuron_onnx_call_value(call, 1);
    struct neuron_value input_zero = neuron_onnx_call_value(call, 2);
    struct neuron_value weights_zero = neuron_onnx_call_value(call, 3);
    result->traced =
        neuron_conv_integer(call->trace, input, weights, input_zero, weights_zero, &options);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_quantized_conv(struct neuron_onnx_call *call,
                                     struct neuron_onnx_result *result)
{
    struct neuron_conv_options options = {.groups = 1};
    enum neuron_status status = read_convolution(call, 3, &options);
    struct neuron_value values[9] = {{0}};

    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < 9; i += 1) {
        values[i] = neuron_onnx_call_value(call, i);
    }
    const struct neuron_quantized input = {values[0], values[1], values[2]};
    const struct neuron_quantized weights = {values[3], values[4], values[5]};
    const struct neuron_quantized output = {{0}, values[6], values[7]};
    result->traced =
        neuron_quantized_conv(call->trace, &input, &weights, values[8], &options, &output);
    return neuron_onnx_call_status(call);
}
