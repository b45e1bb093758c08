/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/smooth.h"

#include <string.h>

#include "engine/kernels/gate.h"
#include "engine/kernels/vector_code.h"

/* So many numbers are kept aside at a time. */
enum { STRIP = 64 };

/*
 * The error function: a quotient of polynomials of x squared, which is within 5e-8 of its size up
 * to 3.9. From there on it is 1 for a float.
 */
static inline float
error_function(float x)
{
    const float end = 3.9F;
    float bounded = x < end ? x : end;

    bounded = bounded > -end ? bounded : -end;
    float square = bounded * bounded;
    float above = 2.014728751e-8F;
    above = above * square - 1.962830845e-6F;
    above = above * square + 1.405345734e-4F;
    above = above * square + 3.629870023e-3F;
    above = above * square + 5.033745432e-2F;
    above = above * square + 1.981278094e-1F;
    above = above * square + 1.128379113F;
    float below = 9.399740900e-4F;
    below = below * square + 1.420304559e-2F;
    below = below * square + 1.142581447e-1F;
    below = below * square + 5.089179562e-1F;
    below = below * square + 1.0F;
    float y = bounded * above / below;
    y = x >= end ? 1.0F : y;
    return x <= -end ? -1.0F : y;
}

NEURON_VECTOR_CODE static void
apply_gelu(float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        float x = numbers[i];

        numbers[i] = 0.5F * x * (1.0F + error_function(x * 0.707106781F));
    }
}

/* What the hyperbolic tangent is taken of. */
NEURON_VECTOR_CODE static void
begin_gelu_tanh(const float *numbers, float *inner, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        float x = numbers[i];

        inner[i] = 0.797884561F * (x + 0.044715F * x * x * x);
    }
}

NEURON_VECTOR_CODE static void
end_gelu_tanh(float *numbers, const float *inner, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] = 0.5F * numbers[i] * (1.0F + inner[i]);
    }
}

NEURON_VECTOR_CODE static void
multiply(float *numbers, const float *factors, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        numbers[i] *= factors[i];
    }
}

static void
apply_strip(enum neuron_operator activation, float *numbers, size_t count)
{
    const struct neuron_gate tangent = {.function = NEURON_GATE_TANH};
    const struct neuron_gate sigmoid = {.function = NEURON_GATE_SIGMOID};
    float inner[STRIP];

    if (activation == NEURON_OPERATOR_SWISH) {
        memcpy(inner, numbers, count * sizeof(*inner));
        neuron_gate_apply(&sigmoid, inner, count);
        multiply(numbers, inner, count);
    } else {
        begin_gelu_tanh(numbers, inner, count);
        neuron_gate_apply(&tangent, inner, count);
        end_gelu_tanh(numbers, inner, count);
    }
}

bool
neuron_smooth_knows(enum neuron_operator activation)
{
    switch ((int)activation) {
    case NEURON_OPERATOR_GELU:
    case NEURON_OPERATOR_GELU_TANH:
    case NEURON_OPERATOR_SIGMOID:
    case NEURON_OPERATOR_SWISH:
    case NEURON_OPERATOR_TANH:
        return true;
    default:
        return false;
    }
}

void
neuron_smooth_apply(enum neuron_operator activation, float *numbers, size_t count)
{
    const struct neuron_gate tangent = {.function = NEURON_GATE_TANH};
    const struct neuron_gate sigmoid = {.function = NEURON_GATE_SIGMOID};

    switch ((int)activation) {
    case NEURON_OPERATOR_GELU:
        apply_gelu(numbers, count);
        break;
    case NEURON_OPERATOR_SIGMOID:
        neuron_gate_apply(&sigmoid, numbers, count);
        break;
    case NEURON_OPERATOR_TANH:
        neuron_gate_apply(&tangent, numbers, count);
        break;
    default:
        for (size_t i = 0; i < count; i += STRIP) {
            apply_strip(activation, numbers + i, count - i < STRIP ? count - i : STRIP);
        }
        break;
    }
}
