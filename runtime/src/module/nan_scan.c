/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without its sign, a NaN is larger than infinity as a whole number. Blocks are searched without a
 * branch, so that the compiler makes vector code of it (this file is built with -O3); between
 * blocks the search may end.
 */
#include "neuron/tensor.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 1024 }; /* elements */

static bool
block_has_nan32(const unsigned char *bytes, size_t count)
{
    uint32_t found = 0;

    for (size_t i = 0; i < count; i += 1) {
        uint32_t bits = 0;

        memcpy(&bits, bytes + i * sizeof(bits), sizeof(bits));
        found |= (bits & 0x7fffffffU) > 0x7f800000U ? 1U : 0U;
    }
    return found != 0;
}

static bool
block_has_nan64(const unsigned char *bytes, size_t count)
{
    uint64_t found = 0;

    for (size_t i = 0; i < count; i += 1) {
        uint64_t bits = 0;

        memcpy(&bits, bytes + i * sizeof(bits), sizeof(bits));
        found |= (bits & 0x7fffffffffffffffU) > 0x7ff0000000000000U ? 1U : 0U;
    }
    return found != 0;
}

/* Both formats of 16 bits have the sign first; `infinity` tells them apart. */
static bool
block_has_nan16(const unsigned char *bytes, size_t count, uint16_t infinity)
{
    uint16_t found = 0;

    for (size_t i = 0; i < count; i += 1) {
        uint16_t bits = 0;

        memcpy(&bits, bytes + i * sizeof(bits), sizeof(bits));
        found = (uint16_t)(found | ((bits & 0x7fffU) > infinity ? 1U : 0U));
    }
    return found != 0;
}

static bool
block_has_nan(enum neuron_type type, const unsigned char *bytes, size_t count)
{
    if (type == NEURON_FLOAT32) {
        return block_has_nan32(bytes, count);
    }
    if (type == NEURON_FLOAT64) {
        return block_has_nan64(bytes, count);
    }
    return block_has_nan16(bytes, count, type == NEURON_BFLOAT16 ? 0x7f80U : 0x7c00U);
}

bool
neuron_tensor_has_nan(const struct neuron_tensor_shape *shape, const void *elements)
{
    bool may_hold = shape->type == NEURON_FLOAT32 || shape->type == NEURON_FLOAT64 ||
                    shape->type == NEURON_BFLOAT16 || shape->type == NEURON_FLOAT16;
    size_t size_bytes = neuron_type_size_bytes(shape->type);
    const unsigned char *bytes = elements;
    size_t left = 0;

    if (!may_hold || !neuron_tensor_shape_element_count(shape, &left)) {
        return false;
    }
    while (left > 0) {
        size_t count = left < BLOCK ? left : BLOCK;

        if (block_has_nan(shape->type, bytes, count)) {
            return true;
        }
        bytes += count * size_bytes;
        left -= count;
    }
    return false;
}
