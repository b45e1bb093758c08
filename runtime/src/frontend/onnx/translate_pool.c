/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling, the way back from it, and local response normalization. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/window.h"
#include "neuron/trace_normalization.h"

/* Reads what all pooling operators have. */
static enum neuron_status
read_options(const struct neuron_onnx_call *call, struct neuron_pool_options *options)
{
    struct neuron_onnx_window window = {0};
    int64_t counts_padding = 0;
    int64_t storage_order = 0;
    enum neuron_status status = neuron_onnx_window_read(call, NULL, &window);

    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "count_include_pad", &counts_padding,
                                               call->error);
    }
    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_integer(call->node, "storage_order", &storage_order, call->error);
    }
    if (status == NEURON_OK) {
        memcpy(options->kernel, window.kernel, sizeof(options->kernel));
        memcpy(options->strides, window.strides, sizeof(options->strides));
        memcpy(options->dilations, window.dilations, sizeof(options->dilations));
        memcpy(options->pads, window.pads, sizeof(options->pads));
        options->rounds_up = window.rounds_up;
        options->count_padding = counts_padding != 0;
        options->column_major = storage_order != 0;
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_max_pool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_pool_options options = {.rounds_up = false};
    enum neuron_status status = read_options(call, &options);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced = neuron_max_pool(call->trace, input, &options);
    if (call->node->n_outputs > 1 && call->node->outputs[1][0] != '\0') {
        result->more[0] = neuron_max_pool_indices(call->trace, input, &options);
    }
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_average_pool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_pool_options options = {.rounds_up = false};
    enum neuron_status status = read_options(call, &options);

    if (status == NEURON_OK) {
        result->traced =
            neuron_average_pool(call->trace, neuron_onnx_call_value(call, 0), &options);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

/* The attribute `p` of norms. */
static enum neuron_status
read_power(const struct neuron_onnx_call *call, float *power)
{
    int64_t number = 2;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "p", &number, call->error);

    if (status == NEURON_OK && (number < 1 || number > 1024)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL, "p is not from 1 to 1024");
    }
    *power = (float)number;
    return status;
}

enum neuron_status
neuron_onnx_translate_lp_pool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_pool_options options = {.rounds_up = false};
    float power = 2.0F;
    enum neuron_status status = read_options(call, &options);

    if (status == NEURON_OK) {
        status = read_power(call, &power);
    }
    if (status == NEURON_OK) {
        result->traced =
            neuron_lp_pool(call->trace, neuron_onnx_call_value(call, 0), power, &options);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_global_pool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const char *name = call->node->operator_type;
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    float power = 2.0F;
    enum neuron_status status = read_power(call, &power);

    if (status != NEURON_OK) {
        return status;
    }
    if (strcmp(name, "GlobalMaxPool") == 0) {
        result->traced = neuron_global_max_pool(call->trace, input);
    } else if (strcmp(name, "GlobalAveragePool") == 0) {
        result->traced = neuron_global_average_pool(call->trace, input);
    } else {
        result->traced = neuron_global_lp_pool(call->trace, input, power);
    }
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_lp_normalization(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    uint32_t axis = 0;
    float power = 2.0F;
    enum neuron_status status =
        neuron_onnx_call_axis(call, -1, neuron_onnx_call_shape(call, 0)->rank, &axis);

    if (status == NEURON_OK) {
        status = read_power(call, &power);
    }
    if (status == NEURON_OK) {
        result->traced =
            neuron_lp_norm(call->trace, neuron_onnx_call_value(call, 0), (int32_t)axis, power);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

/* The shape that an unpooling has by itself, which the indices count in. */
static void
find_unpooled(const struct neuron_tensor_shape *input, const struct neuron_onnx_window *window,
              int64_t *dims)
{
    dims[0] = input->dims[0];
    dims[1] = input->dims[1];
    for (uint32_t i = 0; i < window->directions; i += 1) {
        dims[2 + i] = (input->dims[2 + i] - 1) * window->strides[i] + window->kernel[i] -
                      window->pads[i] - window->pads[window->directions + i];
    }
}

enum neuron_status
neuron_onnx_translate_max_unpool(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    struct neuron_onnx_window window = {0};
    int64_t counted[NEURON_RANK_LIMIT] = {0};
    int64_t dims[NEURON_RANK_LIMIT] = {0};
    uint32_t count = input->rank;
    enum neuron_status status = neuron_onnx_window_read(call, NULL, &window);

    if (status != NEURON_OK) {
        return status;
    }
    find_unpooled(input, &window, counted);
    memcpy(dims, counted, sizeof(dims));
    if (neuron_onnx_call_has(call, 2)) {
        const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 2);

        if (known == NULL) {
            return neuron_onnx_call_refuse_unknown(call, 2, "the shape of the output");
        }
        status = neuron_onnx_constant_list(known, dims, &count, call->error);
    }
    if (status == NEURON_OK && count != input->rank) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the shape of the output has %u numbers, not %u", count, input->rank);
    }
    if (status == NEURON_OK) {
        struct neuron_value value = neuron_onnx_call_value(call, 0);
        struct neuron_value indices = neuron_onnx_call_value(call, 1);

        result->traced = neuron_max_unpool(call->trace, value, indices, counted, dims);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_lrn(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t size = 0;
    float alpha = 1e-4F;
    float beta = 0.75F;
    float bias = 1.0F;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "size", &size, call->error);

    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "alpha", &alpha, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "beta", &beta, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "bias", &bias, call->error);
    }
    if (status == NEURON_OK && (size < 1 || size > INT32_MAX)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its size is missing, or none");
    }
    if (status == NEURON_OK) {
        struct neuron_value input = neuron_onnx_call_value(call, 0);

        result->traced = neuron_lrn(call->trace, input, (uint32_t)size, alpha, beta, bias);
        status = neuron_onnx_call_status(call);
    }
    return status;
}
