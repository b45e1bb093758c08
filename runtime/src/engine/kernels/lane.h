/* SPDX-License-Identifier: Apache-2.0 */
/* Elements along one axis, one lane after another. */
#ifndef NEURON_ENGINE_KERNELS_LANE_H
#define NEURON_ENGINE_KERNELS_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

/* A lane of a tensor with elements. */
struct neuron_lane {
    const struct neuron_tensor_view *view;
    int64_t first;  /* the position of its first element */
    int64_t stride; /* how far apart its elements lie */
    int64_t count;
};

/* How many lanes a tensor has along an axis; 0 where it has no elements. */
int64_t
neuron_lane_count(const struct neuron_tensor_view *view, uint32_t axis);

/* The lane of a number. */
struct neuron_lane
neuron_lane_at(const struct neuron_tensor_view *view, uint32_t axis, int64_t number);

/* How many elements of a lane are in the strip from `done` on. */
size_t
neuron_lane_strip(const struct neuron_lane *lane, int64_t done);

/* Loads or stores `count` elements, up to a strip, from the element `index` of the lane on. */
void
neuron_lane_load_real(const struct neuron_lane *lane, int64_t index, size_t count, double *to);
void
neuron_lane_load_whole(const struct neuron_lane *lane, int64_t index, size_t count, int64_t *to);
void
neuron_lane_store_real(const struct neuron_lane *lane, int64_t index, size_t count,
                       const double *from);
void
neuron_lane_store_whole(const struct neuron_lane *lane, int64_t index, size_t count,
                        const int64_t *from);

#endif
