/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two functions that nearly all networks have are computed by polynomials, without branches, so
 * that the compiler makes vector code of their loops: within 2e-7 of the true ones.
 */
#include "engine/kernels/gate.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "engine/kernels/vector_code.h"

/* e to the power of x, for numbers within the range of normal ones; others end at its ends. */
static inline float
exponential(float x)
{
    /* Adding and taking away 1.5 * 2^23 rounds to the nearest integer. */
    const float rounder = 12582912.0F;
    float bounded = x < 87.0F ? x : 87.0F; /* also what is no number, for which callers look */

    bounded = bounded > -87.0F ? bounded : -87.0F;
    float power = (bounded * 1.44269504F + rounder) - rounder;
    /* ln(2) in two parts: the first times the power is exact. */
    float rest = (bounded - power * 0.693359375F) + power * 2.12194440e-4F;
    float series = 1.98756915e-4F;
    series = series * rest + 1.39819995e-3F;
    series = series * rest + 8.33345190e-3F;
    series = series * rest + 4.16657959e-2F;
    series = series * rest + 1.66666655e-1F;
    series = series * rest + 5.00000012e-1F;
    series = series * rest * rest + rest + 1.0F;
    int32_t bits = ((int32_t)power + 127) * (1 << 23);
    float scale = 0.0F;
    memcpy(&scale, &bits, sizeof(scale));
    return series * scale;
}

NEURON_VECTOR_CODE static void
apply_sigmoid(float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        float x = numbers[i];
        float y = 1.0F / (1.0F + exponential(-x));

        numbers[i] = x == x ? y : x;
    }
}

/* Near zero a series, since the difference of the other form has lost its digits there. */
NEURON_VECTOR_CODE static void
apply_tanh(float *numbers, size_t count, float inner, float outer)
{
    for (size_t i = 0; i < count; i += 1) {
        float x = numbers[i] * inner;
        float square = x * x;
        float series =
            x + x * square * (-0.333333333F + square * (0.133333333F - square * 0.0539682540F));
        float quotient = 1.0F - 2.0F / (exponential(2.0F * x) + 1.0F);
        float y = square < 0.04F ? series : quotient;

        numbers[i] = outer * (x == x ? y : x);
    }
}

/* One of the functions that are rare. */
static float
rare_function(const struct neuron_gate *gate, float x)
{
    switch ((int)gate->function) {
    case NEURON_GATE_RELU:
        return x < 0.0F ? 0.0F : x;
    case NEURON_GATE_AFFINE:
        return gate->alpha * x + gate->beta;
    case NEURON_GATE_LEAKY_RELU:
        return x < 0.0F ? gate->alpha * x : x;
    case NEURON_GATE_THRESHOLDED_RELU:
        return x > gate->alpha ? x : 0.0F;
    case NEURON_GATE_HARD_SIGMOID:
        return fmaxf(0.0F, fminf(1.0F, gate->alpha * x + gate->beta));
    case NEURON_GATE_ELU:
        return x < 0.0F ? gate->alpha * expm1f(x) : x;
    case NEURON_GATE_SOFTSIGN:
        return x / (1.0F + fabsf(x));
    default: /* softplus */
        return x > 0.0F ? x + log1pf(expf(-x)) : log1pf(expf(x));
    }
}

void
neuron_gate_apply(const struct neuron_gate *gate, float *numbers, size_t count)
{
    if (gate->function == NEURON_GATE_SIGMOID) {
        apply_sigmoid(numbers, count);
    } else if (gate->function == NEURON_GATE_TANH) {
        apply_tanh(numbers, count, 1.0F, 1.0F);
    } else if (gate->function == NEURON_GATE_SCALED_TANH) {
        apply_tanh(numbers, count, gate->beta, gate->alpha);
    } else {
        for (size_t i = 0; i < count; i += 1) {
            numbers[i] = rare_function(gate, numbers[i]);
        }
    }
}

NEURON_VECTOR_CODE static void
add_rows(float *restrict to, const float *const rows[4], const float factors[4], size_t count)
{
    const float *first = rows[0];
    const float *second = rows[1];
    const float *third = rows[2];
    const float *fourth = rows[3];
    float a = factors[0];
    float b = factors[1];
    float c = factors[2];
    float d = factors[3];

    for (size_t i = 0; i < count; i += 1) {
        to[i] += (a * first[i] + b * second[i]) + (c * third[i] + d * fourth[i]);
    }
}

void
neuron_gate_add_rows(float *restrict to, const float *const rows[4], const float factors[4],
                     size_t count)
{
    add_rows(to, rows, factors, count);
}
