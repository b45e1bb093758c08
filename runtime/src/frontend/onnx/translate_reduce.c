/* SPDX-License-Identifier: Apache-2.0 */
/* Reductions. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_reduce.h"

typedef struct neuron_value
reduce_fn(struct neuron_trace *trace, struct neuron_value input,
          const struct neuron_reduce_options *options);

static const struct {
    const char *name;
    reduce_fn *record;
} reductions[] = {
    {"ReduceSum", neuron_reduce_sum},        {"ReduceMean", neuron_reduce_mean},
    {"ReduceProd", neuron_reduce_prod},      {"ReduceMin", neuron_reduce_min},
    {"ReduceMax", neuron_reduce_max},        {"ReduceL1", neuron_reduce_l1},
    {"ReduceL2", neuron_reduce_l2},          {"ReduceSumSquare", neuron_reduce_sum_square},
    {"ReduceLogSum", neuron_reduce_log_sum}, {"ReduceLogSumExp", neuron_reduce_log_sum_exp},
};

static struct neuron_value
record(struct neuron_onnx_call *call, const struct neuron_reduce_options *options)
{
    struct neuron_value input = neuron_onnx_call_value(call, 0);

    for (size_t i = 0; i < sizeof(reductions) / sizeof(reductions[0]); i += 1) {
        if (strcmp(reductions[i].name, call->node->operator_type) == 0) {
            return reductions[i].record(call->trace, input, options);
        }
    }
    return (struct neuron_value){0};
}

enum neuron_status
neuron_onnx_translate_reduce(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int32_t list[NEURON_RANK_LIMIT] = {0};
    struct neuron_reduce_options options = {.axes = list};
    struct neuron_onnx_axes axes = {0};
    int64_t keeps_dims = 1;
    int64_t is_noop = 0;

    enum neuron_status status =
        neuron_onnx_call_axes(call, 1, neuron_onnx_call_shape(call, 0)->rank, &axes);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "keepdims", &keeps_dims, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "noop_with_empty_axes", &is_noop,
                                               call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (axes.count == 0 && is_noop != 0) {
        result->same = call->inputs[0];
        return NEURON_OK;
    }
    options.keep_dims = keeps_dims != 0;
    options.axis_count = axes.count;
    for (uint32_t i = 0; i < axes.count; i += 1) {
        list[i] = (int32_t)axes.list[i];
    }
    result->traced = record(call, &options);
    return neuron_onnx_call_status(call);
}
