/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reals to integers and back. Rounding to even, and the ends of the types, are done with additions
 * and comparisons alone, so that the loops become vector code.
 */
#include "engine/kernels/kernel.h"
#include "engine/kernels/strip.h"

/* Runs of elements with the same scale: `outer` times `channels` runs of `inner` elements. */
struct runs {
    int64_t outer;
    int64_t channels;
    int64_t inner;
};

/* How one run is done. */
struct scaling {
    float scale;
    int32_t zero;
};

static struct runs
find_runs(const struct neuron_kernel_call *call)
{
    struct neuron_tensor_shape scale = neuron_tensor_view_shape(&call->inputs[1]);
    const struct neuron_tensor_view *input = &call->inputs[0];
    struct runs runs = {.outer = 1, .channels = 1, .inner = 1};
    size_t count = 0;

    (void)neuron_tensor_shape_element_count(&scale, &count);
    for (uint32_t i = 0; i < input->rank; i += 1) {
        if (count > 1 && i == (uint32_t)call->attributes->axis) {
            runs.channels = input->shape[i];
        } else if (count > 1 && i < (uint32_t)call->attributes->axis) {
            runs.outer *= input->shape[i];
        } else {
            runs.inner *= input->shape[i];
        }
    }
    return runs;
}

static struct scaling
find_scaling(const struct neuron_kernel_call *call, int64_t channel)
{
    struct scaling scaling = {.scale = ((const float *)call->inputs[1].data)[channel]};
    int64_t zero = 0;

    if (call->input_count > 2) {
        neuron_strip_load_whole(call->inputs[2].type, neuron_element(&call->inputs[2], channel), 1,
                                1, &zero);
    }
    scaling.zero = (int32_t)zero;
    return scaling;
}

/* The nearest integer, halves to even, in a range that both types lie in; the lower end for what is
   no number. */
static inline int32_t
round_bounded(float number)
{
    /* Adding 1.5 * 2^23 leaves no bits behind the point. */
    const float rounder = 12582912.0F;
    float low = number > -1024.0F ? number : -1024.0F;
    float bounded = low < 1024.0F ? low : 1024.0F;

    return (int32_t)((bounded + rounder) - rounder);
}

static inline int32_t
clamp(int32_t number, int32_t low, int32_t high)
{
    int32_t above = number < low ? low : number;

    return above > high ? high : above;
}

static void
quantize_signed(const float *from, int64_t count, const struct scaling *scaling, int8_t *to)
{
    float scale = scaling->scale;
    int32_t zero = scaling->zero;

    for (int64_t i = 0; i < count; i += 1) {
        to[i] = (int8_t)clamp(round_bounded(from[i] / scale) + zero, INT8_MIN, INT8_MAX);
    }
}

static void
quantize_unsigned(const float *from, int64_t count, const struct scaling *scaling, uint8_t *to)
{
    float scale = scaling->scale;
    int32_t zero = scaling->zero;

    for (int64_t i = 0; i < count; i += 1) {
        to[i] = (uint8_t)clamp(round_bounded(from[i] / scale) + zero, 0, UINT8_MAX);
    }
}

enum neuron_status
neuron_kernel_quantize(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct runs runs = find_runs(call);

    (void)error;
    for (int64_t i = 0; i < runs.outer * runs.channels; i += 1) {
        struct scaling scaling = find_scaling(call, i % runs.channels);
        const float *from = neuron_element(&call->inputs[0], i * runs.inner);
        void *to = neuron_output_element(&call->output, i * runs.inner);

        if (call->output.type == NEURON_INT8) {
            quantize_signed(from, runs.inner, &scaling, to);
        } else {
            quantize_unsigned(from, runs.inner, &scaling, to);
        }
    }
    return NEURON_OK;
}

/* The differences of bytes are exact in float32; those of int32 are taken in 64 bits. */
static void
dequantize_run(enum neuron_type type, const void *from, int64_t count,
               const struct scaling *scaling, float *to)
{
    const int8_t *signed_bytes = from;
    const uint8_t *bytes = from;
    const int32_t *words = from;
    float scale = scaling->scale;
    int32_t zero = scaling->zero;

    if (type == NEURON_INT8) {
        for (int64_t i = 0; i < count; i += 1) {
            to[i] = (float)(signed_bytes[i] - zero) * scale;
        }
    } else if (type == NEURON_UINT8) {
        for (int64_t i = 0; i < count; i += 1) {
            to[i] = (float)(bytes[i] - zero) * scale;
        }
    } else {
        for (int64_t i = 0; i < count; i += 1) {
            to[i] = (float)((int64_t)words[i] - zero) * scale;
        }
    }
}

enum neuron_status
neuron_kernel_dequantize(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct runs runs = find_runs(call);

    (void)error;
    for (int64_t i = 0; i < runs.outer * runs.channels; i += 1) {
        struct scaling scaling = find_scaling(call, i % runs.channels);

        dequantize_run(call->inputs[0].type, neuron_element(&call->inputs[0], i * runs.inner),
                       runs.inner, &scaling, neuron_output_element(&call->output, i * runs.inner));
    }
    return NEURON_OK;
}
