/* SPDX-License-Identifier: Apache-2.0 */
/* One axis of a resize: which elements make each element of the result, and how much they weigh. */
#ifndef NEURON_ENGINE_KERNELS_RESIZE_AXIS_H
#define NEURON_ENGINE_KERNELS_RESIZE_AXIS_H

#include "engine/kernels/kernel.h"
#include "graph/resize_mode.h"

struct neuron_resize_axis {
    uint32_t number;
    bool is_kept;   /* comes out as it is; there is no table then */
    int64_t before; /* extents */
    int64_t after;
    double scale;     /* as it is given, or that of the extents */
    bool is_given;    /* the scale, in float32 */
    int64_t taps;     /* elements that make one */
    int64_t *indices; /* after * taps; the first is -1 where all lies outside of a crop */
    double *weights;
};

/* Describes an axis without its table. */
struct neuron_resize_axis
neuron_resize_axis_of(const struct neuron_kernel_call *call, uint32_t number);

/* How many entries its table has. */
int64_t
neuron_resize_axis_entries(const struct neuron_resize_axis *axis);

/* Fills the table, for which there is room. */
void
neuron_resize_axis_fill(const struct neuron_kernel_call *call,
                        const struct neuron_resize_axis *axis);

#endif
