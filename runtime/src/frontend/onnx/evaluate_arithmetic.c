/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elementwise operators. Integers are computed as int64 and checked against their type; floats as
 * double and rounded once, which for sums, products and quotients of float32 is what float32 gives.
 */
#include "frontend/onnx/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/strided_copy.h"

enum arithmetic {
    ARITHMETIC_ADD,
    ARITHMETIC_SUBTRACT,
    ARITHMETIC_MULTIPLY,
    ARITHMETIC_DIVIDE,
    ARITHMETIC_MODULO,
    ARITHMETIC_MIN,
    ARITHMETIC_MAX,
    ARITHMETIC_EQUAL,
    ARITHMETIC_LESS,
    ARITHMETIC_GREATER,
    ARITHMETIC_LESS_OR_EQUAL,
    ARITHMETIC_GREATER_OR_EQUAL,
    ARITHMETIC_AND,
    ARITHMETIC_OR,
    ARITHMETIC_COUNT
};

static const char *const names[ARITHMETIC_COUNT] = {
    "Add", "Sub",   "Mul",  "Div",     "Mod",         "Min",
    "Max", "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual",
    "And", "Or",
};

static enum arithmetic
find_arithmetic(const struct neuron_onnx_call *call)
{
    enum arithmetic kind = ARITHMETIC_ADD;

    while (kind < ARITHMETIC_OR && strcmp(names[kind], call->node->operator_type) != 0) {
        kind += 1;
    }
    return kind;
}

static bool
gives_bool(enum arithmetic kind)
{
    return kind >= ARITHMETIC_EQUAL;
}

/* The remainder with the sign of the divisor, as for Python and, by default, for ONNX. */
static int64_t
modulo(int64_t left, int64_t right)
{
    int64_t rest = left % right;

    return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
}

/* How two numbers stand to each other. */
enum order { ORDER_LESS, ORDER_EQUAL, ORDER_GREATER, ORDER_NONE /* one is no number */ };

/* Says whether a comparison holds for numbers that stand so. */
static bool
holds(enum arithmetic kind, enum order order)
{
    static const bool table[ARITHMETIC_COUNT][ORDER_NONE + 1] = {
        [ARITHMETIC_EQUAL] = {[ORDER_EQUAL] = true},
        [ARITHMETIC_LESS] = {[ORDER_LESS] = true},
        [ARITHMETIC_GREATER] = {[ORDER_GREATER] = true},
        [ARITHMETIC_LESS_OR_EQUAL] = {[ORDER_LESS] = true, [ORDER_EQUAL] = true},
        [ARITHMETIC_GREATER_OR_EQUAL] = {[ORDER_GREATER] = true, [ORDER_EQUAL] = true},
        [ARITHMETIC_MIN] = {[ORDER_LESS] = true}, /* whether the left one is taken */
        [ARITHMETIC_MAX] = {[ORDER_GREATER] = true},
    };

    return table[kind][order];
}

/* Returns false for division by zero and a quotient that overflows. */
static bool
divide_whole(enum arithmetic kind, int64_t left, int64_t right, int64_t *result)
{
    if (right == 0 || (left == INT64_MIN && right == -1)) {
        return false;
    }
    *result = kind == ARITHMETIC_DIVIDE ? left / right : modulo(left, right);
    return true;
}

static enum order
order_whole(int64_t left, int64_t right)
{
    if (left == right) {
        return ORDER_EQUAL;
    }
    return left < right ? ORDER_LESS : ORDER_GREATER;
}

/* Returns false for overflow and division by zero. */
static bool
compute_whole(enum arithmetic kind, int64_t left, int64_t right, int64_t *result)
{
    bool is_left = holds(kind, order_whole(left, right));

    switch ((int)kind) {
    case ARITHMETIC_ADD:
        return !__builtin_add_overflow(left, right, result);
    case ARITHMETIC_SUBTRACT:
        return !__builtin_sub_overflow(left, right, result);
    case ARITHMETIC_MULTIPLY:
        return !__builtin_mul_overflow(left, right, result);
    case ARITHMETIC_DIVIDE:
    case ARITHMETIC_MODULO:
        return divide_whole(kind, left, right, result);
    case ARITHMETIC_MIN:
    case ARITHMETIC_MAX:
        *result = is_left ? left : right;
        return true;
    case ARITHMETIC_AND: /* of bools, which are 0 or 1 */
        *result = left & right;
        return true;
    case ARITHMETIC_OR:
        *result = left | right;
        return true;
    default:
        *result = is_left;
        return true;
    }
}

static enum order
order_real(double left, double right)
{
    if (left == right) {
        return ORDER_EQUAL;
    }
    if (left < right) {
        return ORDER_LESS;
    }
    return left > right ? ORDER_GREATER : ORDER_NONE;
}

/* Returns false for division by zero, and for what floats do not have here: Mod, And, Or. */
static bool
compute_real(enum arithmetic kind, double left, double right, double *result)
{
    bool is_left = holds(kind, order_real(left, right));

    switch ((int)kind) {
    case ARITHMETIC_ADD:
        *result = left + right;
        return true;
    case ARITHMETIC_SUBTRACT:
        *result = left - right;
        return true;
    case ARITHMETIC_MULTIPLY:
        *result = left * right;
        return true;
    case ARITHMETIC_DIVIDE:
        *result = right == 0.0 ? 0.0 : left / right;
        return right != 0.0;
    case ARITHMETIC_MIN:
    case ARITHMETIC_MAX:
        *result = is_left ? left : right;
        return true;
    case ARITHMETIC_MODULO:
    case ARITHMETIC_AND:
    case ARITHMETIC_OR:
        return false;
    default:
        *result = is_left ? 1.0 : 0.0;
        return true;
    }
}

/* Computes one element of two. */
static bool
combine(enum arithmetic kind, const struct neuron_onnx_constant *operands[2],
        const int64_t positions[2], const struct neuron_onnx_constant *to, size_t index)
{
    size_t left = (size_t)positions[0];
    size_t right = (size_t)positions[1];
    double real = 0.0;
    int64_t whole = 0;

    if (neuron_onnx_type_is_real(operands[0]->shape.type)) {
        return compute_real(kind, neuron_onnx_read_real(operands[0], left),
                            neuron_onnx_read_real(operands[1], right), &real) &&
               neuron_onnx_write_real(to, index, real);
    }
    return compute_whole(kind, neuron_onnx_read_whole(operands[0], left),
                         neuron_onnx_read_whole(operands[1], right), &whole) &&
           neuron_onnx_write_whole(to, index, whole);
}

/* Computes a constant of two, which the caller frees. */
static enum neuron_status
combine_all(enum arithmetic kind, const struct neuron_onnx_constant *operands[2],
            struct neuron_onnx_constant *result, struct neuron_error *error)
{
    struct neuron_tensor_shape shape = {.type = operands[0]->shape.type};
    struct neuron_strided_walk walks[2] = {{.position = 0}};

    if (operands[0]->shape.type != operands[1]->shape.type ||
        !neuron_broadcast_shapes(&operands[0]->shape, &operands[1]->shape, &shape)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "the types differ, or the shapes do not broadcast");
    }
    for (uint32_t i = 0; i < 2; i += 1) {
        neuron_strided_walk_broadcast(&walks[i], &operands[i]->shape, &shape);
    }
    shape.type = gives_bool(kind) ? NEURON_BOOL : shape.type;
    enum neuron_status status = neuron_onnx_constant_allocate(&shape, result, error);
    for (size_t i = 0; status == NEURON_OK && i < neuron_onnx_constant_count(result); i += 1) {
        const int64_t positions[2] = {walks[0].position, walks[1].position};

        if (!combine(kind, operands, positions, result, i)) {
            return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                               "element %zu overflows, divides by zero, or is of a type without "
                               "this operator",
                               i);
        }
        neuron_strided_walk_next(&walks[0]);
        neuron_strided_walk_next(&walks[1]);
    }
    return status;
}

enum neuron_status
neuron_onnx_evaluate_binary(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *operands[2] = {neuron_onnx_call_known(call, 0),
                                                      neuron_onnx_call_known(call, 1)};
    int64_t is_remainder = 0;

    /* Mod's other definition takes the sign of the dividend. */
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "fmod", &is_remainder, call->error);
    if (status == NEURON_OK && is_remainder != 0) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL, "fmod is not computed");
    }
    return status == NEURON_OK
               ? combine_all(find_arithmetic(call), operands, &result->constant, call->error)
               : status;
}

enum neuron_status
neuron_onnx_evaluate_several(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_onnx_constant total = {.bytes = NULL};
    enum neuron_status status = NEURON_OK;

    if (call->input_count == 1) {
        result->same = call->inputs[0];
        return NEURON_OK;
    }
    for (uint32_t i = 1; status == NEURON_OK && i < call->input_count; i += 1) {
        const struct neuron_onnx_constant *operands[2] = {
            i == 1 ? neuron_onnx_call_known(call, 0) : &total, neuron_onnx_call_known(call, i)};
        struct neuron_onnx_constant next = {.bytes = NULL};

        status = combine_all(find_arithmetic(call), operands, &next, call->error);
        free(total.bytes);
        total = next;
    }
    result->constant = total;
    return status;
}

enum function {
    FUNCTION_NEGATE,
    FUNCTION_ABSOLUTE,
    FUNCTION_NOT,
    FUNCTION_FLOOR,
    FUNCTION_CEIL,
    FUNCTION_SQUARE_ROOT
};

static enum function
find_function(const struct neuron_onnx_call *call)
{
    static const char *const functions[] = {"Neg", "Abs", "Not", "Floor", "Ceil", "Sqrt"};
    enum function kind = FUNCTION_NEGATE;

    while (kind < FUNCTION_SQUARE_ROOT && strcmp(functions[kind], call->node->operator_type) != 0) {
        kind += 1;
    }
    return kind;
}

/* Returns false for what integers do not have. */
static bool
change_whole(enum function kind, int64_t number, int64_t *result)
{
    switch ((int)kind) {
    case FUNCTION_NEGATE:
        return !__builtin_sub_overflow((int64_t)0, number, result);
    case FUNCTION_ABSOLUTE:
        *result = number;
        return number >= 0 || !__builtin_sub_overflow((int64_t)0, number, result);
    case FUNCTION_NOT:
        *result = number == 0;
        return true;
    default:
        return false;
    }
}

/* Returns false for what floats do not have. */
static bool
change_real(enum function kind, double number, double *result)
{
    switch ((int)kind) {
    case FUNCTION_NEGATE:
        *result = -number;
        return true;
    case FUNCTION_ABSOLUTE:
        *result = fabs(number);
        return true;
    case FUNCTION_FLOOR:
        *result = floor(number);
        return true;
    case FUNCTION_CEIL:
        *result = ceil(number);
        return true;
    case FUNCTION_SQUARE_ROOT:
        *result = sqrt(number);
        return true;
    default:
        return false;
    }
}

/* Computes one element of an operator with one input. */
static bool
change_element(enum function kind, const struct neuron_onnx_constant *from,
               const struct neuron_onnx_constant *to, size_t index)
{
    double real = 0.0;
    int64_t whole = 0;

    if (neuron_onnx_type_is_real(from->shape.type)) {
        return change_real(kind, neuron_onnx_read_real(from, index), &real) &&
               neuron_onnx_write_real(to, index, real);
    }
    return change_whole(kind, neuron_onnx_read_whole(from, index), &whole) &&
           neuron_onnx_write_whole(to, index, whole);
}

enum neuron_status
neuron_onnx_evaluate_unary(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    enum neuron_status status =
        neuron_onnx_constant_allocate(&from->shape, &result->constant, call->error);

    for (size_t i = 0; status == NEURON_OK && i < neuron_onnx_constant_count(from); i += 1) {
        if (!change_element(find_function(call), from, &result->constant, i)) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "element %zu overflows, or is of a type without this operator", i);
        }
    }
    return status;
}

enum neuron_status
neuron_onnx_evaluate_where(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_strided_walk walks[3] = {{.position = 0}};
    struct neuron_tensor_shape shape = neuron_onnx_call_known(call, 1)->shape;
    size_t element_bytes = neuron_type_size_bytes(shape.type);

    if (neuron_onnx_call_known(call, 0)->shape.type != NEURON_BOOL ||
        neuron_onnx_call_known(call, 2)->shape.type != shape.type) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the condition is no bool, or the types differ");
    }
    for (uint32_t i = 0; i < 3; i += 2) {
        const struct neuron_tensor_shape before = shape;

        if (!neuron_broadcast_shapes(&before, neuron_onnx_call_shape(call, i), &shape)) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "the shapes do not broadcast");
        }
    }
    for (uint32_t i = 0; i < 3; i += 1) {
        neuron_strided_walk_broadcast(&walks[i], neuron_onnx_call_shape(call, i), &shape);
    }
    enum neuron_status status =
        neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    for (size_t i = 0; status == NEURON_OK && i < neuron_onnx_constant_count(&result->constant);
         i += 1) {
        bool is_first =
            neuron_onnx_read_whole(neuron_onnx_call_known(call, 0), (size_t)walks[0].position) != 0;
        uint32_t chosen = is_first ? 1 : 2;
        const unsigned char *from = neuron_onnx_call_known(call, chosen)->bytes;

        memcpy((unsigned char *)result->constant.bytes + i * element_bytes,
               from + (size_t)walks[chosen].position * element_bytes, element_bytes);
        for (uint32_t j = 0; j < 3; j += 1) {
            neuron_strided_walk_next(&walks[j]);
        }
    }
    return status;
}
