/* SPDX-License-Identifier: Apache-2.0 */
/* Windows that move over a tensor: one direction at a time. */
#ifndef NEURON_GRAPH_WINDOW_H
#define NEURON_GRAPH_WINDOW_H

#include "graph/operator.h"

/* One direction of a window. */
struct neuron_window {
    int64_t extent; /* of what it moves over */
    int64_t kernel;
    int64_t stride;
    int64_t dilation;
    int64_t pad_before;
    int64_t pad_after;
    bool rounds_up; /* has a last place that hangs over the end, if that begins before it */
};

/* A direction of a convolution, where the weights have the kernel. */
struct neuron_window
neuron_window_of_conv(const struct neuron_attributes *attributes,
                      const struct neuron_tensor_shape *input,
                      const struct neuron_tensor_shape *weights, uint32_t direction);

/* A direction of a pooling. Its dilation is 1 where none is given. */
struct neuron_window
neuron_window_of_pool(const struct neuron_attributes *attributes,
                      const struct neuron_tensor_shape *input, uint32_t direction);

/* Elements from the first to the last that a window covers; 0 when the numbers are absurd. */
int64_t
neuron_window_covered(const struct neuron_window *window);

/* How many places the window has; 0 when it does not fit, or the numbers are absurd. */
int64_t
neuron_window_places(const struct neuron_window *window);

/* Padding behind with which the last place, too, lies inside; negative where some elements at the
   end are not seen. */
int64_t
neuron_window_pad_used(const struct neuron_window *window, int64_t places);

#endif
