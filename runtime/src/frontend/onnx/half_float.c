/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/half_float.h"

#include <string.h>

static float
float_of(uint32_t bits)
{
    float number = 0.0F;

    memcpy(&number, &bits, sizeof(number));
    return number;
}

float
neuron_float16_to_float(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000U) << 16;
    uint32_t exponent = (bits >> 10) & 0x1FU;
    uint32_t fraction = bits & 0x3FFU;

    if (exponent == 0x1FU) { /* infinity, or no number */
        return float_of(sign | 0x7F800000U | fraction << 13);
    }
    if (exponent == 0) { /* zero, or below the normal numbers: a multiple of 2^-24 */
        float magnitude = (float)fraction * 0x1p-24F;

        return sign == 0 ? magnitude : -magnitude;
    }
    return float_of(sign | (exponent + 112) << 23 | fraction << 13);
}

float
neuron_bfloat16_to_float(uint16_t bits)
{
    return float_of((uint32_t)bits << 16);
}
