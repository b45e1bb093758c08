/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/trace_part.h"

#include <string.h>

#include "frontend/trace_body.h"

struct neuron_value
neuron_trace_part(struct neuron_trace *trace, struct neuron_value value, uint32_t axis,
                  int64_t first, int64_t count)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, value);
    struct neuron_attributes attributes = {.rank = shape.rank};

    if (value.id == 0 || (first == 0 && count == shape.dims[axis])) {
        return value;
    }
    for (uint32_t i = 0; i < shape.rank; i += 1) {
        attributes.steps[i] = 1;
    }
    memcpy(attributes.dims, shape.dims, sizeof(attributes.dims));
    attributes.starts[axis] = first;
    attributes.dims[axis] = count;
    return neuron_trace_record(trace, NEURON_OPERATOR_SLICE, &attributes, &value, 1);
}

struct neuron_value
neuron_trace_reduce(struct neuron_trace *trace, enum neuron_operator kind,
                    struct neuron_value value, uint32_t axes, bool keeps_dims)
{
    const struct neuron_attributes attributes = {.axes = axes, .keep_dims = keeps_dims};

    return neuron_trace_record(trace, kind, &attributes, &value, 1);
}

struct neuron_value
neuron_trace_list(struct neuron_trace *trace, enum neuron_type type, const void *numbers,
                  uint32_t count)
{
    const struct neuron_tensor_shape shape = {.type = type, .rank = 1, .dims = {count}};
    uint32_t value = 0;

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    enum neuron_status status =
        neuron_graph_add_constant(trace->graph, &shape, numbers, &value, &trace->error);
    return status == NEURON_OK ? (struct neuron_value){.id = value + 1}
                               : neuron_trace_fail(trace, status);
}

struct neuron_value
neuron_trace_label(struct neuron_trace *trace, struct neuron_value scores, const int64_t *labels,
                   uint32_t label_count)
{
    const struct neuron_attributes along_row = {.axis = 1};
    const struct neuron_attributes first_axis = {.axis = 0};
    const struct neuron_value inputs[2] = {
        neuron_trace_list(trace, NEURON_INT64, labels, label_count),
        neuron_trace_record(trace, NEURON_OPERATOR_ARG_MAX, &along_row, &scores, 1)};

    return neuron_trace_record(trace, NEURON_OPERATOR_GATHER, &first_axis, inputs, 2);
}
