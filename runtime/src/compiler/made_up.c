/* SPDX-License-Identifier: Apache-2.0 */
#include "compiler/made_up.h"

#include <string.h>

/* The next number of a sequence (splitmix64), of which every seed is a good one. */
static uint64_t
next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15U;
    uint64_t mixed = *state;

    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31;
}

/* A number from -1 up to 1, with 24 bits, so that a float holds it. */
static double
next_unit(uint64_t *state)
{
    return (double)(next_random(state) >> 40) / (double)(1 << 23) - 1.0;
}

/* The first half of a float is a bfloat16. */
static uint16_t
bfloat16_of(float number)
{
    uint32_t bits = 0;

    memcpy(&bits, &number, sizeof(bits));
    return (uint16_t)(bits >> 16);
}

/* A float16 of either sign, whose size is from 0.5 up to 1. */
static uint16_t
float16_of(uint64_t random)
{
    enum { SIGN = 0x8000, HALF = 0x3800, MANTISSA = 0x3FF };

    return (uint16_t)(HALF | (random & MANTISSA) | (random >> 16 & SIGN));
}

static void
put_element(enum neuron_type type, unsigned char *element, uint64_t *state)
{
    const double number = next_unit(state);
    const float narrow = (float)number;
    const uint16_t half =
        type == NEURON_FLOAT16 ? float16_of(next_random(state)) : bfloat16_of(narrow);
    const unsigned char small = number < 0 ? 0 : 1;

    switch (type) {
    case NEURON_FLOAT32:
        memcpy(element, &narrow, sizeof(narrow));
        break;
    case NEURON_FLOAT64:
        memcpy(element, &number, sizeof(number));
        break;
    case NEURON_FLOAT16:
    case NEURON_BFLOAT16:
        memcpy(element, &half, sizeof(half));
        break;
    case NEURON_INT8:
    case NEURON_UINT8:
    case NEURON_INT32:
    case NEURON_INT64:
    case NEURON_BOOL:
        /* Little-endian: the rest stays 0. */
        element[0] = small;
        break;
    case NEURON_NO_TYPE:
        break;
    }
}

void
neuron_make_up(enum neuron_type type, void *elements, size_t count, uint64_t seed)
{
    size_t size_bytes = neuron_type_size_bytes(type);
    unsigned char *bytes = elements;
    uint64_t state = seed;

    if (count > 0) {
        memset(elements, 0, count * size_bytes);
    }
    for (size_t i = 0; i < count; i += 1) {
        put_element(type, bytes + i * size_bytes, &state);
    }
}
