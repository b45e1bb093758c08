/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_elementwise.h"

#include "frontend/trace_body.h"
#include "graph/operator.h"

static struct neuron_value
record_unary(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input)
{
    const struct neuron_attributes attributes = {0};

    return neuron_trace_record(trace, kind, &attributes, &input, 1);
}

/* An operator with up to two parameters. */
static struct neuron_value
record_tuned(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value input,
             float alpha, float beta)
{
    const struct neuron_attributes attributes = {.alpha = alpha, .beta = beta};

    return neuron_trace_record(trace, kind, &attributes, &input, 1);
}

static struct neuron_value
record_binary(struct neuron_trace *trace, enum neuron_operator kind, struct neuron_value left,
              struct neuron_value right)
{
    const struct neuron_attributes attributes = {0};
    const struct neuron_value inputs[2] = {left, right};

    return neuron_trace_record(trace, kind, &attributes, inputs, 2);
}

struct neuron_value
neuron_add(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_ADD, left, right);
}

struct neuron_value
neuron_subtract(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_SUBTRACT, left, right);
}

struct neuron_value
neuron_multiply(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_MULTIPLY, left, right);
}

struct neuron_value
neuron_divide(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_DIVIDE, left, right);
}

struct neuron_value
neuron_relu(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_RELU, input);
}

struct neuron_value
neuron_gelu(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_GELU, input);
}

struct neuron_value
neuron_sigmoid(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SIGMOID, input);
}

struct neuron_value
neuron_tanh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_TANH, input);
}

struct neuron_value
neuron_clip(struct neuron_trace *trace, struct neuron_value input, float low, float high)
{
    const struct neuron_attributes attributes = {.low = low, .high = high};

    return neuron_trace_record(trace, NEURON_OPERATOR_CLIP, &attributes, &input, 1);
}

struct neuron_value
neuron_negate(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_NEGATE, input);
}

struct neuron_value
neuron_absolute(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ABSOLUTE, input);
}

struct neuron_value
neuron_sign(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SIGN, input);
}

struct neuron_value
neuron_floor(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_FLOOR, input);
}

struct neuron_value
neuron_ceil(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_CEIL, input);
}

struct neuron_value
neuron_round(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ROUND, input);
}

struct neuron_value
neuron_reciprocal(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_RECIPROCAL, input);
}

struct neuron_value
neuron_sqrt(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SQRT, input);
}

struct neuron_value
neuron_exp(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_EXP, input);
}

struct neuron_value
neuron_log(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_LOG, input);
}

struct neuron_value
neuron_erf(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ERF, input);
}

struct neuron_value
neuron_sin(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SIN, input);
}

struct neuron_value
neuron_cos(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_COS, input);
}

struct neuron_value
neuron_tan(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_TAN, input);
}

struct neuron_value
neuron_asin(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ASIN, input);
}

struct neuron_value
neuron_acos(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ACOS, input);
}

struct neuron_value
neuron_atan(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ATAN, input);
}

struct neuron_value
neuron_sinh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SINH, input);
}

struct neuron_value
neuron_cosh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_COSH, input);
}

struct neuron_value
neuron_asinh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ASINH, input);
}

struct neuron_value
neuron_acosh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ACOSH, input);
}

struct neuron_value
neuron_atanh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_ATANH, input);
}

struct neuron_value
neuron_gelu_tanh(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_GELU_TANH, input);
}

struct neuron_value
neuron_swish(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SWISH, input);
}

struct neuron_value
neuron_hard_swish(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_HARD_SWISH, input);
}

struct neuron_value
neuron_mish(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_MISH, input);
}

struct neuron_value
neuron_softplus(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SOFTPLUS, input);
}

struct neuron_value
neuron_softsign(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_SOFTSIGN, input);
}

struct neuron_value
neuron_not(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_NOT, input);
}

struct neuron_value
neuron_bitwise_not(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_BITWISE_NOT, input);
}

struct neuron_value
neuron_is_nan(struct neuron_trace *trace, struct neuron_value input)
{
    return record_unary(trace, NEURON_OPERATOR_IS_NAN, input);
}

struct neuron_value
neuron_leaky_relu(struct neuron_trace *trace, struct neuron_value input, float alpha)
{
    return record_tuned(trace, NEURON_OPERATOR_LEAKY_RELU, input, alpha, 0.0F);
}

struct neuron_value
neuron_elu(struct neuron_trace *trace, struct neuron_value input, float alpha)
{
    return record_tuned(trace, NEURON_OPERATOR_ELU, input, alpha, 0.0F);
}

struct neuron_value
neuron_celu(struct neuron_trace *trace, struct neuron_value input, float alpha)
{
    return record_tuned(trace, NEURON_OPERATOR_CELU, input, alpha, 0.0F);
}

struct neuron_value
neuron_thresholded_relu(struct neuron_trace *trace, struct neuron_value input, float alpha)
{
    return record_tuned(trace, NEURON_OPERATOR_THRESHOLDED_RELU, input, alpha, 0.0F);
}

struct neuron_value
neuron_selu(struct neuron_trace *trace, struct neuron_value input, float alpha, float gamma)
{
    return record_tuned(trace, NEURON_OPERATOR_SELU, input, alpha, gamma);
}

struct neuron_value
neuron_hard_sigmoid(struct neuron_trace *trace, struct neuron_value input, float alpha, float beta)
{
    return record_tuned(trace, NEURON_OPERATOR_HARD_SIGMOID, input, alpha, beta);
}

struct neuron_value
neuron_shrink(struct neuron_trace *trace, struct neuron_value input, float lambda, float bias)
{
    return record_tuned(trace, NEURON_OPERATOR_SHRINK, input, lambda, bias);
}

struct neuron_value
neuron_cast(struct neuron_trace *trace, struct neuron_value input, enum neuron_type type)
{
    const struct neuron_attributes attributes = {.type = type};

    return neuron_trace_record(trace, NEURON_OPERATOR_CAST, &attributes, &input, 1);
}

struct neuron_value
neuron_is_inf(struct neuron_trace *trace, struct neuron_value input, enum neuron_infinity which)
{
    const struct neuron_attributes attributes = {.mode = (uint32_t)which};

    return neuron_trace_record(trace, NEURON_OPERATOR_IS_INF, &attributes, &input, 1);
}

struct neuron_value
neuron_power(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_POWER, left, right);
}

struct neuron_value
neuron_modulo(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_MODULO, left, right);
}

struct neuron_value
neuron_remainder(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_REMAINDER, left, right);
}

struct neuron_value
neuron_minimum(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_MINIMUM, left, right);
}

struct neuron_value
neuron_maximum(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_MAXIMUM, left, right);
}

struct neuron_value
neuron_prelu(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_PRELU, left, right);
}

struct neuron_value
neuron_equal(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_EQUAL, left, right);
}

struct neuron_value
neuron_less(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_LESS, left, right);
}

struct neuron_value
neuron_less_or_equal(struct neuron_trace *trace, struct neuron_value left,
                     struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_LESS_OR_EQUAL, left, right);
}

struct neuron_value
neuron_greater(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_GREATER, left, right);
}

struct neuron_value
neuron_greater_or_equal(struct neuron_trace *trace, struct neuron_value left,
                        struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_GREATER_OR_EQUAL, left, right);
}

struct neuron_value
neuron_and(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_AND, left, right);
}

struct neuron_value
neuron_or(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_OR, left, right);
}

struct neuron_value
neuron_xor(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_XOR, left, right);
}

struct neuron_value
neuron_bitwise_and(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_BITWISE_AND, left, right);
}

struct neuron_value
neuron_bitwise_or(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_BITWISE_OR, left, right);
}

struct neuron_value
neuron_bitwise_xor(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_BITWISE_XOR, left, right);
}

struct neuron_value
neuron_shift_left(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_SHIFT_LEFT, left, right);
}

struct neuron_value
neuron_shift_right(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right)
{
    return record_binary(trace, NEURON_OPERATOR_SHIFT_RIGHT, left, right);
}

struct neuron_value
neuron_where(struct neuron_trace *trace, struct neuron_value condition, struct neuron_value then,
             struct neuron_value otherwise)
{
    const struct neuron_attributes attributes = {0};
    const struct neuron_value inputs[3] = {condition, then, otherwise};

    return neuron_trace_record(trace, NEURON_OPERATOR_WHERE, &attributes, inputs, 3);
}
