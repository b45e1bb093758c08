/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/resize_axis.h"

#include <math.h>

/* How far a filter reaches to both sides. */
static double
radius_of(enum neuron_resize_method method)
{
    return method == NEURON_RESIZE_LINEAR ? 1.0 : 2.0;
}

/* What the filter is stretched by: smoothing is for results that are smaller. */
static double
stretch_of(const struct neuron_resize_mode *mode, const struct neuron_resize_axis *axis)
{
    return mode->antialias && axis->scale < 1.0 ? axis->scale : 1.0;
}

/* Taps before the element at or below a coordinate; as many, and two, are behind it. */
static int64_t
taps_before(const struct neuron_resize_mode *mode, const struct neuron_resize_axis *axis)
{
    return -(int64_t)floor(-radius_of(mode->method) / stretch_of(mode, axis)) - 1;
}

struct neuron_resize_axis
neuron_resize_axis_of(const struct neuron_kernel_call *call, uint32_t number)
{
    const struct neuron_resize_mode mode = neuron_resize_mode_decode(call->attributes->mode);
    float scale = call->attributes->scales[number];
    struct neuron_resize_axis axis = {.number = number,
                                      .before = call->inputs[0].shape[number],
                                      .after = call->output.shape[number],
                                      .is_given = scale != 0.0F,
                                      .taps = 1};

    axis.is_kept = neuron_resize_keeps_axis(&mode, axis.before, axis.after, scale);
    axis.scale = axis.is_given ? (double)scale : (double)axis.after / (double)axis.before;
    if (mode.method != NEURON_RESIZE_NEAREST && !axis.is_kept) {
        axis.taps = 2 + 2 * taps_before(&mode, &axis);
    }
    return axis;
}

int64_t
neuron_resize_axis_entries(const struct neuron_resize_axis *axis)
{
    return axis->is_kept ? 0 : axis->after * axis->taps;
}

/* A position divided by the scale: exactly where that is a quotient of extents, and else in
   float32, in which a scale such as 0.6 was meant. */
static double
unscale(const struct neuron_resize_axis *axis, double position)
{
    if (axis->is_given) {
        return (double)((float)position / (float)axis->scale);
    }
    return position * (double)axis->before / (double)axis->after;
}

/* Where an element lies in a region that begins and ends at parts of the input. */
static double
find_in_region(const struct neuron_kernel_call *call, const struct neuron_resize_axis *axis,
               int64_t index)
{
    double last = (double)(axis->before - 1);
    double start = 0.0;
    double end = 1.0;

    if (call->input_count == 2) {
        const float *region = call->inputs[1].data;

        start = (double)region[axis->number];
        end = (double)region[call->output.rank + axis->number];
    }
    if (axis->after == 1) {
        return (start + end) * last / 2.0;
    }
    return start * last + (double)index * (end - start) * last / (double)(axis->after - 1);
}

static double
find_aligned(const struct neuron_resize_axis *axis, int64_t index)
{
    /* The scale may stand for an extent with a fraction, which was cut off. */
    double length = axis->is_given ? axis->scale * (double)axis->before : (double)axis->after;

    return length == 1.0 ? 0.0 : (double)index * (double)(axis->before - 1) / (length - 1.0);
}

/* Where an element of the result lies in the input. */
static double
find_coordinate(const struct neuron_kernel_call *call, const struct neuron_resize_axis *axis,
                int64_t index)
{
    const struct neuron_resize_mode mode = neuron_resize_mode_decode(call->attributes->mode);
    double half = unscale(axis, (double)index + 0.5) - 0.5;
    double middle = (double)axis->before / 2.0;

    switch ((int)mode.coordinates) {
    case NEURON_RESIZE_PYTORCH_HALF_PIXEL:
        return axis->after > 1 ? half : 0.0;
    case NEURON_RESIZE_ALIGN_CORNERS:
        return find_aligned(axis, index);
    case NEURON_RESIZE_ASYMMETRIC:
        return unscale(axis, (double)index);
    case NEURON_RESIZE_CROP:
        return find_in_region(call, axis, index);
    case NEURON_RESIZE_HALF_PIXEL_SYMMETRIC:
        return middle - middle * (double)axis->after / (axis->scale * (double)axis->before) + half;
    default:
        return half;
    }
}

static double
round_to_neighbour(enum neuron_resize_rounding rounding, double coordinate)
{
    switch ((int)rounding) {
    case NEURON_RESIZE_ROUND_PREFER_CEIL:
        return floor(coordinate + 0.5);
    case NEURON_RESIZE_FLOOR:
        return floor(coordinate);
    case NEURON_RESIZE_CEIL:
        return ceil(coordinate);
    default:
        return ceil(coordinate - 0.5);
    }
}

/* What an element weighs at a distance. */
static double
weigh(enum neuron_resize_method method, double a, double distance)
{
    double x = fabs(distance);

    if (method == NEURON_RESIZE_LINEAR) {
        return x < 1.0 ? 1.0 - x : 0.0;
    }
    if (x <= 1.0) {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    }
    return x < 2.0 ? ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a : 0.0;
}

static int64_t
clamp(int64_t index, int64_t extent)
{
    index = index < 0 ? 0 : index;
    return index >= extent ? extent - 1 : index;
}

/* Divides weights by their sum, unless there is nothing to divide by. */
static void
settle_weights(double *weights, int64_t count)
{
    double sum = 0.0;

    for (int64_t i = 0; i < count; i += 1) {
        sum += weights[i];
    }
    for (int64_t i = 0; sum != 0.0 && i < count; i += 1) {
        weights[i] /= sum;
    }
}

/* Fills the entries of one element from the elements around its coordinate. */
static void
fill_around(const struct neuron_kernel_call *call, const struct neuron_resize_axis *axis,
            double coordinate, int64_t entry)
{
    const struct neuron_resize_mode mode = neuron_resize_mode_decode(call->attributes->mode);
    double stretch = stretch_of(&mode, axis);
    int64_t first = (int64_t)floor(coordinate) - taps_before(&mode, axis);

    for (int64_t i = 0; i < axis->taps; i += 1) {
        int64_t index = first + i;
        bool is_outside = index < 0 || index >= axis->before;
        double distance = ((double)index - coordinate) * stretch;

        axis->indices[entry + i] = clamp(index, axis->before);
        axis->weights[entry + i] =
            is_outside && mode.excludes_outside
                ? 0.0
                : weigh(mode.method, (double)call->attributes->alpha, distance);
    }
    if (mode.excludes_outside || mode.antialias) {
        settle_weights(axis->weights + entry, axis->taps);
    }
}

void
neuron_resize_axis_fill(const struct neuron_kernel_call *call,
                        const struct neuron_resize_axis *axis)
{
    const struct neuron_resize_mode mode = neuron_resize_mode_decode(call->attributes->mode);
    double last = (double)(axis->before - 1);

    for (int64_t i = 0; i < axis->after; i += 1) {
        double coordinate = find_coordinate(call, axis, i);
        bool is_inside = coordinate >= 0.0 && coordinate <= last;

        /* Far outside is as good as next to the edge; also for what is no number. */
        coordinate = fmin(fmax(coordinate, -4.0), last + 4.0);
        if (mode.method == NEURON_RESIZE_NEAREST) {
            axis->indices[i] =
                clamp((int64_t)round_to_neighbour(mode.rounding, coordinate), axis->before);
            axis->weights[i] = 1.0;
        } else {
            fill_around(call, axis, coordinate, i * axis->taps);
        }
        if (mode.coordinates == NEURON_RESIZE_CROP && !is_inside) {
            axis->indices[i * axis->taps] = -1;
        }
    }
}
