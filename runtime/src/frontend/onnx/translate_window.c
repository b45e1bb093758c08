/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and pooling. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/window.h"

enum neuron_status
neuron_onnx_translate_conv(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *weights = neuron_onnx_call_shape(call, 1);
    struct neuron_conv2d_options options = {.groups = 1};
    struct neuron_onnx_window window = {0};
    int64_t groups = 1;

    if (weights->rank != neuron_onnx_call_shape(call, 0)->rank || weights->rank < 3) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "an input of %u dimensions and weights of %u",
                           neuron_onnx_call_shape(call, 0)->rank, weights->rank);
    }
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "group", &groups, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_window_read(call, &weights->dims[2], &window);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (groups < 1 || groups > INT32_MAX) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "the number of groups is none");
    }
    options.groups = (uint32_t)groups;
    memcpy(options.strides, window.strides, sizeof(options.strides));
    memcpy(options.dilations, window.dilations, sizeof(options.dilations));
    memcpy(options.pads, window.pads, sizeof(options.pads));
    struct neuron_value input = neuron_onnx_window_input(call, 0);
    struct neuron_value kernel = neuron_onnx_window_input(call, 1);
    struct neuron_value bias = neuron_onnx_call_value(call, 2);
    result->traced =
        neuron_onnx_window_output(call, neuron_conv2d(call->trace, input, kernel, bias, &options));
    return neuron_onnx_call_status(call);
}

/* Records the pooling that the operator's name asks for. */
static enum neuron_status
record_pool(struct neuron_onnx_call *call, const struct neuron_pool2d_options *options,
            bool is_largest, struct neuron_onnx_result *result)
{
    struct neuron_value input = neuron_onnx_window_input(call, 0);
    struct neuron_value pooled = is_largest ? neuron_max_pool2d(call->trace, input, options)
                                            : neuron_average_pool2d(call->trace, input, options);

    result->traced = neuron_onnx_window_output(call, pooled);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_pool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool is_largest = strcmp(call->node->operator_type, "MaxPool") == 0;
    struct neuron_pool2d_options options = {.count_padding = false};
    struct neuron_onnx_window window = {0};
    int64_t counts_padding = 0;

    enum neuron_status status = neuron_onnx_window_read(call, NULL, &window);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "count_include_pad", &counts_padding,
                                               call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (window.dilations[0] != 1 || window.dilations[1] != 1) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "its window has gaps (dilations)");
    }
    if (!is_largest && counts_padding != 0 && window.has_extra_pads) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "ceil_mode with count_include_pad: the last windows would be divided "
                           "by another size than the rest");
    }
    options.count_padding = !is_largest && counts_padding != 0;
    memcpy(options.kernel, window.kernel, sizeof(options.kernel));
    memcpy(options.strides, window.strides, sizeof(options.strides));
    memcpy(options.pads, window.pads, sizeof(options.pads));
    return record_pool(call, &options, is_largest, result);
}

/* A window over all of height and width. */
static enum neuron_status
cover_all(const struct neuron_onnx_call *call, struct neuron_pool2d_options *options)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);
    bool is_flat = shape->rank == 3;

    if (shape->rank != 3 && shape->rank != 4) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the input has %u dimensions, neither [N,C,W] nor [N,C,H,W]",
                           shape->rank);
    }
    int64_t height = is_flat ? 1 : shape->dims[2];
    int64_t width = shape->dims[shape->rank - 1];
    if (height > INT32_MAX || width > INT32_MAX) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL, "the input is too large");
    }
    options->kernel[0] = (uint32_t)height;
    options->kernel[1] = (uint32_t)width;
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_translate_global_pool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_pool2d_options options = {.count_padding = false};
    enum neuron_status status = cover_all(call, &options);

    return status == NEURON_OK
               ? record_pool(call, &options,
                             strcmp(call->node->operator_type, "GlobalMaxPool") == 0, result)
               : status;
}

enum neuron_status
neuron_onnx_translate_reduce_mean(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    uint32_t rank = neuron_onnx_call_shape(call, 0)->rank;
    struct neuron_pool2d_options options = {.count_padding = false};
    struct neuron_onnx_axes axes = {0};
    int64_t keeps_dims = 1;

    enum neuron_status status = neuron_onnx_call_axes(call, 1, rank, &axes);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "keepdims", &keeps_dims, call->error);
    }
    if (status == NEURON_OK) {
        status = cover_all(call, &options);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (axes.count != rank - 2 || axes.has[0] || axes.has[1]) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "only means over all of height and width are computed");
    }
    status = record_pool(call, &options, false, result);
    if (status == NEURON_OK && keeps_dims == 0) {
        result->traced =
            neuron_reshape(call->trace, result->traced, neuron_onnx_call_shape(call, 0)->dims, 2);
        status = neuron_onnx_call_status(call);
    }
    return status;
}
