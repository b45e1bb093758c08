/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operators of one input, and casts. */
#include <math.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/strip.h"

typedef double
real_fn(double x);

static double
reciprocal(double x)
{
    return 1.0 / x;
}

static double
negate(double x)
{
    return -x;
}

static double
sign(double x)
{
    return x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : x);
}

static double
sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static double
relu(double x)
{
    return x < 0.0 ? 0.0 : x;
}

static double
gelu(double x)
{
    return 0.5 * x * (1.0 + erf(x * 0.70710678118654752440));
}

static double
gelu_tanh(double x)
{
    return 0.5 * x * (1.0 + tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
}

/* log(1 + exp(x)), also where exp(x) is infinite. */
static double
softplus(double x)
{
    return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double
mish(double x)
{
    return x * tanh(softplus(x));
}

static double
swish(double x)
{
    return x * sigmoid(x);
}

static double
softsign(double x)
{
    return x / (1.0 + fabs(x));
}

static double
hard_swish(double x)
{
    return x * fmax(0.0, fmin(1.0, x / 6.0 + 0.5));
}

/* The operators that know no attribute. */
static real_fn *
find_plain(enum neuron_operator kind)
{
    static real_fn *const functions[NEURON_OPERATOR_END] = {
        [NEURON_OPERATOR_RELU] = relu,
        [NEURON_OPERATOR_GELU] = gelu,
        [NEURON_OPERATOR_SIGMOID] = sigmoid,
        [NEURON_OPERATOR_TANH] = tanh,
        [NEURON_OPERATOR_NEGATE] = negate,
        [NEURON_OPERATOR_ABSOLUTE] = fabs,
        [NEURON_OPERATOR_SIGN] = sign,
        [NEURON_OPERATOR_FLOOR] = floor,
        [NEURON_OPERATOR_CEIL] = ceil,
        [NEURON_OPERATOR_ROUND] = rint,
        [NEURON_OPERATOR_RECIPROCAL] = reciprocal,
        [NEURON_OPERATOR_SQRT] = sqrt,
        [NEURON_OPERATOR_EXP] = exp,
        [NEURON_OPERATOR_LOG] = log,
        [NEURON_OPERATOR_ERF] = erf,
        [NEURON_OPERATOR_SIN] = sin,
        [NEURON_OPERATOR_COS] = cos,
        [NEURON_OPERATOR_TAN] = tan,
        [NEURON_OPERATOR_ASIN] = asin,
        [NEURON_OPERATOR_ACOS] = acos,
        [NEURON_OPERATOR_ATAN] = atan,
        [NEURON_OPERATOR_SINH] = sinh,
        [NEURON_OPERATOR_COSH] = cosh,
        [NEURON_OPERATOR_ASINH] = asinh,
        [NEURON_OPERATOR_ACOSH] = acosh,
        [NEURON_OPERATOR_ATANH] = atanh,
        [NEURON_OPERATOR_HARD_SWISH] = hard_swish,
        [NEURON_OPERATOR_MISH] = mish,
        [NEURON_OPERATOR_SOFTPLUS] = softplus,
        [NEURON_OPERATOR_SOFTSIGN] = softsign,
        [NEURON_OPERATOR_GELU_TANH] = gelu_tanh,
        [NEURON_OPERATOR_SWISH] = swish,
    };

    return functions[kind];
}

/* What is below the threshold, and above the negative one, becomes zero. */
static double
shrink(double x, double threshold, double bias)
{
    if (x < -threshold) {
        return x + bias;
    }
    return x > threshold ? x - bias : 0.0;
}

static double
clip(double x, double low, double high)
{
    double above = x < low ? low : x;

    return above > high ? high : above;
}

/* The operators that attributes tell more. */
static double
apply_tuned(enum neuron_operator kind, const struct neuron_attributes *attributes, double x)
{
    double alpha = (double)attributes->alpha;
    double beta = (double)attributes->beta;

    switch ((int)kind) {
    case NEURON_OPERATOR_CLIP:
        return clip(x, (double)attributes->low, (double)attributes->high);
    case NEURON_OPERATOR_LEAKY_RELU:
        return x < 0.0 ? alpha * x : x;
    case NEURON_OPERATOR_ELU:
        return x < 0.0 ? alpha * expm1(x) : x;
    case NEURON_OPERATOR_SELU:
        return beta * (x < 0.0 ? alpha * expm1(x) : x);
    case NEURON_OPERATOR_CELU:
        return fmax(0.0, x) + fmin(0.0, alpha * expm1(x / alpha));
    case NEURON_OPERATOR_HARD_SIGMOID:
        return clip(alpha * x + beta, 0.0, 1.0);
    case NEURON_OPERATOR_THRESHOLDED_RELU:
        return x > alpha ? x : 0.0;
    default:
        return shrink(x, alpha, beta);
    }
}

static void
apply_real(const struct neuron_kernel_call *call, double *numbers, size_t count)
{
    real_fn *plain = find_plain(call->kind);

    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = plain != NULL ? plain(numbers[i])
                                   : apply_tuned(call->kind, call->attributes, numbers[i]);
    }
}

/* Whole numbers wrap around where the result does not fit. */
static int64_t
apply_whole(enum neuron_operator kind, int64_t x)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_NEGATE:
        return (int64_t)(0 - (uint64_t)x);
    case NEURON_OPERATOR_ABSOLUTE:
        return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
    case NEURON_OPERATOR_SIGN:
        return (x > 0) - (x < 0);
    case NEURON_OPERATOR_RELU:
        return x < 0 ? 0 : x;
    case NEURON_OPERATOR_NOT:
        return x == 0;
    case NEURON_OPERATOR_BITWISE_NOT:
        return ~x;
    default: /* floor, ceil, round */
        return x;
    }
}

/* Is it no number, or, as the mode says, infinite? */
static bool
holds(const struct neuron_kernel_call *call, double x)
{
    if (call->kind == NEURON_OPERATOR_IS_NAN) {
        return isnan(x);
    }
    return isinf(x) && (call->attributes->mode & (x > 0.0 ? 1U : 2U)) != 0;
}

static void
run_strip(const struct neuron_kernel_call *call, int64_t position, size_t count)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const void *from = neuron_element(input, position);
    void *to = neuron_output_element(&call->output, position);
    union neuron_strip strip;

    if (call->kind == NEURON_OPERATOR_IS_NAN || call->kind == NEURON_OPERATOR_IS_INF) {
        bool *answers = to;

        neuron_strip_load_real(input->type, from, 1, count, strip.real);
        for (size_t i = 0; i < count; i += 1) {
            answers[i] = holds(call, strip.real[i]);
        }
    } else if (neuron_type_is_real(input->type)) {
        neuron_strip_load_real(input->type, from, 1, count, strip.real);
        apply_real(call, strip.real, count);
        neuron_strip_store_real(call->output.type, to, count, strip.real);
    } else {
        neuron_strip_load_whole(input->type, from, 1, count, strip.whole);
        for (size_t i = 0; i < count; i += 1) {
            strip.whole[i] = apply_whole(call->kind, strip.whole[i]);
        }
        neuron_strip_store_whole(call->output.type, to, count, strip.whole);
    }
}

static void
cast_strip(const struct neuron_kernel_call *call, int64_t position, size_t count)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const void *from = neuron_element(input, position);
    void *to = neuron_output_element(&call->output, position);
    union neuron_strip strip;

    if (neuron_type_is_real(input->type)) {
        neuron_strip_load_real(input->type, from, 1, count, strip.real);
        neuron_strip_store_real(call->output.type, to, count, strip.real);
    } else {
        neuron_strip_load_whole(input->type, from, 1, count, strip.whole);
        neuron_strip_store_whole(call->output.type, to, count, strip.whole);
    }
}

/* Goes over all elements. */
static void
run_strips(const struct neuron_kernel_call *call,
           void (*run)(const struct neuron_kernel_call *call, int64_t position, size_t count))
{
    const struct neuron_tensor_shape shape = neuron_tensor_view_shape(&call->output);
    size_t total = 0;

    (void)neuron_tensor_shape_element_count(&shape, &total);
    for (size_t done = 0; done < total; done += NEURON_STRIP_ELEMENTS) {
        size_t rest = total - done;

        run(call, (int64_t)done, rest < NEURON_STRIP_ELEMENTS ? rest : NEURON_STRIP_ELEMENTS);
    }
}

enum neuron_status
neuron_kernel_unary(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    (void)error;
    run_strips(call, run_strip);
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_cast(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    (void)error;
    run_strips(call, cast_strip);
    return NEURON_OK;
}

enum neuron_status
neuron_kernel_copy(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_shape shape = neuron_tensor_view_shape(&call->output);
    size_t size_bytes = neuron_tensor_shape_size_bytes(&shape);

    (void)error;
    if (size_bytes > 0) {
        memcpy(call->output.data, call->inputs[0].data, size_bytes);
    }
    return NEURON_OK;
}
