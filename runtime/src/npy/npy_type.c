/* SPDX-License-Identifier: Apache-2.0 */
#include "npy/npy_type.h"

#include <stddef.h>

struct type_code {
    char code[3];
    enum neuron_type type;
};

static const struct type_code type_codes[] = {
    {"f4", NEURON_FLOAT32}, {"f8", NEURON_FLOAT64}, {"f2", NEURON_FLOAT16}, {"i1", NEURON_INT8},
    {"u1", NEURON_UINT8},   {"i4", NEURON_INT32},   {"i8", NEURON_INT64},   {"b1", NEURON_BOOL},
};

/* Two bytes without a meaning; only written. */
static const struct type_code bfloat16_code = {"V2", NEURON_BFLOAT16};

enum { TYPE_CODE_COUNT = sizeof(type_codes) / sizeof(type_codes[0]) };

enum neuron_type
neuron_npy_type_find(const char *code)
{
    for (size_t i = 0; i < TYPE_CODE_COUNT; i += 1) {
        if (type_codes[i].code[0] == code[0] && type_codes[i].code[1] == code[1]) {
            return type_codes[i].type;
        }
    }
    return NEURON_NO_TYPE;
}

const char *
neuron_npy_type_code(enum neuron_type type)
{
    for (size_t i = 0; i < TYPE_CODE_COUNT; i += 1) {
        if (type_codes[i].type == type) {
            return type_codes[i].code;
        }
    }
    return type == bfloat16_code.type ? bfloat16_code.code : NULL;
}
