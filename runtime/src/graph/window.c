/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/window.h"

static struct neuron_window
window_of(const struct neuron_attributes *attributes, const struct neuron_tensor_shape *input,
          uint32_t direction, int64_t kernel)
{
    return (struct neuron_window){
        .extent = input->dims[2 + direction],
        .kernel = kernel,
        .stride = attributes->strides[direction],
        .dilation = attributes->dilations[direction],
        .pad_before = attributes->pads[direction],
        .pad_after = attributes->pads[input->rank - 2 + direction],
    };
}

struct neuron_window
neuron_window_of_conv(const struct neuron_attributes *attributes,
                      const struct neuron_tensor_shape *input,
                      const struct neuron_tensor_shape *weights, uint32_t direction)
{
    return window_of(attributes, input, direction, weights->dims[2 + direction]);
}

struct neuron_window
neuron_window_of_pool(const struct neuron_attributes *attributes,
                      const struct neuron_tensor_shape *input, uint32_t direction)
{
    struct neuron_window window =
        window_of(attributes, input, direction, attributes->kernel[direction]);

    window.dilation = window.dilation == 0 ? 1 : window.dilation;
    window.rounds_up = (attributes->mode & NEURON_POOL_ROUNDS_UP) != 0;
    return window;
}

int64_t
neuron_window_covered(const struct neuron_window *window)
{
    int64_t covered = 0;

    if (window->stride < 1 || window->dilation < 1 || window->kernel < 1 ||
        __builtin_mul_overflow(window->kernel - 1, window->dilation, &covered) ||
        __builtin_add_overflow(covered, 1, &covered)) {
        return 0;
    }
    return covered;
}

int64_t
neuron_window_places(const struct neuron_window *window)
{
    int64_t covered = neuron_window_covered(window);
    int64_t padded = 0;

    if (covered == 0 || __builtin_add_overflow(window->extent, window->pad_before, &padded) ||
        __builtin_add_overflow(padded, window->pad_after, &padded) || padded < covered) {
        return 0;
    }
    int64_t steps = (padded - covered) / window->stride;
    if (window->rounds_up && (padded - covered) % window->stride != 0 &&
        steps + 1 <= (window->extent + window->pad_before - 1) / window->stride) {
        steps += 1;
    }
    return steps + 1;
}

int64_t
neuron_window_pad_used(const struct neuron_window *window, int64_t places)
{
    return (places - 1) * window->stride + neuron_window_covered(window) - window->extent -
           window->pad_before;
}
