/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operators of a traced function beyond those of neuron/trace.h. */
#ifndef NEURON_TRACE_ELEMENTWISE_H
#define NEURON_TRACE_ELEMENTWISE_H

#include "neuron/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Everything that neuron/trace.h says of operators holds here. Two inputs are broadcast, and have
 * one type unless said otherwise. Whole numbers wrap around where a result does not fit.
 */

/* Of any number. Round takes halves to the even neighbour. */
NEURON_API struct neuron_value
neuron_negate(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_absolute(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_sign(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_floor(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_ceil(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_round(struct neuron_trace *trace, struct neuron_value input);

/* Of real numbers. */
NEURON_API struct neuron_value
neuron_reciprocal(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_sqrt(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_exp(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_log(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_erf(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_sin(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_cos(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_tan(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_asin(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_acos(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_atan(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_sinh(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_cosh(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_asinh(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_acosh(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_atanh(struct neuron_trace *trace, struct neuron_value input);

/*
 * Activations, of real numbers: gelu by its approximation with tanh, x * sigmoid(x), x * clip(x / 6
 * + 1/2, 0, 1), x * tanh(softplus(x)), log(1 + exp(x)), x / (1 + |x|).
 */
NEURON_API struct neuron_value
neuron_gelu_tanh(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_swish(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_hard_swish(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_mish(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_softplus(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_softsign(struct neuron_trace *trace, struct neuron_value input);

/*
 * Activations with parameters, of real numbers. Below 0: alpha * x; alpha * (exp(x) - 1); for celu
 * alpha * (exp(x / alpha) - 1). Up to alpha: 0.
 */
NEURON_API struct neuron_value
neuron_leaky_relu(struct neuron_trace *trace, struct neuron_value input, float alpha);
NEURON_API struct neuron_value
neuron_elu(struct neuron_trace *trace, struct neuron_value input, float alpha);
NEURON_API struct neuron_value
neuron_celu(struct neuron_trace *trace, struct neuron_value input, float alpha);
NEURON_API struct neuron_value
neuron_thresholded_relu(struct neuron_trace *trace, struct neuron_value input, float alpha);

/* gamma times elu; alpha * x + beta between 0 and 1; 0 up to lambda on both sides, else moved
   towards 0 by bias. */
NEURON_API struct neuron_value
neuron_selu(struct neuron_trace *trace, struct neuron_value input, float alpha, float gamma);
NEURON_API struct neuron_value
neuron_hard_sigmoid(struct neuron_trace *trace, struct neuron_value input, float alpha, float beta);
NEURON_API struct neuron_value
neuron_shrink(struct neuron_trace *trace, struct neuron_value input, float lambda, float bias);

/* The same numbers in another type: fractions are cut off, and bool is whether it is not 0. */
NEURON_API struct neuron_value
neuron_cast(struct neuron_trace *trace, struct neuron_value input, enum neuron_type type);

/* Of bool; of the bits of whole numbers; bool for each real number. */
NEURON_API struct neuron_value
neuron_not(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_bitwise_not(struct neuron_trace *trace, struct neuron_value input);
NEURON_API struct neuron_value
neuron_is_nan(struct neuron_trace *trace, struct neuron_value input);

/* Which infinities neuron_is_inf() finds. */
enum neuron_infinity {
    NEURON_INFINITY_POSITIVE = 1,
    NEURON_INFINITY_NEGATIVE = 2,
    NEURON_INFINITY_BOTH = 3
};

/* bool for each real number. */
NEURON_API struct neuron_value
neuron_is_inf(struct neuron_trace *trace, struct neuron_value input, enum neuron_infinity which);

/*
 * Of numbers. The exponent of a power may be of another type. Modulo has the sign of the divisor,
 * remainder that of the dividend. Prelu multiplies what is below 0 by the right input.
 */
NEURON_API struct neuron_value
neuron_power(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_modulo(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_remainder(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_minimum(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_maximum(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_prelu(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

/* bool for each pair of numbers; equal also compares bool. */
NEURON_API struct neuron_value
neuron_equal(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_less(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_less_or_equal(struct neuron_trace *trace, struct neuron_value left,
                     struct neuron_value right);
NEURON_API struct neuron_value
neuron_greater(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_greater_or_equal(struct neuron_trace *trace, struct neuron_value left,
                        struct neuron_value right);

/* Of bool. */
NEURON_API struct neuron_value
neuron_and(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_or(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_xor(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

/* Of the bits of whole numbers. */
NEURON_API struct neuron_value
neuron_bitwise_and(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_bitwise_or(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_bitwise_xor(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_shift_left(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);
NEURON_API struct neuron_value
neuron_shift_right(struct neuron_trace *trace, struct neuron_value left, struct neuron_value right);

/* Chooses by a bool, element by element; all three are broadcast. */
NEURON_API struct neuron_value
neuron_where(struct neuron_trace *trace, struct neuron_value condition, struct neuron_value then,
             struct neuron_value otherwise);

#ifdef __cplusplus
}
#endif

#endif
