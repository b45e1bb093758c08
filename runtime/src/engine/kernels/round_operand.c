/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds the left side of a product to integers of 8 bits. */
#include <math.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/vector_code.h"

enum { SIGNED_LIMIT = 127, UNSIGNED_LIMIT = 255 };

/* The bits of magnitudes are in the order of the magnitudes, and what is no number is above all. */
NEURON_VECTOR_CODE static int32_t
find_peak_bits(const int32_t *bits, size_t count)
{
    int32_t peak = 0;

    for (size_t i = 0; i < count; i += 1) {
        int32_t magnitude = bits[i] & INT32_MAX;

        peak = magnitude > peak ? magnitude : peak;
    }
    return peak;
}

static float
find_peak(const int32_t *bits, size_t count)
{
    int32_t peak_bits = find_peak_bits(bits, count);
    float peak = 0.0F;

    memcpy(&peak, &peak_bits, sizeof(peak));
    return peak;
}

/*
 * Both below clip by bits: a comparison of floats might trap, so that compilers leave a branch.
 * What is no number has bits beyond those of infinity, and is clipped as infinity of its sign is:
 * where the peak is known, it changes nothing but its own element.
 */

NEURON_VECTOR_CODE static void
round_signed(const float *restrict numbers, size_t count, float inverse, int8_t *restrict rounded)
{
    const float limit = SIGNED_LIMIT;
    int32_t limit_bits = 0;

    memcpy(&limit_bits, &limit, sizeof(limit_bits));
    for (size_t i = 0; i < count; i += 1) {
        float number = numbers[i] * inverse;
        int32_t bits = 0;

        memcpy(&bits, &number, sizeof(bits));
        int32_t magnitude = bits & INT32_MAX;
        bits = (magnitude < limit_bits ? magnitude : limit_bits) | (bits & INT32_MIN);
        memcpy(&number, &bits, sizeof(bits));
        /* Above zero, cutting off the fraction rounds. */
        rounded[i] = (int8_t)((int32_t)(number + 128.5F) - 128);
    }
}

NEURON_VECTOR_CODE static void
round_unsigned(const float *restrict numbers, size_t count, float inverse,
               uint8_t *restrict rounded)
{
    const float limit = UNSIGNED_LIMIT;
    int32_t limit_bits = 0;

    memcpy(&limit_bits, &limit, sizeof(limit_bits));
    for (size_t i = 0; i < count; i += 1) {
        float number = numbers[i] * inverse;
        int32_t bits = 0;

        memcpy(&bits, &number, sizeof(bits));
        bits = bits < limit_bits ? bits : limit_bits;
        bits = bits > 0 ? bits : 0;
        memcpy(&number, &bits, sizeof(bits));
        rounded[i] = (uint8_t)(int32_t)(number + 0.5F);
    }
}

enum neuron_status
neuron_kernel_round_operand(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    size_t count = (size_t)input->shape[0];
    bool is_signed = call->output.type == NEURON_INT8;
    float peak = call->attributes->input_peak;
    float *factor = call->scratch;

    (void)error;
    if (!(peak > 0.0F)) {
        peak = find_peak(input->data, count);
    }
    if (!isfinite(peak)) {
        /* Every sum becomes no number, as the product in float32 would have them where it does. */
        *factor = NAN;
        memset(call->output.data, 0, count);
        return NEURON_OK;
    }
    /* An operand of zeros; and one so small that its inverse were infinite. */
    peak = peak < 1e-30F ? 1e-30F : peak;
    *factor = peak / (float)(is_signed ? SIGNED_LIMIT : UNSIGNED_LIMIT);
    if (is_signed) {
        round_signed(input->data, count, 1.0F / *factor, call->output.data);
    } else {
        round_unsigned(input->data, count, 1.0F / *factor, call->output.data);
    }
    return NEURON_OK;
}
