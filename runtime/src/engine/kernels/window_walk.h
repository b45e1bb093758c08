/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A window that moves over a plane of up to three dimensions, tap by tap: for each element of the
 * window, the rows of places where it lies inside of the plane. The loops over a row are left to
 * the caller, and are the ones that become vector code.
 */
#ifndef NEURON_ENGINE_KERNELS_WINDOW_WALK_H
#define NEURON_ENGINE_KERNELS_WINDOW_WALK_H

#include "engine/kernels/kernel.h"
#include "graph/window.h"

/* A plane without a depth or a height has extents of 1 there. */
struct neuron_window_walk {
    struct neuron_window directions[NEURON_SPATIAL_LIMIT]; /* depth, height, width */
    int64_t places[NEURON_SPATIAL_LIMIT];
};

/* Places next to each other, and the elements that one tap of the window sees from them. */
struct neuron_tap_row {
    int64_t tap;   /* its number in the window */
    int64_t place; /* the first */
    int64_t element;
    int64_t step; /* from an element to the next */
    int64_t count;
};

typedef void
neuron_tap_row_fn(const struct neuron_tap_row *row, void *user);

/* The window of a convolution. Transposed, its places are the input's elements. */
struct neuron_window_walk
neuron_window_walk_of_conv(const struct neuron_kernel_call *call);
struct neuron_window_walk
neuron_window_walk_of_conv_transpose(const struct neuron_kernel_call *call);

/* The window of a pooling. */
struct neuron_window_walk
neuron_window_walk_of_pool(const struct neuron_kernel_call *call);

/* How many elements the plane has, and how many places the window. */
int64_t
neuron_window_walk_elements(const struct neuron_window_walk *walk);
int64_t
neuron_window_walk_places(const struct neuron_window_walk *walk);
int64_t
neuron_window_walk_taps(const struct neuron_window_walk *walk);

/* Visits all rows, the taps in their order. */
void
neuron_window_walk_run(const struct neuron_window_walk *walk, neuron_tap_row_fn *visit, void *user);

#endif
