/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions, and their transpositions. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/window.h"

/* Checks that the weights have a kernel for the input, and reads the groups. */
static enum neuron_status
read_groups(const struct neuron_onnx_call *call, uint32_t *groups)
{
    uint32_t input_rank = neuron_onnx_call_shape(call, 0)->rank;
    uint32_t weights_rank = neuron_onnx_call_shape(call, 1)->rank;
    int64_t number = 1;

    if (weights_rank != input_rank || weights_rank < 3) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "an input of %u dimensions and weights of %u", input_rank, weights_rank);
    }
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "group", &number, call->error);
    if (status == NEURON_OK && (number < 1 || number > INT32_MAX)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "the number of groups is none");
    }
    *groups = (uint32_t)number;
    return status;
}

enum neuron_status
neuron_onnx_translate_conv(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_conv_options options = {.groups = 1};
    struct neuron_onnx_window window = {0};
    enum neuron_status status = read_groups(call, &options.groups);

    if (status == NEURON_OK) {
        status = neuron_onnx_window_read(call, &neuron_onnx_call_shape(call, 1)->dims[2], &window);
    }
    if (status != NEURON_OK) {
        return status;
    }
    memcpy(options.strides, window.strides, sizeof(options.strides));
    memcpy(options.dilations, window.dilations, sizeof(options.dilations));
    memcpy(options.pads, window.pads, sizeof(options.pads));
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value weights = neuron_onnx_call_value(call, 1);
    struct neuron_value bias = neuron_onnx_call_value(call, 2);
    result->traced = neuron_conv(call->trace, input, weights, bias, &options);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_conv_transpose(struct neuron_onnx_call *call,
                                     struct neuron_onnx_result *result)
{
    struct neuron_conv_transpose_options options = {.groups = 1};
    struct neuron_onnx_window window = {0};
    enum neuron_status status = read_groups(call, &options.groups);

    if (status == NEURON_OK) {
        status = neuron_onnx_window_read_transposed(call, &neuron_onnx_call_shape(call, 1)->dims[2],
                                                    &window, options.output_padding);
    }
    if (status != NEURON_OK) {
        return status;
    }
    memcpy(options.strides, window.strides, sizeof(options.strides));
    memcpy(options.dilations, window.dilations, sizeof(options.dilations));
    memcpy(options.pads, window.pads, sizeof(options.pads));
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value weights = neuron_onnx_call_value(call, 1);
    struct neuron_value bias = neuron_onnx_call_value(call, 2);
    result->traced = neuron_conv_transpose(call->trace, input, weights, bias, &options);
    return neuron_onnx_call_status(call);
}
