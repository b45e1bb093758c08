/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions of bytes: the weights of a group are rows of the left side, and
 * what the window sees at some places those of the right side. Padding is the zero point, which
 * becomes 0.
 */
#include <string.h>

#include "engine/kernels/dot.h"
#include "engine/kernels/kernel.h"
#include "engine/kernels/strip.h"

enum { PLACES = 32 /* of the window at a time */ };

/* The call taken apart, as one in three dimensions, of which the first may be 1. */
struct convolution {
    const struct neuron_kernel_call *call;
    int64_t extents[NEURON_SPATIAL_LIMIT]; /* of the input */
    int64_t kernel[NEURON_SPATIAL_LIMIT];
    int64_t output[NEURON_SPATIAL_LIMIT];
    int64_t strides[NEURON_SPATIAL_LIMIT];
    int64_t dilations[NEURON_SPATIAL_LIMIT];
    int64_t pads[NEURON_SPATIAL_LIMIT]; /* before */
    int64_t channels;                   /* of the input, in a group */
    int64_t filters;                    /* in a group */
    int64_t groups;
    int64_t image_elements; /* of a channel */
    int64_t depth;          /* of a filter */
    int64_t places;
    int64_t row;
    int32_t zero; /* of the input */
};

/* Takes the window of the call, with dimensions of 1 before it. */
static void
describe_window(struct convolution *convolution)
{
    const struct neuron_kernel_call *call = convolution->call;
    const struct neuron_attributes *attributes = call->attributes;
    uint32_t spatial = call->output.rank - 2;

    for (uint32_t i = 0; i < NEURON_SPATIAL_LIMIT; i += 1) {
        bool is_there = i + spatial >= NEURON_SPATIAL_LIMIT;
        uint32_t from = is_there ? i + spatial - NEURON_SPATIAL_LIMIT : 0;

        convolution->extents[i] = is_there ? call->inputs[0].shape[2 + from] : 1;
        convolution->kernel[i] = is_there ? call->inputs[1].shape[2 + from] : 1;
        convolution->output[i] = is_there ? call->output.shape[2 + from] : 1;
        convolution->strides[i] = is_there ? attributes->strides[from] : 1;
        convolution->dilations[i] = is_there ? attributes->dilations[from] : 1;
        convolution->pads[i] = is_there ? attributes->pads[from] : 0;
        convolution->image_elements *= convolution->extents[i];
        convolution->depth *= convolution->kernel[i];
        convolution->places *= convolution->output[i];
    }
}

static struct convolution
describe(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *weights = &call->inputs[1];
    struct convolution convolution = {
        .call = call,
        .channels = weights->shape[1],
        .groups = call->attributes->groups,
        .filters = weights->shape[0] / call->attributes->groups,
        .image_elements = 1,
        .depth = weights->shape[1],
        .places = 1,
    };

    describe_window(&convolution);
    convolution.row = neuron_dot_row(convolution.depth);
    return convolution;
}

size_t
neuron_kernel_conv_integer_scratch(const struct neuron_kernel_call *call)
{
    struct convolution convolution = describe(call);

    return (size_t)(convolution.filters + PLACES) * (size_t)convolution.row * sizeof(int16_t);
}

/* Brings the weights of a group to rows. */
static void
load_weights(const struct convolution *convolution, int64_t group, int16_t *rows)
{
    const struct neuron_kernel_call *call = convolution->call;
    const struct neuron_tensor_view *zeros = call->input_count > 3 ? &call->inputs[3] : NULL;

    for (int64_t i = 0; i < convolution->filters; i += 1) {
        int64_t filter = group * convolution->filters + i;

        neuron_dot_load(
            call->inputs[1].type, neuron_element(&call->inputs[1], filter * convolution->depth), 1,
            convolution->depth, neuron_dot_zero(zeros, filter), rows + i * convolution->row);
    }
}

/* Says whether a line of the input is there; finds where it begins in its channel. */
static bool
find_line(const struct convolution *convolution, int64_t z, int64_t y, int64_t *line)
{
    bool is_inside = z >= 0 && z < convolution->extents[0] && y >= 0 && y < convolution->extents[1];

    *line = is_inside ? (z * convolution->extents[1] + y) * convolution->extents[2] : 0;
    return is_inside;
}

/* One line of the window in one channel; `line` is NULL where all of it is padding. */
static void
load_line(const struct convolution *convolution, const void *line, int64_t x, int16_t *to)
{
    bool is_signed = convolution->call->inputs[0].type == NEURON_INT8;
    const int8_t *signed_bytes = line;
    const uint8_t *bytes = line;

    for (int64_t k = 0; k < convolution->kernel[2]; k += 1) {
        int64_t column = x + k * convolution->dilations[2];
        bool is_inside = line != NULL && column >= 0 && column < convolution->extents[2];
        int64_t place = is_inside ? column : 0;
        int32_t number = 0;

        if (is_inside) {
            number = is_signed ? signed_bytes[place] : (int32_t)bytes[place];
            number -= convolution->zero;
        }
        to[k] = (int16_t)number;
    }
}

/* What the window sees in one channel from a corner on. Returns where the next channel goes. */
static int16_t *
load_channel(const struct convolution *convolution, int64_t channel, const int64_t *corner,
             int16_t *to)
{
    const struct neuron_tensor_view *input = &convolution->call->inputs[0];
    int64_t first = channel * convolution->image_elements;

    for (int64_t i = 0; i < convolution->kernel[0] * convolution->kernel[1]; i += 1) {
        int64_t z = corner[0] + i / convolution->kernel[1] * convolution->dilations[0];
        int64_t y = corner[1] + i % convolution->kernel[1] * convolution->dilations[1];
        int64_t line = 0;
        bool is_inside = find_line(convolution, z, y, &line);

        load_line(convolution, is_inside ? neuron_element(input, first + line) : NULL, corner[2],
                  to);
        to += convolution->kernel[2];
    }
    return to;
}

/* What the window sees at one place. */
static void
load_place(const struct convolution *convolution, int64_t first_channel, int64_t place, int16_t *to)
{
    int64_t corner[NEURON_SPATIAL_LIMIT] = {0};
    int16_t *end = to + convolution->row;

    for (uint32_t i = NEURON_SPATIAL_LIMIT; i > 0; i -= 1) {
        int64_t index = place % convolution->output[i - 1];

        corner[i - 1] = index * convolution->strides[i - 1] - convolution->pads[i - 1];
        place /= convolution->output[i - 1];
    }
    for (int64_t c = 0; c < convolution->channels; c += 1) {
        to = load_channel(convolution, first_channel + c, corner, to);
    }
    memset(to, 0, (size_t)(end - to) * sizeof(*to));
}

/* One group of one image, whose weights are rows already. */
static void
convolve_group(const struct convolution *convolution, int64_t image, int64_t group, int16_t *rows)
{
    int64_t number = image * convolution->groups + group;
    int16_t *places = rows + convolution->filters * convolution->row;

    for (int64_t p = 0; p < convolution->places; p += PLACES) {
        int64_t left = convolution->places - p;
        const struct neuron_dot dot = {.left = rows,
                                       .left_rows = convolution->filters,
                                       .right = places,
                                       .right_rows = left < PLACES ? left : PLACES,
                                       .row = convolution->row,
                                       .result = neuron_output_element(
                                           &convolution->call->output,
                                           number * convolution->filters * convolution->places + p),
                                       .result_stride = convolution->places};

        for (int64_t i = 0; i < dot.right_rows; i += 1) {
            load_place(convolution, number * convolution->channels, p + i,
                       places + i * convolution->row);
        }
        neuron_dot_multiply(&dot);
    }
}

enum neuron_status
neuron_kernel_conv_integer(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    struct convolution convolution = describe(call);

    (void)error;
    convolution.zero = neuron_dot_zero(call->input_count > 2 ? &call->inputs[2] : NULL, 0);
    for (int64_t group = 0; group < convolution.groups; group += 1) {
        load_weights(&convolution, group, call->scratch);
        for (int64_t image = 0; image < call->inputs[0].shape[0]; image += 1) {
            convolve_group(&convolution, image, group, call->scratch);
        }
    }
    return NEURON_OK;
}
