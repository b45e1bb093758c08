/* SPDX-License-Identifier: Apache-2.0 */
/* Operators along one axis. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_reduce.h"

/* Records the operator that the node's name asks for. */
static struct neuron_value
record_softmax(struct neuron_onnx_call *call, struct neuron_value input, int32_t axis)
{
    if (strcmp(call->node->operator_type, "LogSoftmax") == 0) {
        return neuron_log_softmax(call->trace, input, axis);
    }
    return strcmp(call->node->operator_type, "Hardmax") == 0
               ? neuron_hardmax(call->trace, input, axis)
               : neuron_softmax(call->trace, input, axis);
}

enum neuron_status
neuron_onnx_translate_softmax(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);
    bool flattens = call->opset < 13; /* it was one over all dimensions from the axis on */
    uint32_t axis = 0;

    enum neuron_status status = neuron_onnx_call_axis(call, flattens ? 1 : -1, shape->rank, &axis);
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value value = neuron_onnx_call_value(call, 0);
    if (!flattens || axis + 1 == shape->rank) {
        result->traced = record_softmax(call, value, (int32_t)axis);
        return neuron_onnx_call_status(call);
    }
    value = record_softmax(call, neuron_flatten(call->trace, value, (int32_t)axis), 1);
    result->traced = neuron_reshape(call->trace, value, shape->dims, shape->rank);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_arg(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool is_largest = strcmp(call->node->operator_type, "ArgMax") == 0;
    struct neuron_arg_options options = {.axis = 0};
    uint32_t axis = 0;
    int64_t keeps_dims = 1;
    int64_t takes_last = 0;

    enum neuron_status status =
        neuron_onnx_call_axis(call, 0, neuron_onnx_call_shape(call, 0)->rank, &axis);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "keepdims", &keeps_dims, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "select_last_index", &takes_last,
                                               call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    options = (struct neuron_arg_options){(int32_t)axis, keeps_dims != 0, takes_last != 0};
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced = is_largest ? neuron_arg_max(call->trace, input, &options)
                                : neuron_arg_min(call->trace, input, &options);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_cum_sum(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 1);
    int64_t rank = neuron_onnx_call_shape(call, 0)->rank;
    int64_t is_exclusive = 0;
    int64_t is_reverse = 0;

    if (known == NULL || neuron_onnx_constant_count(known) != 1) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the axis, one number");
    }
    int64_t axis = neuron_onnx_read_whole(known, 0);
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "exclusive", &is_exclusive, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "reverse", &is_reverse, call->error);
    }
    if (status == NEURON_OK && (axis < -rank || axis >= rank)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "there is no such axis");
    }
    if (status != NEURON_OK) {
        return status;
    }
    uint32_t mode = (is_exclusive != 0 ? (uint32_t)NEURON_CUM_SUM_EXCLUSIVE : 0) |
                    (is_reverse != 0 ? (uint32_t)NEURON_CUM_SUM_REVERSE : 0);
    result->traced =
        neuron_cum_sum(call->trace, neuron_onnx_call_value(call, 0), (int32_t)axis, mode);
    return neuron_onnx_call_status(call);
}

/* Reads how many elements are wanted. */
static enum neuron_status
read_count(const struct neuron_onnx_call *call, int64_t *count)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 1);

    if (call->opset < 10) {
        return neuron_onnx_attribute_integer(call->node, "k", count, call->error);
    }
    if (known == NULL || neuron_onnx_constant_count(known) != 1) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the count, one number");
    }
    *count = neuron_onnx_read_whole(known, 0);
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_translate_top_k(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_top_k_options options = {.count = -1}; /* which is refused */
    struct neuron_value indices = {0};
    uint32_t axis = 0;
    int64_t is_largest = 1;

    enum neuron_status status = read_count(call, &options.count);
    if (status == NEURON_OK) {
        status = neuron_onnx_call_axis(call, -1, neuron_onnx_call_shape(call, 0)->rank, &axis);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "largest", &is_largest, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    options.axis = (int32_t)axis;
    options.is_smallest = is_largest == 0;
    /* They come sorted also where that is not asked for. */
    result->traced = neuron_top_k(call->trace, neuron_onnx_call_value(call, 0), &options, &indices);
    if (call->node->n_outputs > 1) {
        result->more[0] = indices;
    }
    return neuron_onnx_call_status(call);
}
