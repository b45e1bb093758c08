/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators that move a window over height and width. */
#include "graph/infer.h"

#include <inttypes.h>
#include <stdio.h>

/* One direction of a window. */
struct window {
    int64_t extent; /* of the input */
    int64_t kernel;
    int64_t stride;
    int64_t dilation;
    int64_t pad_before;
    int64_t pad_after;
};

/* How many places the window has; 0 or less when it does not fit, or the numbers are absurd. */
static int64_t
count_places(const struct window *window)
{
    int64_t covered = 0;
    int64_t padded = 0;

    if (window->stride < 1 || window->dilation < 1 || window->kernel < 1 ||
        __builtin_mul_overflow(window->kernel - 1, window->dilation, &covered) ||
        __builtin_add_overflow(window->extent, window->pad_before, &padded) ||
        __builtin_add_overflow(padded, window->pad_after, &padded) ||
        __builtin_sub_overflow(padded - 1, covered, &padded)) {
        return 0;
    }
    return padded < 0 ? 0 : padded / window->stride + 1;
}

static struct window
window_of(const struct neuron_application *application, int64_t kernel, uint32_t direction)
{
    const struct neuron_attributes *attributes = application->attributes;

    return (struct window){
        .extent = application->inputs[0].dims[2 + direction],
        .kernel = kernel,
        .stride = attributes->strides[direction],
        .dilation = 1,
        .pad_before = attributes->pads[direction],
        .pad_after = attributes->pads[2 + direction],
    };
}

static enum neuron_status
refuse_window(const struct neuron_application *application, const struct window *window,
              struct neuron_error *error)
{
    char why[160] = "";

    (void)snprintf(why, sizeof(why),
                   "a window of %" PRId64 " (stride %" PRId64 ", dilation %" PRId64
                   ") does not fit %" PRId64 " elements padded by %" PRId64 " and %" PRId64,
                   window->kernel, window->stride, window->dilation, window->extent,
                   window->pad_before, window->pad_after);
    return neuron_infer_refuse(application, why, error);
}

static enum neuron_status
check_channels(const struct neuron_application *application, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *weights = &application->inputs[1];
    int64_t groups = application->attributes->groups;
    int64_t channels = 0;
    char why[128] = "";

    if (groups < 1 || __builtin_mul_overflow(weights->dims[1], groups, &channels) ||
        channels != input->dims[1] || weights->dims[0] % groups != 0) {
        (void)snprintf(why, sizeof(why),
                       "the input has %" PRId64 " channels, the weights are for %" PRId64
                       " in each of %" PRId64 " groups, and give %" PRId64,
                       input->dims[1], weights->dims[1], groups, weights->dims[0]);
        return neuron_infer_refuse(application, why, error);
    }
    if (application->input_count == 3 &&
        (application->inputs[2].rank != 1 || application->inputs[2].dims[0] != weights->dims[0])) {
        return neuron_infer_refuse(application, "the bias must have one number per output channel",
                                   error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_conv2d(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *weights = &application->inputs[1];

    if (input->rank != 4 || weights->rank != 4) {
        return neuron_infer_refuse(application,
                                   "the input must be [N,C,H,W], the weights [O,C,H,W]", error);
    }
    enum neuron_status status = check_channels(application, error);
    if (status != NEURON_OK) {
        return status;
    }
    output->rank = 4;
    output->dims[0] = input->dims[0];
    output->dims[1] = weights->dims[0];
    for (uint32_t i = 0; i < 2; i += 1) {
        struct window window = window_of(application, weights->dims[2 + i], i);

        window.dilation = application->attributes->dilations[i];
        output->dims[2 + i] = count_places(&window);
        if (output->dims[2 + i] < 1) {
            return refuse_window(application, &window, error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_pool2d(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];

    if (input->rank != 4) {
        return neuron_infer_refuse(application, "the input must be [N,C,H,W]", error);
    }
    *output = *input;
    for (uint32_t i = 0; i < 2; i += 1) {
        struct window window = window_of(application, application->attributes->kernel[i], i);

        output->dims[2 + i] = count_places(&window);
        if (output->dims[2 + i] < 1) {
            return refuse_window(application, &window, error);
        }
        /* A window that sees only padding has no largest element and no average. */
        if (window.pad_before >= window.kernel || window.pad_after >= window.kernel) {
            return neuron_infer_refuse(application, "padding must be smaller than the window",
                                       error);
        }
    }
    return NEURON_OK;
}
