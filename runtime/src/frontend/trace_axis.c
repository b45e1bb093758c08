/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/trace_axis.h"

#include "frontend/trace_body.h"

int32_t
neuron_trace_axis(const struct neuron_trace *trace, struct neuron_value value, int32_t axis)
{
    int32_t rank = (int32_t)neuron_value_shape(trace, value).rank;

    return axis < 0 && axis >= -rank ? axis + rank : axis;
}

uint32_t
neuron_trace_axis_index(const struct neuron_trace *trace, struct neuron_value value, int32_t axis)
{
    int32_t front = neuron_trace_axis(trace, value, axis);
    uint32_t rank = neuron_value_shape(trace, value).rank;

    return front < 0 || (uint32_t)front >= rank ? UINT32_MAX : (uint32_t)front;
}

struct neuron_value
neuron_trace_refuse(struct neuron_trace *trace, const char *name, struct neuron_value input,
                    const char *why)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    char text[80] = "";

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    return neuron_trace_fail(
        trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT, "%s: %s: %s", name,
                           neuron_tensor_shape_format(&shape, text, sizeof(text)), why));
}
