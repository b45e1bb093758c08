/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_quantization.h"

#include <string.h>

#include "frontend/trace_body.h"
#include "frontend/trace_part.h"
#include "neuron/trace_elementwise.h"

static int32_t
count_from_front(const struct neuron_trace *trace, struct neuron_value value, int32_t axis)
{
    int32_t rank = (int32_t)neuron_value_shape(trace, value).rank;

    return axis < 0 && axis >= -rank ? axis + rank : axis;
}

/* Zeros of this type and the shape of another value. */
static struct neuron_value
zeros_like(struct neuron_trace *trace, struct neuron_value like, enum neuron_type type)
{
    return neuron_cast(trace, neuron_subtract(trace, like, like), type);
}

struct neuron_value
neuron_quantize(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                struct neuron_value zero_point, int32_t axis)
{
    const struct neuron_attributes attributes = {.axis = count_from_front(trace, input, axis)};
    const struct neuron_value inputs[3] = {
        input, scale, zero_point.id == 0 ? zeros_like(trace, scale, NEURON_UINT8) : zero_point};

    return neuron_trace_record(trace, NEURON_OPERATOR_QUANTIZE, &attributes, inputs, 3);
}

struct neuron_value
neuron_dequantize(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                  struct neuron_value zero_point, int32_t axis)
{
    const struct neuron_attributes attributes = {.axis = count_from_front(trace, input, axis)};
    const struct neuron_value inputs[3] = {input, scale, zero_point};

    return neuron_trace_record(trace, NEURON_OPERATOR_DEQUANTIZE, &attributes, inputs,
                               zero_point.id == 0 ? 2 : 3);
}

struct neuron_quantized
neuron_dynamic_quantize(struct neuron_trace *trace, struct neuron_value input)
{
    uint8_t none = 0;
    const struct neuron_tensor_view view = {.type = NEURON_UINT8, .data = &none};
    struct neuron_value zero = neuron_scalar(trace, 0.0F);
    uint32_t axes = (1U << neuron_value_shape(trace, input).rank) - 1;
    struct neuron_value least =
        neuron_trace_reduce(trace, NEURON_OPERATOR_REDUCE_MIN, input, axes, false);
    struct neuron_value most =
        neuron_trace_reduce(trace, NEURON_OPERATOR_REDUCE_MAX, input, axes, false);
    struct neuron_quantized result = {{0}, {0}, {0}};

    least = neuron_minimum(trace, least, zero);
    most = neuron_maximum(trace, most, zero);
    result.scale = neuron_divide(trace, neuron_subtract(trace, most, least),
                                 neuron_scalar(trace, (float)UINT8_MAX));
    /* The zero point is what 0 - least becomes where 0 is 0. */
    result.zero_point = neuron_quantize(trace, neuron_negate(trace, least), result.scale,
                                        neuron_constant(trace, &view), 0);
    result.integers = neuron_quantize(trace, input, result.scale, result.zero_point, 0);
    return result;
}

/* Records a product with those zero points that are there; `inputs` has room for them. */
static struct neuron_value
record_product(struct neuron_trace *trace, enum neuron_operator kind,
               const struct neuron_attributes *attributes, struct neuron_value inputs[4])
{
    uint32_t count = 2;

    if (inputs[3].id != 0) {
        count = 4;
    } else if (inputs[2].id != 0) {
        count = 3;
    }
    if (count == 4 && inputs[2].id == 0) {
        unsigned char zero = 0;
        const struct neuron_tensor_view view = {.type = neuron_value_shape(trace, inputs[0]).type,
                                                .data = &zero};

        if (view.type == NEURON_INT8 || view.type == NEURON_UINT8) {
            inputs[2] = neuron_constant(trace, &view);
        } else {
            count = 2; /* which is refused */
        }
    }
    return neuron_trace_record(trace, kind, attributes, inputs, count);
}

struct neuron_value
neuron_matmul_integer(struct neuron_trace *trace, struct neuron_value left,
                      struct neuron_value right, struct neuron_value left_zero_point,
                      struct neuron_value right_zero_point)
{
    const struct neuron_attributes attributes = {0};
    struct neuron_value inputs[4] = {left, right, left_zero_point, right_zero_point};

    return record_product(trace, NEURON_OPERATOR_MATMUL_INTEGER, &attributes, inputs);
}

struct neuron_value
neuron_conv_integer(struct neuron_trace *trace, struct neuron_value input,
                    struct neuron_value weights, struct neuron_value input_zero_point,
                    struct neuron_value weights_zero_point,
                    const struct neuron_conv_options *options)
{
    const struct neuron_conv_options defaults = {.groups = 1};
    const struct neuron_conv_options *given = options == NULL ? &defaults : options;
    struct neuron_attributes attributes = {.groups = given->groups == 0 ? 1 : given->groups};
    struct neuron_value inputs[4] = {input, weights, input_zero_point, weights_zero_point};

    for (uint32_t i = 0; i < NEURON_WINDOW_DIMENSIONS; i += 1) {
        attributes.strides[i] = given->strides[i] == 0 ? 1 : given->strides[i];
        attributes.dilations[i] = given->dilations[i] == 0 ? 1 : given->dilations[i];
    }
    memcpy(attributes.pads, given->pads, sizeof(given->pads));
    return record_product(trace, NEURON_OPERATOR_CONV_INTEGER, &attributes, inputs);
}

/* A scale for each place as one that broadcasts along an axis counted from the end. */
static struct neuron_value
stand_up(struct neuron_trace *trace, struct neuron_value scale, uint32_t behind)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, scale);
    int64_t dims[1 + NEURON_WINDOW_DIMENSIONS] = {shape.dims[0], 1, 1, 1};

    return shape.rank == 1 && behind > 0 ? neuron_reshape(trace, scale, dims, behind + 1) : scale;
}

struct neuron_value
neuron_quantized_matmul(struct neuron_trace *trace, const struct neuron_quantized *left,
                        const struct neuron_quantized *right, const struct neuron_quantized *result)
{
    struct neuron_value sums = neuron_matmul_integer(trace, left->integers, right->integers,
                                                     left->zero_point, right->zero_point);
    struct neuron_value scale =
        neuron_multiply(trace, stand_up(trace, left->scale, 1), right->scale);
    struct neuron_value product =
        neuron_multiply(trace, neuron_cast(trace, sums, NEURON_FLOAT32), scale);

    return neuron_quantize(trace, product, result->scale, result->zero_point, -2);
}

struct neuron_value
neuron_quantized_conv(struct neuron_trace *trace, const struct neuron_quantized *input,
                      const struct neuron_quantized *weights, struct neuron_value bias,
                      const struct neuron_conv_options *options,
                      const struct neuron_quantized *result)
{
    struct neuron_value sums = neuron_conv_integer(trace, input->integers, weights->integers,
                                                   input->zero_point, weights->zero_point, options);
    uint32_t rank = neuron_value_shape(trace, sums).rank;
    uint32_t spatial = rank < 2 ? 0 : rank - 2;
    struct neuron_value scale =
        neuron_multiply(trace, input->scale, stand_up(trace, weights->scale, spatial));

    if (bias.id != 0) {
        sums = neuron_add(trace, sums, stand_up(trace, bias, spatial));
    }
    struct neuron_value product =
        neuron_multiply(trace, neuron_cast(trace, sums, NEURON_FLOAT32), scale);
    return neuron_quantize(trace, product, result->scale, result->zero_point, 1);
}
