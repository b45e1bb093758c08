/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/half_float.h"

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

static uint32_t
bits_of(float number)
{
    uint32_t bits = 0;

    memcpy(&bits, &number, sizeof(bits));
    return bits;
}

/* Drops the lowest bits of a magnitude, rounding to the nearest, halves to even. */
static uint32_t
drop_bits(uint32_t magnitude, uint32_t count)
{
    uint32_t half = (1U << (count - 1)) - 1;

    return (magnitude + half + ((magnitude >> count) & 1U)) >> count;
}

uint16_t
neuron_float16_of(float number)
{
    uint32_t bits = bits_of(number);
    uint32_t sign = (bits >> 16) & 0x8000U;
    uint32_t magnitude = bits & 0x7FFFFFFFU;

    if (magnitude > 0x7F800000U) {
        return (uint16_t)(sign | 0x7E00U);
    }
    if (magnitude >= 0x47800000U) { /* 65536 and above */
        return (uint16_t)(sign | 0x7C00U);
    }
    if (magnitude < 0x38800000U) { /* below 2^-14: the sum's lowest bits count multiples of 2^-24 */
        return (uint16_t)(sign | (bits_of(float_of(magnitude) + 0.5F) - bits_of(0.5F)));
    }
    return (uint16_t)(sign | (drop_bits(magnitude, 13) - (112U << 10)));
}

uint16_t
neuron_bfloat16_of(float number)
{
    uint32_t bits = bits_of(number);

    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) {
        return (uint16_t)(bits >> 16 | 0x40U);
    }
    return (uint16_t)((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}
