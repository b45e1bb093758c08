/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of neuron/trace.h that are neither elementwise nor windows. */
#include "neuron/trace.h"

#include <stdio.h>
#include <string.h>

#include "frontend/trace_body.h"
#include "graph/operator.h"
#include "neuron/trace_elementwise.h"

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

    uint32_t count = 3;

    if (shift.id == 0) {
        count = scale.id == 0 ? 1 : 2;
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_LAYER_NORM, &attributes, inputs, count);
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
    enum neuron_type type = neuron_value_shape(trace, value).type;

    if (factor == 1.0F) {
        return value;
    }
    struct neuron_value number = neuron_scalar(trace, factor);
    return neuron_multiply(trace, value,
                           type == NEURON_FLOAT32 ? number : neuron_cast(trace, number, type));
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
