/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that take indices which may depend on the data of a run. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_move.h"

enum neuron_status
neuron_onnx_translate_gather(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool takes_elements = strcmp(call->node->operator_type, "GatherElements") == 0;
    uint32_t axis = 0;
    enum neuron_status status =
        neuron_onnx_call_axis(call, 0, neuron_onnx_call_shape(call, 0)->rank, &axis);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value indices = neuron_onnx_call_value(call, 1);
    result->traced = takes_elements
                         ? neuron_gather_elements(call->trace, input, indices, (int32_t)axis)
                         : neuron_gather(call->trace, input, indices, (int32_t)axis);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_gather_nd(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t batch_dims = 0;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "batch_dims", &batch_dims, call->error);

    if (status == NEURON_OK && (batch_dims < 0 || batch_dims >= NEURON_RANK_LIMIT)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the count of batch dimensions is none");
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced =
        neuron_gather_nd(call->trace, input, neuron_onnx_call_value(call, 1), (uint32_t)batch_dims);
    return neuron_onnx_call_status(call);
}

/* Reads what updates do to the elements that they meet. */
static enum neuron_status
read_reduction(const struct neuron_onnx_call *call, enum neuron_scatter_mode *mode)
{
    /* In the order of their numbers. */
    static const char *const names[] = {"none", "add", "mul", "min", "max"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (neuron_onnx_attribute_is(call->node, "reduction", names[i], i == 0)) {
            *mode = (enum neuron_scatter_mode)i;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                       "its reduction is none of none, add, mul, min and max");
}

enum neuron_status
neuron_onnx_translate_scatter(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool takes_tuples = strcmp(call->node->operator_type, "ScatterND") == 0;
    enum neuron_scatter_mode mode = NEURON_SCATTER_REPLACE;
    uint32_t axis = 0;
    enum neuron_status status = read_reduction(call, &mode);

    if (status == NEURON_OK && !takes_tuples) {
        status = neuron_onnx_call_axis(call, 0, neuron_onnx_call_shape(call, 0)->rank, &axis);
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value indices = neuron_onnx_call_value(call, 1);
    struct neuron_value updates = neuron_onnx_call_value(call, 2);
    result->traced = takes_tuples ? neuron_scatter_nd(call->trace, input, indices, updates, mode)
                                  : neuron_scatter_elements(call->trace, input, indices, updates,
                                                            (int32_t)axis, mode);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_one_hot(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *depth = neuron_onnx_call_known(call, 1);
    uint32_t axis = 0;

    if (depth == NULL || neuron_onnx_constant_count(depth) != 1) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the depth, one number");
    }
    enum neuron_status status =
        neuron_onnx_call_axis(call, -1, neuron_onnx_call_shape(call, 0)->rank + 1, &axis);
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value indices = neuron_onnx_call_value(call, 0);
    result->traced = neuron_one_hot(call->trace, indices, neuron_onnx_call_value(call, 2),
                                    neuron_onnx_read_whole(depth, 0), (int32_t)axis);
    return neuron_onnx_call_status(call);
}
