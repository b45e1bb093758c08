/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of neuron/trace_move.h that take indices. */
#include "neuron/trace_move.h"

#include "frontend/trace_axis.h"
#include "frontend/trace_body.h"
#include "graph/operator.h"

/* Records an operator of an input and indices. */
static struct neuron_value
record_choice(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
              struct neuron_value indices, int32_t axis)
{
    const struct neuron_attributes attributes = {.axis = axis};
    const struct neuron_value inputs[2] = {input, indices};

    return neuron_trace_record(trace, kind, &attributes, inputs, 2);
}

struct neuron_value
neuron_gather(struct neuron_trace *trace, struct neuron_value input, struct neuron_value indices,
              int32_t axis)
{
    return record_choice(trace, NEURON_OPERATOR_GATHER, input, indices,
                         neuron_trace_axis(trace, input, axis));
}

struct neuron_value
neuron_gather_elements(struct neuron_trace *trace, struct neuron_value input,
                       struct neuron_value indices, int32_t axis)
{
    return record_choice(trace, NEURON_OPERATOR_GATHER_ELEMENTS, input, indices,
                         neuron_trace_axis(trace, input, axis));
}

struct neuron_value
neuron_gather_nd(struct neuron_trace *trace, struct neuron_value input, struct neuron_value indices,
                 uint32_t batch_dims)
{
    return record_choice(trace, NEURON_OPERATOR_GATHER_ND, input, indices,
                         batch_dims < NEURON_RANK_LIMIT ? (int32_t)batch_dims : -1);
}

struct neuron_value
neuron_scatter_elements(struct neuron_trace *trace, struct neuron_value input,
                        struct neuron_value indices, struct neuron_value updates, int32_t axis,
                        enum neuron_scatter_mode mode)
{
    const struct neuron_attributes attributes = {.axis = neuron_trace_axis(trace, input, axis),
                                                 .mode = (uint32_t)mode};
    const struct neuron_value inputs[3] = {input, indices, updates};

    return neuron_trace_record(trace, NEURON_OPERATOR_SCATTER_ELEMENTS, &attributes, inputs, 3);
}

struct neuron_value
neuron_scatter_nd(struct neuron_trace *trace, struct neuron_value input,
                  struct neuron_value indices, struct neuron_value updates,
                  enum neuron_scatter_mode mode)
{
    const struct neuron_attributes attributes = {.mode = (uint32_t)mode};
    const struct neuron_value inputs[3] = {input, indices, updates};

    return neuron_trace_record(trace, NEURON_OPERATOR_SCATTER_ND, &attributes, inputs, 3);
}

struct neuron_value
neuron_one_hot(struct neuron_trace *trace, struct neuron_value indices, struct neuron_value values,
               int64_t depth, int32_t axis)
{
    /* The axis is one of the result, which has a dimension more. */
    int32_t rank = (int32_t)neuron_value_shape(trace, indices).rank + 1;
    const struct neuron_attributes attributes = {
        .axis = axis < 0 && axis >= -rank ? axis + rank : axis, .dims = {depth}};
    const struct neuron_value inputs[2] = {indices, values};

    return neuron_trace_record(trace, NEURON_OPERATOR_ONE_HOT, &attributes, inputs, 2);
}
