/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_window.h"

#include <string.h>

#include "frontend/trace_body.h"
#include "graph/operator.h"
#include "graph/window.h"

/* Copies strides or dilations, of which 0 stands for 1. */
static void
copy_steps(const uint32_t *from, uint32_t count, uint32_t *to)
{
    for (uint32_t i = 0; i < count; i += 1) {
        to[i] = from[i] == 0 ? 1 : from[i];
    }
}

struct neuron_value
neuron_conv(struct neuron_trace *trace, struct neuron_value input, struct neuron_value weights,
            struct neuron_value bias, const struct neuron_conv_options *options)
{
    const struct neuron_conv_options defaults = {.groups = 1};
    const struct neuron_value inputs[3] = {input, weights, bias};
    struct neuron_attributes attributes = {0};

    options = options == NULL ? &defaults : options;
    copy_steps(options->strides, NEURON_WINDOW_DIMENSIONS, attributes.strides);
    copy_steps(options->dilations, NEURON_WINDOW_DIMENSIONS, attributes.dilations);
    memcpy(attributes.pads, options->pads, sizeof(attributes.pads));
    attributes.groups = options->groups == 0 ? 1 : options->groups;
    return neuron_trace_record(trace, NEURON_OPERATOR_CONV, &attributes, inputs,
                               bias.id == 0 ? 2 : 3);
}

/* Extents of a transposed convolution; 0 for what is refused when it is inferred. */
static void
find_transposed_extents(const struct neuron_tensor_shape *input,
                        const struct neuron_tensor_shape *weights, const uint32_t *output_padding,
                        struct neuron_attributes *attributes)
{
    bool is_image =
        input->rank >= 3 && input->rank <= 2 + NEURON_SPATIAL_LIMIT && weights->rank == input->rank;

    for (uint32_t i = 0; is_image && i < input->rank - 2; i += 1) {
        struct neuron_window window = neuron_window_of_conv(attributes, input, weights, i);
        int64_t extent = 0;

        if (!__builtin_mul_overflow(window.extent - 1, window.stride, &extent) &&
            !__builtin_add_overflow(extent, neuron_window_covered(&window), &extent) &&
            !__builtin_add_overflow(extent, output_padding[i], &extent)) {
            extent -= window.pad_before;
            attributes->dims[i] = extent - window.pad_after;
        }
    }
}

struct neuron_value
neuron_conv_transpose(struct neuron_trace *trace, struct neuron_value input,
                      struct neuron_value weights, struct neuron_value bias,
                      const struct neuron_conv_transpose_options *options)
{
    const struct neuron_conv_transpose_options defaults = {.groups = 1};
    const struct neuron_value inputs[3] = {input, weights, bias};
    struct neuron_tensor_shape input_shape = neuron_value_shape(trace, input);
    struct neuron_tensor_shape weights_shape = neuron_value_shape(trace, weights);
    struct neuron_attributes attributes = {0};

    options = options == NULL ? &defaults : options;
    copy_steps(options->strides, NEURON_WINDOW_DIMENSIONS, attributes.strides);
    copy_steps(options->dilations, NEURON_WINDOW_DIMENSIONS, attributes.dilations);
    memcpy(attributes.pads, options->pads, sizeof(attributes.pads));
    attributes.groups = options->groups == 0 ? 1 : options->groups;
    find_transposed_extents(&input_shape, &weights_shape, options->output_padding, &attributes);
    return neuron_trace_record(trace, NEURON_OPERATOR_CONV_TRANSPOSE, &attributes, inputs,
                               bias.id == 0 ? 2 : 3);
}

/* Says whether a value may be an image, [N,C,H,W], which these calls are for alone. */
static bool
may_be_image(const struct neuron_trace *trace, struct neuron_value value)
{
    uint32_t rank = neuron_value_shape(trace, value).rank;

    return value.id == 0 || rank == 4;
}

/* Refuses images of other ranks, with the shapes of one or two inputs. */
static struct neuron_value
refuse_rank(struct neuron_trace *trace, const char *name, const struct neuron_value *inputs,
            uint32_t count)
{
    char shapes[2][80] = {"", ""};

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_tensor_shape shape = neuron_value_shape(trace, inputs[i]);

        (void)neuron_tensor_shape_format(&shape, shapes[i], sizeof(shapes[i]));
    }
    return neuron_trace_fail(trace,
                             NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                         "%s: %s%s%s: images must be [N,C,H,W], weights [O,C,H,W]",
                                         name, shapes[0], count > 1 ? " and " : "", shapes[1]));
}

struct neuron_value
neuron_conv2d(struct neuron_trace *trace, struct neuron_value input, struct neuron_value weights,
              struct neuron_value bias, const struct neuron_conv2d_options *options)
{
    const struct neuron_conv2d_options defaults = {0};
    struct neuron_conv_options general = {0};

    options = options == NULL ? &defaults : options;
    memcpy(general.strides, options->strides, sizeof(options->strides));
    memcpy(general.dilations, options->dilations, sizeof(options->dilations));
    memcpy(general.pads, options->pads, sizeof(options->pads));
    general.groups = options->groups;
    if (!may_be_image(trace, input) || !may_be_image(trace, weights)) {
        return refuse_rank(trace, "conv", (const struct neuron_value[]){input, weights}, 2);
    }
    return neuron_conv(trace, input, weights, bias, &general);
}

static struct neuron_value
refuse_missing_kernel(struct neuron_trace *trace, enum neuron_operator kind)
{
    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    return neuron_trace_fail(trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                                "%s: its options must name a kernel",
                                                neuron_operator_name(kind)));
}

static struct neuron_value
record_pool(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
            float power, const struct neuron_pool_options *options)
{
    struct neuron_attributes attributes = {.alpha = power};

    if (options == NULL) {
        return refuse_missing_kernel(trace, kind);
    }
    memcpy(attributes.kernel, options->kernel, sizeof(attributes.kernel));
    copy_steps(options->strides, NEURON_WINDOW_DIMENSIONS, attributes.strides);
    copy_steps(options->dilations, NEURON_WINDOW_DIMENSIONS, attributes.dilations);
    memcpy(attributes.pads, options->pads, sizeof(attributes.pads));
    attributes.count_padding = options->count_padding && kind == NEURON_OPERATOR_AVERAGE_POOL;
    attributes.mode = options->rounds_up ? NEURON_POOL_ROUNDS_UP : 0;
    if (kind == NEURON_OPERATOR_MAX_POOL_INDICES && options->column_major) {
        attributes.mode |= NEURON_POOL_COLUMN_MAJOR;
    }
    return neuron_trace_record(trace, kind, &attributes, &input, 1);
}

struct neuron_value
neuron_max_pool(struct neuron_trace *trace, struct neuron_value input,
                const struct neuron_pool_options *options)
{
    return record_pool(trace, NEURON_OPERATOR_MAX_POOL, input, 0.0F, options);
}

struct neuron_value
neuron_average_pool(struct neuron_trace *trace, struct neuron_value input,
                    const struct neuron_pool_options *options)
{
    return record_pool(trace, NEURON_OPERATOR_AVERAGE_POOL, input, 0.0F, options);
}

struct neuron_value
neuron_max_pool_indices(struct neuron_trace *trace, struct neuron_value input,
                        const struct neuron_pool_options *options)
{
    return record_pool(trace, NEURON_OPERATOR_MAX_POOL_INDICES, input, 0.0F, options);
}

struct neuron_value
neuron_lp_pool(struct neuron_trace *trace, struct neuron_value input, float power,
               const struct neuron_pool_options *options)
{
    return record_pool(trace, NEURON_OPERATOR_LP_POOL, input, power, options);
}

/* Options of the pools of images. */
static struct neuron_value
record_pool2d(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
              const struct neuron_pool2d_options *options)
{
    struct neuron_pool_options general = {0};

    if (options == NULL) {
        return refuse_missing_kernel(trace, kind);
    }
    memcpy(general.kernel, options->kernel, sizeof(options->kernel));
    memcpy(general.strides, options->strides, sizeof(options->strides));
    memcpy(general.pads, options->pads, sizeof(options->pads));
    general.count_padding = options->count_padding;
    if (!may_be_image(trace, input)) {
        return refuse_rank(trace, neuron_operator_name(kind), &input, 1);
    }
    return record_pool(trace, kind, input, 0.0F, &general);
}

struct neuron_value
neuron_max_pool2d(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_pool2d_options *options)
{
    return record_pool2d(trace, NEURON_OPERATOR_MAX_POOL, input, options);
}

struct neuron_value
neuron_average_pool2d(struct neuron_trace *trace, struct neuron_value input,
                      const struct neuron_pool2d_options *options)
{
    return record_pool2d(trace, NEURON_OPERATOR_AVERAGE_POOL, input, options);
}

/* A window over all that it could move over; one that is too large is refused as none. */
static struct neuron_value
record_global_pool(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
                   float power)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    struct neuron_pool_options options = {.rounds_up = false};

    for (uint32_t i = 0; i < NEURON_WINDOW_DIMENSIONS && 2 + i < shape.rank; i += 1) {
        options.kernel[i] = shape.dims[2 + i] > INT32_MAX ? 0 : (uint32_t)shape.dims[2 + i];
    }
    return record_pool(trace, kind, input, power, &options);
}

struct neuron_value
neuron_global_max_pool(struct neuron_trace *trace, struct neuron_value input)
{
    return record_global_pool(trace, NEURON_OPERATOR_MAX_POOL, input, 0.0F);
}

struct neuron_value
neuron_global_average_pool(struct neuron_trace *trace, struct neuron_value input)
{
    return record_global_pool(trace, NEURON_OPERATOR_AVERAGE_POOL, input, 0.0F);
}

struct neuron_value
neuron_global_lp_pool(struct neuron_trace *trace, struct neuron_value input, float power)
{
    return record_global_pool(trace, NEURON_OPERATOR_LP_POOL, input, power);
}

struct neuron_value
neuron_max_unpool(struct neuron_trace *trace, struct neuron_value input,
                  struct neuron_value indices, const int64_t *counted, const int64_t *dims)
{
    uint32_t rank = neuron_value_shape(trace, input).rank;
    const struct neuron_value inputs[2] = {input, indices};
    struct neuron_attributes attributes = {0};

    if (rank > 0) {
        memcpy(attributes.starts, counted, rank * sizeof(*counted));
        memcpy(attributes.dims, dims, rank * sizeof(*dims));
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_MAX_UNPOOL, &attributes, inputs, 2);
}

struct neuron_value
neuron_lrn(struct neuron_trace *trace, struct neuron_value input, uint32_t size, float alpha,
           float beta, float bias)
{
    const struct neuron_attributes attributes = {
        .kernel = {size}, .alpha = alpha, .beta = beta, .low = bias};

    return neuron_trace_record(trace, NEURON_OPERATOR_LRN, &attributes, &input, 1);
}
