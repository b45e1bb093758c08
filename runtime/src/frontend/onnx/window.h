/* SPDX-License-Identifier: Apache-2.0 */
/* The window of a convolution or a pooling, as its node has it. */
#ifndef NEURON_FRONTEND_ONNX_WINDOW_H
#define NEURON_FRONTEND_ONNX_WINDOW_H

#include "frontend/onnx/onnx_call.h"
#include "neuron/trace_window.h"

/* Numbers for each direction; pads first all before, then all behind. */
struct neuron_onnx_window {
    uint32_t directions; /* 1 to 3 */
    uint32_t kernel[NEURON_WINDOW_DIMENSIONS];
    uint32_t strides[NEURON_WINDOW_DIMENSIONS];
    uint32_t dilations[NEURON_WINDOW_DIMENSIONS];
    uint32_t pads[2 * NEURON_WINDOW_DIMENSIONS];
    bool rounds_up; /* ceil_mode */
};

/*
 * Reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode of a node whose first input
 * is [N,C,...] with one to three dimensions more.
 *
 * kernel  the extents that the weights give, as many as there are directions; NULL to read them.
 *
 * Returns NEURON_UNSUPPORTED_MODEL or NEURON_DAMAGED_MODEL.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_window_read(const struct neuron_onnx_call *call, const int64_t *kernel,
                        struct neuron_onnx_window *window);

/*
 * The same for the transposition of a convolution, whose pads may come from output_shape or
 * auto_pad.
 *
 * output_padding  receives how much the result has behind, beside what the window reaches.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_window_read_transposed(const struct neuron_onnx_call *call, const int64_t *kernel,
                                   struct neuron_onnx_window *window, uint32_t *output_padding);

#endif
