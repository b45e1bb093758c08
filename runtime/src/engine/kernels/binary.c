/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elementwise operators of two inputs that are broadcast. Sums,
 * products and the like of float32 have loops of their own, which the compiler widens; everything
 * else goes strip by strip through double or int64.
 */
#include <inttypes.h>
#include <math.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/row_walk.h"
#include "engine/kernels/strip.h"

/* A piece of a row: what both operands and the result are there. */
struct piece {
    const void *operands[2];
    int64_t strides[2];
    void *result;
    size_t count; /* a strip at most, but for float32 */
};

/* One number of the result. With a constant kind the switch is gone after inlining. */
static inline float
combine_float(enum neuron_operator kind, float left, float right)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_ADD:
        return left + right;
    case NEURON_OPERATOR_SUBTRACT:
        return left - right;
    case NEURON_OPERATOR_MULTIPLY:
        return left * right;
    case NEURON_OPERATOR_DIVIDE:
        return left / right;
    default: /* prelu */
        return left < 0.0F ? left * right : left;
    }
}

/* Each case of the strides is a loop of its own. */
static inline void
combine_floats(enum neuron_operator kind, const struct piece *piece)
{
    const float *left = piece->operands[0];
    const float *right = piece->operands[1];
    float *result = piece->result;

    if (piece->strides[0] == 0) {
        for (size_t i = 0; i < piece->count; i += 1) {
            result[i] = combine_float(kind, left[0], right[i]);
        }
    } else if (piece->strides[1] == 0) {
        for (size_t i = 0; i < piece->count; i += 1) {
            result[i] = combine_float(kind, left[i], right[0]);
        }
    } else {
        for (size_t i = 0; i < piece->count; i += 1) {
            result[i] = combine_float(kind, left[i], right[i]);
        }
    }
}

static bool
has_float_loop(const struct neuron_kernel_call *call)
{
    return call->output.type == NEURON_FLOAT32 && call->inputs[1].type == NEURON_FLOAT32 &&
           (call->kind == NEURON_OPERATOR_ADD || call->kind == NEURON_OPERATOR_SUBTRACT ||
            call->kind == NEURON_OPERATOR_MULTIPLY || call->kind == NEURON_OPERATOR_DIVIDE ||
            call->kind == NEURON_OPERATOR_PRELU);
}

static void
run_floats(const struct neuron_kernel_call *call, const struct piece *piece)
{
    switch ((int)call->kind) {
    case NEURON_OPERATOR_ADD:
        combine_floats(NEURON_OPERATOR_ADD, piece);
        break;
    case NEURON_OPERATOR_SUBTRACT:
        combine_floats(NEURON_OPERATOR_SUBTRACT, piece);
        break;
    case NEURON_OPERATOR_MULTIPLY:
        combine_floats(NEURON_OPERATOR_MULTIPLY, piece);
        break;
    case NEURON_OPERATOR_DIVIDE:
        combine_floats(NEURON_OPERATOR_DIVIDE, piece);
        break;
    default:
        combine_floats(NEURON_OPERATOR_PRELU, piece);
        break;
    }
}

/* What is no number stays so. */
static double
least(double left, double right)
{
    return isnan(left) || left < right ? left : right;
}

static double
largest(double left, double right)
{
    return isnan(left) || left > right ? left : right;
}

/* The remainder with the sign of the divisor. */
static double
modulo_real(double left, double right)
{
    double rest = fmod(left, right);

    return rest != 0.0 && (rest < 0.0) != (right < 0.0) ? rest + right : rest;
}

static double
combine_real(enum neuron_operator kind, double left, double right)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_ADD:
        return left + right;
    case NEURON_OPERATOR_SUBTRACT:
        return left - right;
    case NEURON_OPERATOR_MULTIPLY:
        return left * right;
    case NEURON_OPERATOR_DIVIDE:
        return left / right;
    case NEURON_OPERATOR_POWER:
        return pow(left, right);
    case NEURON_OPERATOR_MODULO:
        return modulo_real(left, right);
    case NEURON_OPERATOR_REMAINDER:
        return fmod(left, right);
    case NEURON_OPERATOR_MINIMUM:
        return least(left, right);
    case NEURON_OPERATOR_MAXIMUM:
        return largest(left, right);
    default: /* prelu */
        return left < 0.0 ? left * right : left;
    }
}

/* Arithmetic on the bits, which wraps around where the result does not fit. */
static int64_t
wrap(enum neuron_operator kind, int64_t left, int64_t right)
{
    uint64_t a = (uint64_t)left;
    uint64_t b = (uint64_t)right;

    switch ((int)kind) {
    case NEURON_OPERATOR_ADD:
        return (int64_t)(a + b);
    case NEURON_OPERATOR_SUBTRACT:
        return (int64_t)(a - b);
    case NEURON_OPERATOR_MULTIPLY:
        return (int64_t)(a * b);
    case NEURON_OPERATOR_AND:
    case NEURON_OPERATOR_BITWISE_AND:
        return (int64_t)(a & b);
    case NEURON_OPERATOR_OR:
    case NEURON_OPERATOR_BITWISE_OR:
        return (int64_t)(a | b);
    case NEURON_OPERATOR_XOR:
    case NEURON_OPERATOR_BITWISE_XOR:
        return (int64_t)(a ^ b);
    case NEURON_OPERATOR_SHIFT_LEFT:
        return b > 63 ? 0 : (int64_t)(a << b);
    default: /* shift_right */
        return b > 63 ? 0 : (int64_t)(a >> b);
    }
}

/* By squaring; a negative exponent leaves 0, but for 1 and -1. */
static int64_t
power_whole(int64_t base, int64_t exponent)
{
    uint64_t result = 1;
    uint64_t factor = (uint64_t)base;

    if (exponent < 0) {
        bool is_unit = base == 1 || base == -1;

        return is_unit ? (exponent % 2 == 0 ? 1 : base) : 0;
    }
    for (int64_t rest = exponent; rest > 0; rest /= 2) {
        result *= rest % 2 == 1 ? factor : 1;
        factor *= factor;
    }
    return (int64_t)result;
}

/* The divisor is not 0. */
static int64_t
divide_whole(enum neuron_operator kind, int64_t left, int64_t right)
{
    if (right == -1) { /* the only quotient that may not fit */
        return kind == NEURON_OPERATOR_DIVIDE ? (int64_t)(0 - (uint64_t)left) : 0;
    }
    if (kind == NEURON_OPERATOR_DIVIDE) {
        return left / right;
    }
    int64_t rest = left % right;
    bool keeps_sign = kind == NEURON_OPERATOR_REMAINDER || rest == 0;
    return keeps_sign || (rest < 0) == (right < 0) ? rest : rest + right;
}

static int64_t
combine_whole(enum neuron_operator kind, int64_t left, int64_t right)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_DIVIDE:
    case NEURON_OPERATOR_MODULO:
    case NEURON_OPERATOR_REMAINDER:
        return divide_whole(kind, left, right);
    case NEURON_OPERATOR_POWER:
        return power_whole(left, right);
    case NEURON_OPERATOR_MINIMUM:
        return left < right ? left : right;
    case NEURON_OPERATOR_MAXIMUM:
        return left > right ? left : right;
    case NEURON_OPERATOR_PRELU:
        return left < 0 ? wrap(NEURON_OPERATOR_MULTIPLY, left, right) : left;
    default:
        return wrap(kind, left, right);
    }
}

static bool
divides(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_DIVIDE || kind == NEURON_OPERATOR_MODULO ||
           kind == NEURON_OPERATOR_REMAINDER;
}

static enum neuron_status
run_whole(const struct neuron_kernel_call *call, const struct piece *piece,
          struct neuron_error *error)
{
    int64_t left[NEURON_STRIP_ELEMENTS];
    int64_t right[NEURON_STRIP_ELEMENTS];

    neuron_strip_load_whole(call->inputs[0].type, piece->operands[0], piece->strides[0],
                            piece->count, left);
    neuron_strip_load_whole(call->inputs[1].type, piece->operands[1], piece->strides[1],
                            piece->count, right);
    for (size_t i = 0; i < piece->count; i += 1) {
        if (right[i] == 0 && divides(call->kind)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s: %" PRId64 " is divided by the whole number 0",
                               neuron_operator_name(call->kind), left[i]);
        }
        left[i] = combine_whole(call->kind, left[i], right[i]);
    }
    neuron_strip_store_whole(call->output.type, piece->result, piece->count, left);
    return NEURON_OK;
}

static void
run_real(const struct neuron_kernel_call *call, const struct piece *piece)
{
    double left[NEURON_STRIP_ELEMENTS];
    double right[NEURON_STRIP_ELEMENTS];

    neuron_strip_load_real(call->inputs[0].type, piece->operands[0], piece->strides[0],
                           piece->count, left);
    neuron_strip_load_real(call->inputs[1].type, piece->operands[1], piece->strides[1],
                           piece->count, right);
    for (size_t i = 0; i < piece->count; i += 1) {
        left[i] = combine_real(call->kind, left[i], right[i]);
    }
    neuron_strip_store_real(call->output.type, piece->result, piece->count, left);
}

static enum neuron_status
run_piece(const struct neuron_kernel_call *call, const struct piece *piece,
          struct neuron_error *error)
{
    if (has_float_loop(call)) {
        run_floats(call, piece);
        return NEURON_OK;
    }
    if (neuron_type_is_real(call->inputs[0].type) || neuron_type_is_real(call->inputs[1].type)) {
        run_real(call, piece);
        return NEURON_OK;
    }
    return run_whole(call, piece, error);
}

/* How two numbers stand to each other: all answers are no where one is no number. */
static bool
holds_real(enum neuron_operator kind, double left, double right)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_EQUAL:
        return left == right;
    case NEURON_OPERATOR_LESS:
        return left < right;
    case NEURON_OPERATOR_LESS_OR_EQUAL:
        return left <= right;
    case NEURON_OPERATOR_GREATER:
        return left > right;
    default:
        return left >= right;
    }
}

static bool
holds_whole(enum neuron_operator kind, int64_t left, int64_t right)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_EQUAL:
        return left == right;
    case NEURON_OPERATOR_LESS:
        return left < right;
    case NEURON_OPERATOR_LESS_OR_EQUAL:
        return left <= right;
    case NEURON_OPERATOR_GREATER:
        return left > right;
    default:
        return left >= right;
    }
}

static enum neuron_status
compare_piece(const struct neuron_kernel_call *call, const struct piece *piece,
              struct neuron_error *error)
{
    enum neuron_type type = call->inputs[0].type;
    union neuron_strip left;
    union neuron_strip right;
    bool *answers = piece->result;

    (void)error;
    if (neuron_type_is_real(type)) {
        neuron_strip_load_real(type, piece->operands[0], piece->strides[0], piece->count,
                               left.real);
        neuron_strip_load_real(type, piece->operands[1], piece->strides[1], piece->count,
                               right.real);
        for (size_t i = 0; i < piece->count; i += 1) {
            answers[i] = holds_real(call->kind, left.real[i], right.real[i]);
        }
        return NEURON_OK;
    }
    neuron_strip_load_whole(type, piece->operands[0], piece->strides[0], piece->count, left.whole);
    neuron_strip_load_whole(type, piece->operands[1], piece->strides[1], piece->count, right.whole);
    for (size_t i = 0; i < piece->count; i += 1) {
        answers[i] = holds_whole(call->kind, left.whole[i], right.whole[i]);
    }
    return NEURON_OK;
}

typedef enum neuron_status
piece_fn(const struct neuron_kernel_call *call, const struct piece *piece,
         struct neuron_error *error);

/* Cuts a row into pieces. */
static enum neuron_status
run_row(const struct neuron_kernel_call *call, const struct neuron_row_walk *walk, int64_t first,
        piece_fn *run, struct neuron_error *error)
{
    int64_t row = neuron_row_walk_count(walk);
    int64_t limit = has_float_loop(call) ? row : NEURON_STRIP_ELEMENTS;
    struct piece piece = {
        .strides = {neuron_row_walk_stride(walk, 0), neuron_row_walk_stride(walk, 1)}};
    enum neuron_status status = NEURON_OK;

    for (int64_t done = 0; status == NEURON_OK && done < row; done += limit) {
        for (uint32_t i = 0; i < 2; i += 1) {
            piece.operands[i] =
                neuron_element(&call->inputs[i], walk->positions[i] + done * piece.strides[i]);
        }
        piece.result = neuron_output_element(&call->output, first + done);
        piece.count = (size_t)(row - done < limit ? row - done : limit);
        status = run(call, &piece, error);
    }
    return status;
}

static enum neuron_status
run_rows(const struct neuron_kernel_call *call, piece_fn *run, struct neuron_error *error)
{
    struct neuron_row_walk walk;
    enum neuron_status status = NEURON_OK;
    int64_t first = 0;

    neuron_row_walk_begin(&walk, call->inputs, 2, &call->output);
    while (status == NEURON_OK && !walk.is_done) {
        status = run_row(call, &walk, first, run, error);
        first += neuron_row_walk_count(&walk);
        neuron_row_walk_next(&walk);
    }
    return status;
}

enum neuron_status
neuron_kernel_binary(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    return run_rows(call, run_piece, error);
}

enum neuron_status
neuron_kernel_compare(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    return run_rows(call, compare_piece, error);
}
