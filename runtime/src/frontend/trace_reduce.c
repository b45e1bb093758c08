/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_reduce.h"

#include "frontend/trace_axis.h"
#include "frontend/trace_body.h"
#include "graph/operator.h"
#include "neuron/trace_move.h"

/* The axes as a set. One that is not there, or named twice, makes a set that is refused later. */
static uint32_t
gather_axes(const struct neuron_trace *trace, struct neuron_value input,
            const struct neuron_reduce_options *options)
{
    uint32_t rank = neuron_value_shape(trace, input).rank;
    uint32_t axes = 0;

    if (options == NULL || options->axis_count == 0) {
        return (1U << rank) - 1;
    }
    for (uint32_t i = 0; i < options->axis_count; i += 1) {
        uint32_t axis = neuron_trace_axis_index(trace, input, options->axes[i]);

        if (axis >= rank || (axes & 1U << axis) != 0) {
            return UINT32_MAX;
        }
        axes |= 1U << axis;
    }
    return axes;
}

static struct neuron_value
record_reduction(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
                 const struct neuron_reduce_options *options)
{
    const struct neuron_attributes attributes = {.axes = gather_axes(trace, input, options),
                                                 .keep_dims =
                                                     options != NULL && options->keep_dims};

    return neuron_trace_record(trace, kind, &attributes, &input, 1);
}

struct neuron_value
neuron_reduce_sum(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_SUM, input, options);
}

/* Says whether a mean is one over all of height and width, which pooling has fast in the layouts of
   convolutions. */
static bool
is_pooling(const struct neuron_tensor_shape *shape, uint32_t axes)
{
    const uint32_t height_and_width = 1U << 2 | 1U << 3;

    return shape->type == NEURON_FLOAT32 && shape->rank == 4 && axes == height_and_width &&
           shape->dims[0] > 0 && shape->dims[1] > 0 && shape->dims[2] > 0 && shape->dims[3] > 0 &&
           shape->dims[2] <= INT32_MAX && shape->dims[3] <= INT32_MAX;
}

struct neuron_value
neuron_reduce_mean(struct neuron_trace *trace, struct neuron_value input,
                   const struct neuron_reduce_options *options)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);

    if (!is_pooling(&shape, gather_axes(trace, input, options))) {
        return record_reduction(trace, NEURON_OPERATOR_REDUCE_MEAN, input, options);
    }
    const struct neuron_pool2d_options window = {
        .kernel = {(uint32_t)shape.dims[2], (uint32_t)shape.dims[3]}};
    struct neuron_value mean = neuron_average_pool2d(trace, input, &window);
    return options->keep_dims ? mean : neuron_reshape(trace, mean, shape.dims, 2);
}

struct neuron_value
neuron_reduce_prod(struct neuron_trace *trace, struct neuron_value input,
                   const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_PROD, input, options);
}

struct neuron_value
neuron_reduce_min(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_MIN, input, options);
}

struct neuron_value
neuron_reduce_max(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_MAX, input, options);
}

struct neuron_value
neuron_reduce_l1(struct neuron_trace *trace, struct neuron_value input,
                 const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_L1, input, options);
}

struct neuron_value
neuron_reduce_l2(struct neuron_trace *trace, struct neuron_value input,
                 const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_L2, input, options);
}

struct neuron_value
neuron_reduce_sum_square(struct neuron_trace *trace, struct neuron_value input,
                         const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_SUM_SQUARE, input, options);
}

struct neuron_value
neuron_reduce_log_sum(struct neuron_trace *trace, struct neuron_value input,
                      const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_LOG_SUM, input, options);
}

struct neuron_value
neuron_reduce_log_sum_exp(struct neuron_trace *trace, struct neuron_value input,
                          const struct neuron_reduce_options *options)
{
    return record_reduction(trace, NEURON_OPERATOR_REDUCE_LOG_SUM_EXP, input, options);
}

struct neuron_value
neuron_log_softmax(struct neuron_trace *trace, struct neuron_value input, int32_t axis)
{
    const struct neuron_attributes attributes = {.axis = neuron_trace_axis(trace, input, axis)};

    return neuron_trace_record(trace, NEURON_OPERATOR_LOG_SOFTMAX, &attributes, &input, 1);
}

struct neuron_value
neuron_hardmax(struct neuron_trace *trace, struct neuron_value input, int32_t axis)
{
    const struct neuron_attributes attributes = {.axis = neuron_trace_axis(trace, input, axis)};

    return neuron_trace_record(trace, NEURON_OPERATOR_HARDMAX, &attributes, &input, 1);
}

static struct neuron_value
record_arg(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
           const struct neuron_arg_options *options)
{
    const struct neuron_attributes attributes = {.axis =
                                                     neuron_trace_axis(trace, input, options->axis),
                                                 .keep_dims = options->keep_dims,
                                                 .mode = options->takes_last ? 1 : 0};

    return neuron_trace_record(trace, kind, &attributes, &input, 1);
}

struct neuron_value
neuron_arg_max(struct neuron_trace *trace, struct neuron_value input,
               const struct neuron_arg_options *options)
{
    return record_arg(trace, NEURON_OPERATOR_ARG_MAX, input, options);
}

struct neuron_value
neuron_arg_min(struct neuron_trace *trace, struct neuron_value input,
               const struct neuron_arg_options *options)
{
    return record_arg(trace, NEURON_OPERATOR_ARG_MIN, input, options);
}

struct neuron_value
neuron_cum_sum(struct neuron_trace *trace, struct neuron_value input, int32_t axis, uint32_t mode)
{
    const struct neuron_attributes attributes = {.axis = neuron_trace_axis(trace, input, axis),
                                                 .mode = mode};

    return neuron_trace_record(trace, NEURON_OPERATOR_CUM_SUM, &attributes, &input, 1);
}

struct neuron_value
neuron_top_k(struct neuron_trace *trace, struct neuron_value input,
             const struct neuron_top_k_options *options, struct neuron_value *indices)
{
    const struct neuron_attributes attributes = {.axis =
                                                     neuron_trace_axis(trace, input, options->axis),
                                                 .mode = options->is_smallest ? 1 : 0,
                                                 .dims = {options->count}};

    *indices = neuron_trace_record(trace, NEURON_OPERATOR_TOP_K_INDICES, &attributes, &input, 1);
    return neuron_gather_elements(trace, input, *indices, options->axis);
}
