/* SPDX-License-Identifier: Apache-2.0 */
/* The window of a convolution or a pooling, as two dimensions whatever the file says. */
#ifndef NEURON_FRONTEND_ONNX_WINDOW_H
#define NEURON_FRONTEND_ONNX_WINDOW_H

#include "frontend/onnx/onnx_call.h"

/* Height first; a window along one dimension is one of height 1. */
struct neuron_onnx_window {
    uint32_t kernel[2];
    uint32_t strides[2];
    uint32_t dilations[2];
    uint32_t pads[4];    /* top, left, bottom, right */
    bool has_extra_pads; /* ceil_mode made `pads` larger than the file has them */
};

/*
 * Reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode of a node whose first input
 * is [N,C,W] or [N,C,H,W].
 *
 * kernel  the extents that the weights give, as many as there are directions; NULL to read them.
 *
 * Returns NEURON_UNSUPPORTED_MODEL or NEURON_DAMAGED_MODEL.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_window_read(const struct neuron_onnx_call *call, const int64_t *kernel,
                        struct neuron_onnx_window *window);

/* The input as [N,C,H,W]: with a height of 1 when it has none. */
struct neuron_value
neuron_onnx_window_input(const struct neuron_onnx_call *call, uint32_t input);

/* A result of [N,C,H,W] as the node has it: without the height when its input has none. */
struct neuron_value
neuron_onnx_window_output(const struct neuron_onnx_call *call, struct neuron_value value);

#endif
