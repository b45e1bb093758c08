/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/lane.h"

#include "engine/kernels/strided_move.h"
#include "engine/kernels/strip.h"

int64_t
neuron_lane_count(const struct neuron_tensor_view *view, uint32_t axis)
{
    return neuron_view_is_empty(view) ? 0
                                      : neuron_dims_product(view, 0, axis) *
                                            neuron_dims_product(view, axis + 1, view->rank);
}

struct neuron_lane
neuron_lane_at(const struct neuron_tensor_view *view, uint32_t axis, int64_t number)
{
    int64_t stride = neuron_dims_product(view, axis + 1, view->rank);
    int64_t count = view->shape[axis];

    return (struct neuron_lane){.view = view,
                                .first = number / stride * stride * count + number % stride,
                                .stride = stride,
                                .count = count};
}

size_t
neuron_lane_strip(const struct neuron_lane *lane, int64_t done)
{
    int64_t left = lane->count - done;

    return left < NEURON_STRIP_ELEMENTS ? (size_t)left : NEURON_STRIP_ELEMENTS;
}

void
neuron_lane_load_real(const struct neuron_lane *lane, int64_t index, size_t count, double *to)
{
    neuron_strip_load_real(lane->view->type,
                           neuron_element(lane->view, lane->first + index * lane->stride),
                           lane->stride, count, to);
}

void
neuron_lane_load_whole(const struct neuron_lane *lane, int64_t index, size_t count, int64_t *to)
{
    neuron_strip_load_whole(lane->view->type,
                            neuron_element(lane->view, lane->first + index * lane->stride),
                            lane->stride, count, to);
}

void
neuron_lane_store_real(const struct neuron_lane *lane, int64_t index, size_t count,
                       const double *from)
{
    int64_t position = lane->first + index * lane->stride;

    if (lane->stride == 1) {
        neuron_strip_store_real(lane->view->type, neuron_output_element(lane->view, position),
                                count, from);
        return;
    }
    for (size_t i = 0; i < count; i += 1) {
        neuron_strip_store_real(
            lane->view->type,
            neuron_output_element(lane->view, position + (int64_t)i * lane->stride), 1, &from[i]);
    }
}

void
neuron_lane_store_whole(const struct neuron_lane *lane, int64_t index, size_t count,
                        const int64_t *from)
{
    int64_t position = lane->first + index * lane->stride;

    if (lane->stride == 1) {
        neuron_strip_store_whole(lane->view->type, neuron_output_element(lane->view, position),
                                 count, from);
        return;
    }
    for (size_t i = 0; i < count; i += 1) {
        neuron_strip_store_whole(
            lane->view->type,
            neuron_output_element(lane->view, position + (int64_t)i * lane->stride), 1, &from[i]);
    }
}
