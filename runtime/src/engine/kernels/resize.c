/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resize, axis by axis. The nearest elements are copied, whatever their type; between elements it
 * computes in double, in a slice of the input at a time: from the first axis on that changes. Axes
 * that shrink come first, from the outermost, then those that grow, from the innermost: so nothing
 * in between is larger than the slice before or after.
 */
#include <string.h>

#include "engine/kernels/reals.h"
#include "engine/kernels/resize_axis.h"
#include "engine/kernels/strip.h"

/* All axes, and how the scratch memory is divided. */
struct resize {
    const struct neuron_kernel_call *call;
    struct neuron_resize_axis axes[NEURON_RANK_LIMIT];
    uint32_t rank;
    uint32_t first;       /* axis that changes; rank where none does */
    int64_t slices;       /* over the axes before that one */
    int64_t slice_before; /* elements */
    int64_t slice_after;
    int64_t entries; /* of all tables */
    double *from;    /* two slices */
    double *to;
};

static struct resize
describe(const struct neuron_kernel_call *call)
{
    struct resize resize = {.call = call,
                            .rank = call->output.rank,
                            .first = call->output.rank,
                            .slices = 1,
                            .slice_before = 1,
                            .slice_after = 1};

    for (uint32_t i = 0; i < resize.rank; i += 1) {
        struct neuron_resize_axis *axis = &resize.axes[i];

        *axis = neuron_resize_axis_of(call, i);
        resize.first = !axis->is_kept && resize.first == resize.rank ? i : resize.first;
        resize.slices *= i < resize.first ? axis->after : 1;
        resize.slice_before *= i < resize.first ? 1 : axis->before;
        resize.slice_after *= i < resize.first ? 1 : axis->after;
        resize.entries += neuron_resize_axis_entries(axis);
    }
    return resize;
}

/* Elements of the larger slice, where elements are computed at all. */
static int64_t
slice_room(const struct resize *resize)
{
    if (neuron_resize_mode_decode(resize->call->attributes->mode).method == NEURON_RESIZE_NEAREST) {
        return 0;
    }
    return resize->slice_before > resize->slice_after ? resize->slice_before : resize->slice_after;
}

/* Divides the scratch memory, and fills the tables. */
static void
prepare(struct resize *resize)
{
    int64_t *indices = resize->call->scratch;
    double *weights = (double *)resize->call->scratch + resize->entries;

    for (uint32_t i = 0; i < resize->rank; i += 1) {
        struct neuron_resize_axis *axis = &resize->axes[i];

        if (!axis->is_kept) {
            axis->indices = indices;
            axis->weights = weights;
            neuron_resize_axis_fill(resize->call, axis);
            indices += neuron_resize_axis_entries(axis);
            weights += neuron_resize_axis_entries(axis);
        }
    }
    resize->from = weights;
    resize->to = weights + slice_room(resize);
}

/* Adds a row times a weight to another, or begins with it. */
static void
add_weighted(double *to, const double *from, double weight, int64_t count, bool begins)
{
    if (begins) {
        for (int64_t i = 0; i < count; i += 1) {
            to[i] = weight * from[i];
        }
        return;
    }
    for (int64_t i = 0; i < count; i += 1) {
        to[i] += weight * from[i];
    }
}

/* One line of the axis, of which each element is a row of `inner` numbers. */
static void
run_line(const struct neuron_resize_axis *axis, const double *from, double *to, int64_t inner)
{
    for (int64_t i = 0; i < axis->after; i += 1) {
        const int64_t *indices = axis->indices + i * axis->taps;
        const double *weights = axis->weights + i * axis->taps;

        for (int64_t j = 0; j < axis->taps; j += 1) {
            int64_t index = indices[j] < 0 ? 0 : indices[j];

            add_weighted(to + i * inner, from + index * inner, weights[j], inner, j == 0);
        }
    }
}

/* The same where the axis is the last. */
static void
run_last_line(const struct neuron_resize_axis *axis, const double *from, double *to)
{
    for (int64_t i = 0; i < axis->after; i += 1) {
        const int64_t *indices = axis->indices + i * axis->taps;
        const double *weights = axis->weights + i * axis->taps;
        double sum = weights[0] * from[indices[0] < 0 ? 0 : indices[0]];

        for (int64_t j = 1; j < axis->taps; j += 1) {
            sum += weights[j] * from[indices[j]];
        }
        to[i] = sum;
    }
}

/* Resizes one axis of the slice, of which `extents` are those so far. */
static void
run_axis(struct resize *resize, uint32_t number, int64_t *extents)
{
    const struct neuron_resize_axis *axis = &resize->axes[number];
    int64_t outer = 1;
    int64_t inner = 1;
    double *made = resize->to;

    for (uint32_t i = resize->first; i < resize->rank; i += 1) {
        outer *= i < number ? extents[i] : 1;
        inner *= i > number ? extents[i] : 1;
    }
    for (int64_t i = 0; i < outer; i += 1) {
        const double *from = resize->from + i * axis->before * inner;
        double *to = made + i * axis->after * inner;

        if (inner == 1) {
            run_last_line(axis, from, to);
        } else {
            run_line(axis, from, to, inner);
        }
    }
    extents[number] = axis->after;
    resize->to = resize->from;
    resize->from = made;
}

static void
run_axes(struct resize *resize)
{
    int64_t extents[NEURON_RANK_LIMIT] = {0};

    for (uint32_t i = 0; i < resize->rank; i += 1) {
        extents[i] = resize->axes[i].before;
    }
    for (uint32_t i = resize->first; i < resize->rank; i += 1) {
        if (!resize->axes[i].is_kept && resize->axes[i].after <= resize->axes[i].before) {
            run_axis(resize, i, extents);
        }
    }
    for (uint32_t i = resize->rank; i > resize->first; i -= 1) {
        if (!resize->axes[i - 1].is_kept &&
            resize->axes[i - 1].after > resize->axes[i - 1].before) {
            run_axis(resize, i - 1, extents);
        }
    }
}

/* Finds where an element of a slice of the result comes from; -1 where it lies outside. */
static int64_t
find_source(const struct resize *resize, int64_t position)
{
    int64_t source = 0;
    int64_t stride = 1;

    for (uint32_t i = resize->rank; i > resize->first; i -= 1) {
        const struct neuron_resize_axis *axis = &resize->axes[i - 1];
        int64_t index = position % axis->after;

        index = axis->is_kept ? index : axis->indices[index * axis->taps];
        if (index < 0) {
            return -1;
        }
        source += index * stride;
        stride *= axis->before;
        position /= axis->after;
    }
    return source;
}

/* Gives all that lies outside of a crop the value for that. */
static void
extrapolate(const struct resize *resize, double *slice)
{
    const struct neuron_resize_mode mode =
        neuron_resize_mode_decode(resize->call->attributes->mode);

    for (int64_t i = 0; mode.coordinates == NEURON_RESIZE_CROP && i < resize->slice_after; i += 1) {
        if (find_source(resize, i) < 0) {
            slice[i] = (double)resize->call->attributes->low;
        }
    }
}

/* Brings what is beyond the ends of a byte to these. */
static void
limit_bytes(enum neuron_type type, double *numbers, int64_t count)
{
    double low = type == NEURON_INT8 ? -128.0 : 0.0;
    double high = type == NEURON_INT8 ? 127.0 : 255.0;

    for (int64_t i = 0; (type == NEURON_INT8 || type == NEURON_UINT8) && i < count; i += 1) {
        numbers[i] = numbers[i] < low ? low : numbers[i];
        numbers[i] = numbers[i] > high ? high : numbers[i];
    }
}

static void
interpolate(struct resize *resize)
{
    const struct neuron_kernel_call *call = resize->call;

    for (int64_t i = 0; i < resize->slices; i += 1) {
        neuron_reals_load(&call->inputs[0], i * resize->slice_before, resize->slice_before,
                          resize->from);
        run_axes(resize);
        extrapolate(resize, resize->from);
        limit_bytes(call->output.type, resize->from, resize->slice_after);
        neuron_reals_store(&call->output, i * resize->slice_after, resize->slice_after,
                           resize->from);
    }
}

/* Copies a row of the last axis, element by element, from the row that begins at `source`. */
static void
copy_row(const struct resize *resize, int64_t source, int64_t target)
{
    const struct neuron_kernel_call *call = resize->call;
    const struct neuron_resize_axis *last = &resize->axes[resize->rank - 1];
    size_t element_bytes = neuron_type_size_bytes(call->output.type);
    const unsigned char *from = neuron_element(&call->inputs[0], source);
    unsigned char *to = neuron_output_element(&call->output, target);

    if (last->is_kept) {
        memcpy(to, from, (size_t)last->after * element_bytes);
    } else if (element_bytes == sizeof(float)) {
        for (int64_t i = 0; i < last->after; i += 1) {
            memcpy(to + i * (int64_t)sizeof(float),
                   from + last->indices[i] * (int64_t)sizeof(float), sizeof(float));
        }
    } else {
        for (int64_t i = 0; i < last->after; i += 1) {
            memcpy(to + (size_t)i * element_bytes, from + (size_t)last->indices[i] * element_bytes,
                   element_bytes);
        }
    }
}

/* Copies elements of a crop, each of which may lie outside. */
static void
copy_cropped_row(const struct resize *resize, int64_t slice, int64_t first)
{
    const struct neuron_kernel_call *call = resize->call;
    size_t element_bytes = neuron_type_size_bytes(call->output.type);
    double outside = (double)call->attributes->low;

    for (int64_t i = first; i < first + resize->axes[resize->rank - 1].after; i += 1) {
        int64_t source = find_source(resize, i);
        void *to = neuron_output_element(&call->output, slice * resize->slice_after + i);

        if (source < 0) {
            neuron_strip_store_real(call->output.type, to, 1, &outside);
        } else {
            memcpy(to, neuron_element(&call->inputs[0], slice * resize->slice_before + source),
                   element_bytes);
        }
    }
}

/* Copies a row of the result, which begins at `first` in its slice. */
static void
copy_nearest_row(const struct resize *resize, int64_t slice, int64_t first)
{
    const struct neuron_resize_axis *last = &resize->axes[resize->rank - 1];
    int64_t moved = last->is_kept ? 0 : last->indices[0];

    copy_row(resize, slice * resize->slice_before + find_source(resize, first) - moved,
             slice * resize->slice_after + first);
}

static void
copy_nearest(const struct resize *resize)
{
    bool crops =
        neuron_resize_mode_decode(resize->call->attributes->mode).coordinates == NEURON_RESIZE_CROP;
    int64_t row = resize->axes[resize->rank - 1].after;

    for (int64_t i = 0; i < resize->slices * resize->slice_after; i += row) {
        int64_t slice = i / resize->slice_after;

        if (crops) {
            copy_cropped_row(resize, slice, i % resize->slice_after);
        } else {
            copy_nearest_row(resize, slice, i % resize->slice_after);
        }
    }
}

size_t
neuron_kernel_resize_scratch(const struct neuron_kernel_call *call)
{
    const struct resize resize = describe(call);

    return sizeof(double) * (size_t)(2 * resize.entries + 2 * slice_room(&resize));
}

enum neuron_status
neuron_kernel_resize(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct resize resize = describe(call);

    if (resize.first == resize.rank) {
        return neuron_kernel_copy(call, error);
    }
    prepare(&resize);
    if (neuron_resize_mode_decode(call->attributes->mode).method == NEURON_RESIZE_NEAREST) {
        copy_nearest(&resize);
    } else {
        interpolate(&resize);
    }
    return NEURON_OK;
}
