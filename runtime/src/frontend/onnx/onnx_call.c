/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_call.h"

#include <inttypes.h>

#include "frontend/onnx/onnx_attributes.h"
#include "graph/weight.h"

bool
neuron_onnx_call_has(const struct neuron_onnx_call *call, uint32_t input)
{
    return input < call->input_count && call->inputs[input] != NULL;
}

const struct neuron_tensor_shape *
neuron_onnx_call_shape(const struct neuron_onnx_call *call, uint32_t input)
{
    return &call->inputs[input]->constant.shape;
}

const struct neuron_onnx_constant *
neuron_onnx_call_known(const struct neuron_onnx_call *call, uint32_t input)
{
    if (!neuron_onnx_call_has(call, input) || call->inputs[input]->state != NEURON_ONNX_KNOWN) {
        return NULL;
    }
    struct neuron_onnx_value *value = call->inputs[input];
    if (value->is_weight && value->traced.id != 0) {
        neuron_weight_fix(call->trace->graph, value->traced.id - 1);
    }
    value->is_weight = false;
    return &value->constant;
}

struct neuron_value
neuron_onnx_call_value(const struct neuron_onnx_call *call, uint32_t input)
{
    struct neuron_trace *trace = call->trace;
    uint32_t number = 0;

    if (!neuron_onnx_call_has(call, input) || trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    struct neuron_onnx_value *value = call->inputs[input];
    if (value->traced.id != 0) {
        return value->traced;
    }
    enum neuron_status status =
        neuron_graph_add_value(trace->graph, &value->constant.shape, NEURON_VALUE_CONSTANT,
                               value->constant.bytes, &number, &trace->error);
    if (status != NEURON_OK) {
        return neuron_trace_fail(trace, status);
    }
    /* The graph, which outlives the names, frees the bytes from here on. */
    trace->graph->values[number].owned = value->owns_bytes ? value->constant.bytes : NULL;
    value->owns_bytes = false;
    value->traced.id = number + 1;
    if (value->is_weight) {
        trace->graph->values[number].is_replaceable = value->is_kept;
        status = neuron_weight_name(trace->graph, number, value->name, &trace->error);
    }
    return status == NEURON_OK ? value->traced : neuron_trace_fail(trace, status);
}

enum neuron_status
neuron_onnx_call_refuse_unknown(const struct neuron_onnx_call *call, uint32_t input,
                                const char *what)
{
    return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                       "%s, %.60s, depends on the data of a run; it must be known at import", what,
                       neuron_onnx_call_has(call, input) ? call->inputs[input]->name
                                                         : "which is left out");
}

enum neuron_status
neuron_onnx_call_status(const struct neuron_onnx_call *call)
{
    if (call->trace->status == NEURON_OK) {
        return NEURON_OK;
    }
    return NEURON_FAIL(call->error, call->trace->status, "%s", call->trace->error.text);
}

/* Brings an axis to the front. */
static enum neuron_status
settle_axis(int64_t given, uint32_t rank, int64_t *axis, struct neuron_error *error)
{
    int64_t limit = (int64_t)rank;

    if (given < -limit || given >= limit) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "there is no axis %" PRId64 " in %u dimensions", given, rank);
    }
    *axis = given < 0 ? given + limit : given;
    return NEURON_OK;
}

/* Reads the axes as the node has them. */
static enum neuron_status
read_axes(const struct neuron_onnx_call *call, uint32_t input, struct neuron_onnx_axes *axes)
{
    uint32_t count = UINT32_MAX;
    enum neuron_status status = NEURON_OK;

    *axes = (struct neuron_onnx_axes){0};
    if (neuron_onnx_call_has(call, input)) {
        const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

        if (known == NULL) {
            return neuron_onnx_call_refuse_unknown(call, input, "the list of axes");
        }
        status = neuron_onnx_constant_list(known, axes->list, &count, call->error);
    } else {
        status = neuron_onnx_attribute_list(call->node, "axes", axes->list, &count, call->error);
    }
    axes->is_given = count != UINT32_MAX;
    axes->count = axes->is_given ? count : 0;
    return status;
}

/* Brings all axes to the front, each once. */
static enum neuron_status
settle_axes(const struct neuron_onnx_call *call, uint32_t rank, struct neuron_onnx_axes *axes)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < axes->count; i += 1) {
        status = settle_axis(axes->list[i], rank, &axes->list[i], call->error);
        if (status == NEURON_OK && axes->has[axes->list[i]]) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "axis %" PRId64 " is named twice",
                               axes->list[i]);
        }
        if (status == NEURON_OK) {
            axes->has[axes->list[i]] = true;
        }
    }
    return status;
}

enum neuron_status
neuron_onnx_call_axes(const struct neuron_onnx_call *call, uint32_t input, uint32_t rank,
                      struct neuron_onnx_axes *axes)
{
    enum neuron_status status = read_axes(call, input, axes);

    return status == NEURON_OK ? settle_axes(call, rank, axes) : status;
}

enum neuron_status
neuron_onnx_call_axes_grown(const struct neuron_onnx_call *call, uint32_t input, uint32_t rank,
                            struct neuron_onnx_axes *axes)
{
    enum neuron_status status = read_axes(call, input, axes);

    if (status == NEURON_OK && (!axes->is_given || rank + axes->count > NEURON_RANK_LIMIT)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the axes are missing, or there are more than %d dimensions",
                           NEURON_RANK_LIMIT);
    }
    return status == NEURON_OK ? settle_axes(call, rank + axes->count, axes) : status;
}

enum neuron_status
neuron_onnx_call_axis(const struct neuron_onnx_call *call, int64_t fallback, uint32_t rank,
                      uint32_t *axis)
{
    int64_t number = fallback;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "axis", &number, call->error);

    if (status == NEURON_OK) {
        status = settle_axis(number, rank, &number, call->error);
    }
    if (status == NEURON_OK) {
        *axis = (uint32_t)number;
    }
    return status;
}
