/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/strip.h"

#include <math.h>

#include "neuron/half_float.h"

bool
neuron_type_is_real(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64 || type == NEURON_BFLOAT16 ||
           type == NEURON_FLOAT16;
}

const void *
neuron_element(const struct neuron_tensor_view *view, int64_t position)
{
    return (const unsigned char *)view->data +
           position * (int64_t)neuron_type_size_bytes(view->type);
}

void *
neuron_output_element(const struct neuron_tensor_view *view, int64_t position)
{
    return (unsigned char *)view->data + position * (int64_t)neuron_type_size_bytes(view->type);
}

/* Loads one of the types below 32 bits, or bool. */
static void
load_small(enum neuron_type type, const void *from, int64_t stride, size_t count, int64_t *to)
{
    const int8_t *signed_bytes = from;
    const uint8_t *bytes = from;
    const uint16_t *words = from;

    if (type == NEURON_INT8) {
        for (size_t i = 0; i < count; i += 1) {
            to[i] = (int64_t)signed_bytes[(int64_t)i * stride];
        }
    } else if (type == NEURON_UINT8) {
        for (size_t i = 0; i < count; i += 1) {
            to[i] = bytes[(int64_t)i * stride];
        }
    } else if (type == NEURON_BOOL) { /* a caller may have written any byte */
        for (size_t i = 0; i < count; i += 1) {
            to[i] = bytes[(int64_t)i * stride] != 0;
        }
    } else { /* the bits of a half float */
        for (size_t i = 0; i < count; i += 1) {
            to[i] = words[(int64_t)i * stride];
        }
    }
}

/* Loads a type of whole numbers. */
static void
load_native(enum neuron_type type, const void *from, int64_t stride, size_t count, int64_t *to)
{
    const int32_t *words = from;
    const int64_t *longs = from;

    if (type == NEURON_INT64) {
        for (size_t i = 0; i < count; i += 1) {
            to[i] = longs[(int64_t)i * stride];
        }
    } else if (type == NEURON_INT32) {
        for (size_t i = 0; i < count; i += 1) {
            to[i] = words[(int64_t)i * stride];
        }
    } else {
        load_small(type, from, stride, count, to);
    }
}

/* Loads whole numbers, or half floats, as real ones. */
static void
load_converted(enum neuron_type type, const void *from, int64_t stride, size_t count, double *to)
{
    int64_t whole[NEURON_STRIP_ELEMENTS];

    load_native(type, from, stride, count, whole);
    for (size_t i = 0; i < count; i += 1) {
        if (type == NEURON_FLOAT16) {
            to[i] = (double)neuron_float16_to_float((uint16_t)whole[i]);
        } else if (type == NEURON_BFLOAT16) {
            to[i] = (double)neuron_bfloat16_to_float((uint16_t)whole[i]);
        } else {
            to[i] = (double)whole[i];
        }
    }
}

void
neuron_strip_load_real(enum neuron_type type, const void *from, int64_t stride, size_t count,
                       double *to)
{
    const float *floats = from;
    const double *doubles = from;

    if (type == NEURON_FLOAT32) {
        for (size_t i = 0; i < count; i += 1) {
            to[i] = (double)floats[(int64_t)i * stride];
        }
    } else if (type == NEURON_FLOAT64) {
        for (size_t i = 0; i < count; i += 1) {
            to[i] = doubles[(int64_t)i * stride];
        }
    } else {
        load_converted(type, from, stride, count, to);
    }
}

/* Without its fraction, at the ends of int64 at most; 0 for what is no number. */
static int64_t
whole_of(double number)
{
    if (isnan(number)) {
        return 0;
    }
    if (number >= 0x1p63) {
        return INT64_MAX;
    }
    return number < -0x1p63 ? INT64_MIN : (int64_t)number;
}

void
neuron_strip_load_whole(enum neuron_type type, const void *from, int64_t stride, size_t count,
                        int64_t *to)
{
    double real[NEURON_STRIP_ELEMENTS];

    if (!neuron_type_is_real(type)) {
        load_native(type, from, stride, count, to);
        return;
    }
    neuron_strip_load_real(type, from, stride, count, real);
    for (size_t i = 0; i < count; i += 1) {
        to[i] = whole_of(real[i]);
    }
}

void
neuron_strip_store_whole(enum neuron_type type, void *to, size_t count, const int64_t *from)
{
    double real[NEURON_STRIP_ELEMENTS];
    int64_t *longs = to;
    int32_t *words = to;
    uint8_t *bytes = to;

    for (size_t i = 0; i < count; i += 1) {
        if (type == NEURON_INT64) {
            longs[i] = from[i];
        } else if (type == NEURON_INT32) {
            words[i] = (int32_t)(uint32_t)from[i];
        } else if (type == NEURON_BOOL) {
            bytes[i] = from[i] != 0;
        } else if (!neuron_type_is_real(type)) { /* the low bits are those of both byte types */
            bytes[i] = (uint8_t)from[i];
        } else {
            real[i] = (double)from[i];
        }
    }
    if (neuron_type_is_real(type)) {
        neuron_strip_store_real(type, to, count, real);
    }
}

static void
store_half(enum neuron_type type, uint16_t *to, size_t count, const double *from)
{
    for (size_t i = 0; i < count; i += 1) {
        to[i] = type == NEURON_FLOAT16 ? neuron_float16_of((float)from[i])
                                       : neuron_bfloat16_of((float)from[i]);
    }
}

/* Stores as a type without a fraction; bool takes also what is below 1. */
static void
store_whole_of(enum neuron_type type, void *to, size_t count, const double *from)
{
    int64_t whole[NEURON_STRIP_ELEMENTS];

    for (size_t i = 0; i < count; i += 1) {
        whole[i] = type == NEURON_BOOL ? from[i] != 0.0 : whole_of(from[i]);
    }
    neuron_strip_store_whole(type, to, count, whole);
}

void
neuron_strip_store_real(enum neuron_type type, void *to, size_t count, const double *from)
{
    float *floats = to;
    double *doubles = to;

    if (type == NEURON_FLOAT32) {
        for (size_t i = 0; i < count; i += 1) {
            floats[i] = (float)from[i];
        }
    } else if (type == NEURON_FLOAT64) {
        for (size_t i = 0; i < count; i += 1) {
            doubles[i] = from[i];
        }
    } else if (neuron_type_is_real(type)) {
        store_half(type, to, count, from);
    } else {
        store_whole_of(type, to, count, from);
    }
}
