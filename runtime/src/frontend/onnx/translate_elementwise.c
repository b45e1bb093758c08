/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operators. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/translate.h"
#include "neuron/trace_elementwise.h"

typedef struct neuron_value
unary_fn(struct neuron_trace *trace, struct neuron_value input);

typedef struct neuron_value
binary_fn(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

static const struct {
    const char *name;
    unary_fn *record;
} unary_operators[] = {
    {"Relu", neuron_relu},
    {"Sigmoid", neuron_sigmoid},
    {"Tanh", neuron_tanh},
    {"Neg", neuron_negate},
    {"Abs", neuron_absolute},
    {"Sign", neuron_sign},
    {"Floor", neuron_floor},
    {"Ceil", neuron_ceil},
    {"Round", neuron_round},
    {"Reciprocal", neuron_reciprocal},
    {"Sqrt", neuron_sqrt},
    {"Exp", neuron_exp},
    {"Log", neuron_log},
    {"Erf", neuron_erf},
    {"Sin", neuron_sin},
    {"Cos", neuron_cos},
    {"Tan", neuron_tan},
    {"Asin", neuron_asin},
    {"Acos", neuron_acos},
    {"Atan", neuron_atan},
    {"Sinh", neuron_sinh},
    {"Cosh", neuron_cosh},
    {"Asinh", neuron_asinh},
    {"Acosh", neuron_acosh},
    {"Atanh", neuron_atanh},
    {"Not", neuron_not},
    {"BitwiseNot", neuron_bitwise_not},
    {"IsNaN", neuron_is_nan},
    {"HardSwish", neuron_hard_swish},
    {"Mish", neuron_mish},
    {"Softplus", neuron_softplus},
    {"Softsign", neuron_softsign},
};

static const struct {
    const char *name;
    binary_fn *record;
} binary_operators[] = {
    {"Add", neuron_add},
    {"Sub", neuron_subtract},
    {"Mul", neuron_multiply},
    {"Div", neuron_divide},
    {"Pow", neuron_power},
    {"PRelu", neuron_prelu},
    {"Equal", neuron_equal},
    {"Less", neuron_less},
    {"LessOrEqual", neuron_less_or_equal},
    {"Greater", neuron_greater},
    {"GreaterOrEqual", neuron_greater_or_equal},
    {"And", neuron_and},
    {"Or", neuron_or},
    {"Xor", neuron_xor},
    {"BitwiseAnd", neuron_bitwise_and},
    {"BitwiseOr", neuron_bitwise_or},
    {"BitwiseXor", neuron_bitwise_xor},
};

enum neuron_status
neuron_onnx_translate_unary(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    for (size_t i = 0; i < sizeof(unary_operators) / sizeof(unary_operators[0]); i += 1) {
        if (strcmp(unary_operators[i].name, call->node->operator_type) == 0) {
            result->traced =
                unary_operators[i].record(call->trace, neuron_onnx_call_value(call, 0));
        }
    }
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_binary(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value left = neuron_onnx_call_value(call, 0);
    struct neuron_value right = neuron_onnx_call_value(call, 1);

    for (size_t i = 0; i < sizeof(binary_operators) / sizeof(binary_operators[0]); i += 1) {
        if (strcmp(binary_operators[i].name, call->node->operator_type) == 0) {
            result->traced = binary_operators[i].record(call->trace, left, right);
        }
    }
    return neuron_onnx_call_status(call);
}

/* Operators with parameters: their names, and what they are where a node has none. */
static const struct tuned {
    const char *name;
    enum neuron_operator kind;
    const char *parameters[2]; /* alpha, beta of the graph's operator */
    float defaults[2];
} tuned_operators[] = {
    {"LeakyRelu", NEURON_OPERATOR_LEAKY_RELU, {"alpha", NULL}, {0.01F, 0.0F}},
    {"Elu", NEURON_OPERATOR_ELU, {"alpha", NULL}, {1.0F, 0.0F}},
    {"Selu",
     NEURON_OPERATOR_SELU,
     {"alpha", "gamma"},
     {1.67326319217681884765625F, 1.05070102214813232421875F}},
    {"Celu", NEURON_OPERATOR_CELU, {"alpha", NULL}, {1.0F, 0.0F}},
    {"HardSigmoid", NEURON_OPERATOR_HARD_SIGMOID, {"alpha", "beta"}, {0.2F, 0.5F}},
    {"ThresholdedRelu", NEURON_OPERATOR_THRESHOLDED_RELU, {"alpha", NULL}, {1.0F, 0.0F}},
    {"Shrink", NEURON_OPERATOR_SHRINK, {"lambd", "bias"}, {0.5F, 0.0F}},
};

enum neuron_status
neuron_onnx_translate_tuned(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct tuned *tuned = tuned_operators;
    enum neuron_status status = NEURON_OK;
    float numbers[2] = {0};

    while (strcmp(tuned->name, call->node->operator_type) != 0) {
        tuned += 1;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < 2; i += 1) {
        numbers[i] = tuned->defaults[i];
        if (tuned->parameters[i] != NULL) {
            status = neuron_onnx_attribute_float(call->node, tuned->parameters[i], &numbers[i],
                                                 call->error);
        }
    }
    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_attributes attributes = {.alpha = numbers[0], .beta = numbers[1]};
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced = neuron_trace_record(call->trace, tuned->kind, &attributes, &input, 1);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_several(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const char *name = call->node->operator_type;
    struct neuron_trace *trace = call->trace;
    struct neuron_value total = neuron_onnx_call_value(call, 0);

    for (uint32_t i = 1; i < call->input_count; i += 1) {
        struct neuron_value next = neuron_onnx_call_value(call, i);

        if (strcmp(name, "Min") == 0) {
            total = neuron_minimum(trace, total, next);
        } else if (strcmp(name, "Max") == 0) {
            total = neuron_maximum(trace, total, next);
        } else {
            total = neuron_add(trace, total, next);
        }
    }
    if (strcmp(name, "Mean") == 0) {
        struct neuron_value count = neuron_scalar(trace, (float)call->input_count);

        total = neuron_divide(trace, total,
                              neuron_cast(trace, count, neuron_value_shape(trace, total).type));
    }
    result->traced = total;
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_is_inf(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t positive = 1;
    int64_t negative = 1;

    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "detect_positive", &positive, call->error);
    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_integer(call->node, "detect_negative", &negative, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    unsigned which = (positive != 0 ? (unsigned)NEURON_INFINITY_POSITIVE : 0U) |
                     (negative != 0 ? (unsigned)NEURON_INFINITY_NEGATIVE : 0U);
    result->traced =
        neuron_is_inf(call->trace, neuron_onnx_call_value(call, 0), (enum neuron_infinity)which);
    return neuron_onnx_call_status(call);
}

/* A bound of clip as a float: an attribute in old files, later an input. A bound that is not known,
   or of a type that a float does not hold, is left to minimum and maximum. */
static enum neuron_status
read_bound(struct neuron_onnx_call *call, uint32_t input, const char *name, float *bound)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

    if (call->opset < 11) {
        return neuron_onnx_attribute_float(call->node, name, bound, call->error);
    }
    if (known != NULL && neuron_onnx_constant_count(known) != 1) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "a bound is not one number");
    }
    if (known != NULL) {
        *bound = (float)neuron_onnx_read_real(known, 0);
    }
    return NEURON_OK;
}

/* Says whether all bounds that the node has as inputs are known. */
static bool
has_known_bounds(const struct neuron_onnx_call *call)
{
    return (!neuron_onnx_call_has(call, 1) || neuron_onnx_call_known(call, 1) != NULL) &&
           (!neuron_onnx_call_has(call, 2) || neuron_onnx_call_known(call, 2) != NULL);
}

enum neuron_status
neuron_onnx_translate_clip(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    float low = -FLT_MAX;
    float high = FLT_MAX;

    if (call->opset >= 11 &&
        (neuron_onnx_call_shape(call, 0)->type != NEURON_FLOAT32 || !has_known_bounds(call))) {
        struct neuron_value above =
            neuron_onnx_call_has(call, 1)
                ? neuron_maximum(call->trace, input, neuron_onnx_call_value(call, 1))
                : input;

        result->traced = neuron_onnx_call_has(call, 2)
                             ? neuron_minimum(call->trace, above, neuron_onnx_call_value(call, 2))
                             : above;
        return neuron_onnx_call_status(call);
    }
    enum neuron_status status = read_bound(call, 1, "min", &low);
    if (status == NEURON_OK) {
        status = read_bound(call, 2, "max", &high);
    }
    if (status != NEURON_OK) {
        return status;
    }
    /* Bounds in the wrong order give the upper one, as ONNX says. */
    result->traced = neuron_clip(call->trace, input, low < high ? low : high, high);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_mod(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t is_remainder = 0;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "fmod", &is_remainder, call->error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value left = neuron_onnx_call_value(call, 0);
    struct neuron_value right = neuron_onnx_call_value(call, 1);
    result->traced = is_remainder != 0 ? neuron_remainder(call->trace, left, right)
                                       : neuron_modulo(call->trace, left, right);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_bit_shift(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool is_left = neuron_onnx_attribute_is(call->node, "direction", "LEFT", false);
    struct neuron_value left = neuron_onnx_call_value(call, 0);
    struct neuron_value right = neuron_onnx_call_value(call, 1);

    if (!is_left && !neuron_onnx_attribute_is(call->node, "direction", "RIGHT", false)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its direction is neither LEFT nor RIGHT");
    }
    result->traced = is_left ? neuron_shift_left(call->trace, left, right)
                             : neuron_shift_right(call->trace, left, right);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_where(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value condition = neuron_onnx_call_value(call, 0);
    struct neuron_value then = neuron_onnx_call_value(call, 1);

    result->traced = neuron_where(call->trace, condition, then, neuron_onnx_call_value(call, 2));
    return neuron_onnx_call_status(call);
}

/* Casts the first input; to its own type nothing is done. */
static enum neuron_status
cast_to(struct neuron_onnx_call *call, enum neuron_type type, struct neuron_onnx_result *result)
{
    if (neuron_onnx_call_shape(call, 0)->type == type) {
        result->same = call->inputs[0];
        return NEURON_OK;
    }
    result->traced = neuron_cast(call->trace, neuron_onnx_call_value(call, 0), type);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_cast(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t code = 0;
    enum neuron_status status = neuron_onnx_attribute_integer(call->node, "to", &code, call->error);

    if (status != NEURON_OK) {
        return status;
    }
    enum neuron_type type =
        code < 0 || code > INT32_MAX ? NEURON_NO_TYPE : neuron_onnx_type((int32_t)code);
    if (type == NEURON_NO_TYPE) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "%s to a type that is not known here",
                           neuron_type_name(neuron_onnx_call_shape(call, 0)->type));
    }
    return cast_to(call, type, result);
}

enum neuron_status
neuron_onnx_translate_cast_like(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    return cast_to(call, neuron_onnx_call_shape(call, 1)->type, result);
}
