/* SPDX-License-Identifier: Apache-2.0 */
/* The operators that a traced function calls. */
#include "neuron/trace.h"

#include <stdio.h>
#include <string.h>

#include "frontend/trace_body.h"
#include "graph/operator.h"

static struct neuron_value
record_plain(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value left,
             struct neuron_value right)
{
    const struct neuron_attributes attributes = {0};
    const struct neuron_value inputs[2] = {left, right};

    return neuron_trace_record(trace, kind, &attributes, inputs,
                               neuron_operator_is_binary(kind) ? 2 : 1);
}

struct neuron_value
neuron_add(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_plain(trace, NEURON_OPERATOR_ADD, left, right);
}

struct neuron_value
neuron_subtract(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_plain(trace, NEURON_OPERATOR_SUBTRACT, left, right);
}

struct neuron_value
neuron_multiply(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_plain(trace, NEURON_OPERATOR_MULTIPLY, left, right);
}

struct neuron_value
neuron_divide(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_plain(trace, NEURON_OPERATOR_DIVIDE, left, right);
}

struct neuron_value
neuron_relu(struct neuron_trace *trace, struct neuron_value input)
{
    return record_plain(trace, NEURON_OPERATOR_RELU, input, (struct neuron_value){0});
}

struct neuron_value
neuron_gelu(struct neuron_trace *trace, struct neuron_value input)
{
    return record_plain(trace, NEURON_OPERATOR_GELU, input, (struct neuron_value){0});
}

struct neuron_value
neuron_sigmoid(struct neuron_trace *trace, struct neuron_value input)
{
    return record_plain(trace, NEURON_OPERATOR_SIGMOID, input, (struct neuron_value){0});
}

struct neuron_value
neuron_tanh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_plain(trace, NEURON_OPERATOR_TANH, input, (struct neuron_value){0});
}

struct neuron_value
neuron_clip(struct neuron_trace *trace, struct neuron_value input, float low, float high)
{
    const struct neuron_attributes attributes = {.low = low, .high = high};

    return neuron_trace_record(trace, NEURON_OPERATOR_CLIP, &attributes, &input, 1);
}

/* An axis from the front; one that does not exist stays as it is, and is refused when inferred. */
static int32_t
count_from_front(const struct neuron_trace *trace, struct neuron_value value, int32_t axis)
{
    int32_t rank = (int32_t)neuron_value_shape(trace, value).rank;

    return axis < 0 && axis >= -rank ? axis + rank : axis;
}

struct neuron_value
neuron_softmax(struct neuron_trace *trace, struct neuron_value input, int32_t axis)
{
    const struct neuron_attributes attributes = {.axis = count_from_front(trace, input, axis)};

    return neuron_trace_record(trace, NEURON_OPERATOR_SOFTMAX, &attributes, &input, 1);
}

struct neuron_value
neuron_layer_norm(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                  struct neuron_value shift, int32_t axis, float epsilon)
{
    const struct neuron_attributes attributes = {.axis = count_from_front(trace, input, axis),
                                                 .epsilon = epsilon};
    const struct neuron_value inputs[3] = {input, scale, shift};

    return neuron_trace_record(trace, NEURON_OPERATOR_LAYER_NORM, &attributes, inputs, 3);
}

struct neuron_value
neuron_matmul(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    const struct neuron_attributes attributes = {0};
    const struct neuron_value inputs[2] = {left, right};

    return neuron_trace_record(trace, NEURON_OPERATOR_MATMUL, &attributes, inputs, 2);
}

/* Multiplies by a number, unless that would change nothing. */
static struct neuron_value
scale_by(struct neuron_trace *trace, struct neuron_value value, float factor)
{
    return factor == 1.0F ? value : neuron_multiply(trace, value, neuron_scalar(trace, factor));
}

/* Refuses a gemm with the shapes of A, B and whatever else is in the way. */
static struct neuron_value
refuse_gemm(struct neuron_trace *trace, const struct neuron_value *inputs, const char *why)
{
    char shapes[2][80] = {"", ""};

    for (int i = 0; i < 2; i += 1) {
        struct neuron_tensor_shape shape = neuron_value_shape(trace, inputs[i]);

        (void)neuron_tensor_shape_format(&shape, shapes[i], sizeof(shapes[i]));
    }
    return neuron_trace_fail(trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                                "gemm: %s and %s: %s", shapes[0], shapes[1], why));
}

/* Says whether a shape, broadcast to another, leaves that one as it is. */
static bool
broadcasts_to(const struct neuron_tensor_shape *from, const struct neuron_tensor_shape *to)
{
    if (from->rank > to->rank) {
        return false;
    }
    for (uint32_t i = 0; i < from->rank; i += 1) {
        int64_t dim = from->dims[from->rank - 1 - i];

        if (dim != 1 && dim != to->dims[to->rank - 1 - i]) {
            return false;
        }
    }
    return true;
}

/* A gemm as the operators that it is made of. */
static struct neuron_value
record_gemm(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value c,
            const struct neuron_gemm_options *options)
{
    const struct neuron_attributes attributes = {.transpose_left = options->transpose_a,
                                                 .transpose_right = options->transpose_b};

    if (trace->status == NEURON_OK && (neuron_value_shape(trace, inputs[0]).rank != 2 ||
                                       neuron_value_shape(trace, inputs[1]).rank != 2)) {
        return refuse_gemm(trace, inputs, "both must be matrices");
    }
    struct neuron_value product =
        neuron_trace_record(trace, NEURON_OPERATOR_MATMUL, &attributes, inputs, 2);
    struct neuron_tensor_shape shape = neuron_value_shape(trace, product);
    struct neuron_tensor_shape c_shape = neuron_value_shape(trace, c);
    product = scale_by(trace, product, options->alpha);
    if (c.id == 0) {
        return product;
    }
    if (trace->status == NEURON_OK && !broadcasts_to(&c_shape, &shape)) {
        char text[80] = "";
        char why[128] = "";

        (void)snprintf(why, sizeof(why), "C, %s, does not broadcast to their product",
                       neuron_tensor_shape_format(&c_shape, text, sizeof(text)));
        return refuse_gemm(trace, inputs, why);
    }
    return neuron_add(trace, product, scale_by(trace, c, options->beta));
}

struct neuron_value
neuron_gemm(struct neuron_trace *trace, struct neuron_value a, struct neuron_value b,
            struct neuron_value c, const struct neuron_gemm_options *options)
{
    const struct neuron_gemm_options defaults = {.alpha = 1.0F, .beta = 1.0F};
    bool was_good = trace->status == NEURON_OK;
    const struct neuron_value inputs[2] = {a, b};
    struct neuron_value result =
        record_gemm(trace, inputs, c, options == NULL ? &defaults : options);

    /* What failed is a gemm to the caller, whichever of its operators it was: "matmul: ...". */
    const char *reason = strstr(trace->error.text, ": ");
    if (was_good && trace->status != NEURON_OK && reason != NULL) {
        neuron_error_set(&trace->error, trace->status, "gemm%s", reason);
    }
    return result;
}

/* Copies strides or dilations, of which 0 stands for 1. */
static void
copy_steps(const uint32_t *from, uint32_t *to)
{
    for (uint32_t i = 0; i < 2; i += 1) {
        to[i] = from[i] == 0 ? 1 : from[i];
    }
}

struct neuron_value
neuron_conv2d(struct neuron_trace *trace, struct neuron_value input, struct neuron_value weights,
              struct neuron_value bias, const struct neuron_conv2d_options *options)
{
    const struct neuron_conv2d_options defaults = {0};
    const struct neuron_value inputs[3] = {input, weights, bias};
    struct neuron_attributes attributes = {0};

    options = options == NULL ? &defaults : options;
    copy_steps(options->strides, attributes.strides);
    copy_steps(options->dilations, attributes.dilations);
    memcpy(attributes.pads, options->pads, sizeof(attributes.pads));
    attributes.groups = options->groups == 0 ? 1 : options->groups;
    return neuron_trace_record(trace, NEURON_OPERATOR_CONV2D, &attributes, inputs,
                               bias.id == 0 ? 2 : 3);
}

static struct neuron_value
record_pool(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
            const struct neuron_pool2d_options *options)
{
    struct neuron_attributes attributes = {0};

    if (options == NULL) {
        return trace->status != NEURON_OK
                   ? (struct neuron_value){0}
                   : neuron_trace_fail(trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                                          "%s: its options must name a kernel",
                                                          neuron_operator_name(kind)));
    }
    attributes.count_padding = options->count_padding;

    memcpy(attributes.kernel, options->kernel, sizeof(attributes.kernel));
    copy_steps(options->strides, attributes.strides);
    memcpy(attributes.pads, options->pads, sizeof(attributes.pads));
    return neuron_trace_record(trace, kind, &attributes, &input, 1);
}

struct neuron_value
neuron_max_pool2d(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_pool2d_options *options)
{
    return record_pool(trace, NEURON_OPERATOR_MAX_POOL2D, input, options);
}

struct neuron_value
neuron_average_pool2d(struct neuron_trace *trace, struct neuron_value input,
                      const struct neuron_pool2d_options *options)
{
    return record_pool(trace, NEURON_OPERATOR_AVERAGE_POOL2D, input, options);
}

/* Replaces the one dimension of -1 by what is left over; where none fits, -1 is refused later. */
static void
fill_in_dimension(const struct neuron_tensor_shape *input, struct neuron_attributes *attributes)
{
    struct neuron_tensor_shape known = {.type = input->type, .rank = attributes->rank};
    uint32_t open = UINT32_MAX;
    size_t input_elements = 0;
    size_t known_elements = 0;

    for (uint32_t i = 0; i < attributes->rank; i += 1) {
        bool is_open = attributes->dims[i] == -1 && open == UINT32_MAX;

        open = is_open ? i : open;
        known.dims[i] = is_open ? 1 : attributes->dims[i];
    }
    if (open != UINT32_MAX && neuron_tensor_shape_element_count(input, &input_elements) &&
        neuron_tensor_shape_element_count(&known, &known_elements) && known_elements > 0 &&
        input_elements % known_elements == 0) {
        attributes->dims[open] = (int64_t)(input_elements / known_elements);
    }
}

struct neuron_value
neuron_reshape(struct neuron_trace *trace, struct neuron_value input, const int64_t *dims,
               uint32_t rank)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    struct neuron_attributes attributes = {.rank = rank};

    if (trace->status == NEURON_OK && rank > NEURON_RANK_LIMIT) {
        return neuron_trace_fail(trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT,
                                                    "reshape: rank %u; at most %d dimensions", rank,
                                                    NEURON_RANK_LIMIT));
    }
    if (rank > 0 && rank <= NEURON_RANK_LIMIT) {
        memcpy(attributes.dims, dims, rank * sizeof(*dims));
        fill_in_dimension(&shape, &attributes);
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_RESHAPE, &attributes, &input, 1);
}

struct neuron_value
neuron_flatten(struct neuron_trace *trace, struct neuron_value input, int32_t axis)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    int32_t front = count_from_front(trace, input, axis);
    int64_t dims[2] = {1, 1};

    if (trace->status == NEURON_OK && (front < 0 || (uint32_t)front > shape.rank)) {
        char text[80] = "";

        return neuron_trace_fail(
            trace,
            NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT, "flatten: %s: has no axis %d",
                        neuron_tensor_shape_format(&shape, text, sizeof(text)), (int)axis));
    }
    for (uint32_t i = 0; i < shape.rank; i += 1) {
        dims[i < (uint32_t)front ? 0 : 1] *= shape.dims[i];
    }
    return neuron_reshape(trace, input, dims, 2);
}

struct neuron_value
neuron_transpose(struct neuron_trace *trace, struct neuron_value input, const uint32_t *order)
{
    uint32_t rank = neuron_value_shape(trace, input).rank;
    struct neuron_attributes attributes = {0};

    for (uint32_t i = 0; i < rank; i += 1) {
        attributes.order[i] = order == NULL ? rank - 1 - i : order[i];
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_TRANSPOSE, &attributes, &input, 1);
}

struct neuron_value
neuron_concat(struct neuron_trace *trace, const struct neuron_value *inputs, uint32_t count,
              int32_t axis)
{
    const struct neuron_attributes attributes = {
        .axis = count == 0 ? axis : count_from_front(trace, inputs[0], axis)};

    return neuron_trace_record(trace, NEURON_OPERATOR_CONCAT, &attributes, inputs, count);
}
