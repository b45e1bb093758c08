/* SPDX-License-Identifier: Apache-2.0 */
#include "traced_windows.h"

#include <math.h>

#include "check.h"
#include "neuron/trace_elementwise.h"

enum { DIRECTIONS = NEURON_WINDOW_DIMENSIONS };

/* An argument as a value of the chosen type; an invalid one past the end. */
static struct neuron_value
argument(struct neuron_trace *trace, const struct operator_choice *choice,
         const struct neuron_value *inputs, uint32_t position)
{
    const struct operator_arguments *arguments = choice->arguments;
    const struct window_choice *window = choice->options;
    struct neuron_value value = {0};

    if (position >= arguments->count) {
        return value;
    }
    value = position < arguments->input_count
                ? inputs[position]
                : neuron_constant(trace, &arguments->tensors[position]);
    if (window->type == NEURON_NO_TYPE) {
        return value;
    }
    value = neuron_round(trace, neuron_multiply(trace, value, neuron_scalar(trace, 8.0F)));
    return neuron_cast(trace, value, window->type);
}

static struct neuron_value
record_call(struct neuron_trace *trace, const struct window_choice *window,
            const struct neuron_value *arguments)
{
    switch (window->call) {
    case WINDOW_CONV:
        return neuron_conv(trace, arguments[0], arguments[1], arguments[2], &window->conv);
    case WINDOW_CONV_TRANSPOSE:
        return neuron_conv_transpose(trace, arguments[0], arguments[1], arguments[2],
                                     &window->transposed);
    case WINDOW_MAX_POOL:
        return neuron_max_pool(trace, arguments[0], &window->pool);
    case WINDOW_AVERAGE_POOL:
        return neuron_average_pool(trace, arguments[0], &window->pool);
    case WINDOW_LP_POOL:
        return neuron_lp_pool(trace, arguments[0], window->power, &window->pool);
    }
    return (struct neuron_value){0};
}

enum neuron_status
record_window(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *user)
{
    const struct operator_choice *choice = user;
    const struct window_choice *window = choice->options;
    struct neuron_value arguments[3];

    for (uint32_t i = 0; i < 3; i += 1) {
        arguments[i] = argument(trace, choice, inputs, i);
    }
    outputs[0] = record_call(trace, window, arguments);
    if (window->type != NEURON_NO_TYPE) {
        outputs[0] = neuron_cast(trace, outputs[0], NEURON_FLOAT32);
    }
    return neuron_trace_status(trace);
}

/* A window with all three directions; those that are not there are of one element. */
struct geometry {
    int64_t extents[DIRECTIONS]; /* of the input */
    int64_t places[DIRECTIONS];  /* of the output */
    int64_t kernel[DIRECTIONS];
    int64_t strides[DIRECTIONS];
    int64_t dilations[DIRECTIONS];
    int64_t before[DIRECTIONS];
    int64_t after[DIRECTIONS];
};

static int64_t
one_for_zero(uint32_t number)
{
    return number == 0 ? 1 : (int64_t)number;
}

static struct geometry
geometry_of(const struct operator_choice *choice, const struct neuron_tensor_view *output,
            const uint32_t *strides, const uint32_t *dilations, const uint32_t *pads)
{
    const struct window_choice *window = choice->options;
    const struct neuron_tensor_view *tensors = choice->arguments->tensors;
    struct geometry geometry = {.extents = {1, 1, 1},
                                .places = {1, 1, 1},
                                .kernel = {1, 1, 1},
                                .strides = {1, 1, 1},
                                .dilations = {1, 1, 1}};
    uint32_t directions = output->rank - 2;

    for (uint32_t i = 0; i < directions; i += 1) {
        uint32_t to = DIRECTIONS - directions + i;

        geometry.extents[to] = tensors[0].shape[2 + i];
        geometry.places[to] = output->shape[2 + i];
        geometry.kernel[to] = window->call <= WINDOW_CONV_TRANSPOSE ? tensors[1].shape[2 + i]
                                                                    : window->pool.kernel[i];
        geometry.strides[to] = one_for_zero(strides[i]);
        geometry.dilations[to] = one_for_zero(dilations[i]);
        geometry.before[to] = pads[i];
        geometry.after[to] = pads[directions + i];
    }
    return geometry;
}

static int64_t
product(const int64_t numbers[DIRECTIONS])
{
    return numbers[0] * numbers[1] * numbers[2];
}

/* The three parts of a position in a plane of these extents. */
static void
split(int64_t position, const int64_t extents[DIRECTIONS], int64_t parts[DIRECTIONS])
{
    parts[2] = position % extents[2];
    parts[1] = position / extents[2] % extents[1];
    parts[0] = position / extents[2] / extents[1];
}

/* Where a tap looks from a place: a position in the plane, -1 in the padding, or -2 beyond that. */
static int64_t
look(const struct geometry *geometry, const int64_t extents[DIRECTIONS], int64_t place,
     const int64_t places[DIRECTIONS], int64_t tap)
{
    int64_t at[DIRECTIONS];
    int64_t taps[DIRECTIONS];
    int64_t position = 0;
    int64_t outside = 0;

    split(place, places, at);
    split(tap, geometry->kernel, taps);
    for (int i = 0; i < DIRECTIONS; i += 1) {
        int64_t element =
            at[i] * geometry->strides[i] + taps[i] * geometry->dilations[i] - geometry->before[i];

        if (element < 0 || element >= extents[i]) {
            outside = element >= extents[i] + geometry->after[i] || outside == -2 ? -2 : -1;
        }
        position = position * extents[i] + element;
    }
    return outside != 0 ? outside : position;
}

/* An element of an argument, rounded as it was traced. */
static double
element(const struct operator_choice *choice, uint32_t argument, int64_t position)
{
    const struct window_choice *window = choice->options;
    const float *numbers = choice->arguments->tensors[argument].data;
    double number = (double)numbers[position];

    return window->type == NEURON_NO_TYPE ? number : rint(number * 8.0);
}

static double
bias_of(const struct operator_choice *choice, int64_t channel)
{
    return choice->arguments->count > 2 ? element(choice, 2, channel) : 0.0;
}

/* One element of a convolution: a place of a channel of an element of the batch. */
static double
convolve(const struct operator_choice *choice, const struct geometry *geometry, int64_t first,
         int64_t channel, int64_t place)
{
    const struct neuron_tensor_view *weights = &choice->arguments->tensors[1];
    const struct window_choice *window = choice->options;
    int64_t group = channel / (weights->shape[0] / one_for_zero(window->conv.groups));
    int64_t taps = product(geometry->kernel);
    int64_t products = weights->shape[1] * taps;
    double sum = bias_of(choice, channel);

    for (int64_t j = 0; j < products; j += 1) {
        int64_t from = look(geometry, geometry->extents, place, geometry->places, j % taps);
        int64_t plane = first + group * weights->shape[1] + j / taps;

        sum += from < 0 ? 0.0
                        : element(choice, 0, plane * product(geometry->extents) + from) *
                              element(choice, 1, channel * products + j);
    }
    return sum;
}

static void
reference_conv_any(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct window_choice *window = choice->options;
    const struct geometry geometry = geometry_of(choice, output, window->conv.strides,
                                                 window->conv.dilations, window->conv.pads);
    int64_t places = product(geometry.places);
    int64_t outputs = output->shape[1];
    float *to = output->data;

    for (int64_t i = 0; i < output->shape[0] * outputs * places; i += 1) {
        int64_t first = i / places / outputs * choice->arguments->tensors[0].shape[1];

        to[i] = (float)convolve(choice, &geometry, first, i / places % outputs, i % places);
    }
}

/* Adds what one element of the input gives to the channels of its group, which begin at `first`. */
static void
spread(const struct operator_choice *choice, const struct geometry *geometry, int64_t position,
       int64_t first, float *to)
{
    const struct neuron_tensor_view *weights = &choice->arguments->tensors[1];
    int64_t elements = product(geometry->extents);
    int64_t taps = product(geometry->kernel);
    int64_t products = weights->shape[1] * taps;
    int64_t channel = position / elements % weights->shape[0];

    for (int64_t j = 0; j < products; j += 1) {
        int64_t at =
            look(geometry, geometry->places, position % elements, geometry->extents, j % taps);
        int64_t plane = (first + j / taps) * product(geometry->places);

        if (at >= 0) {
            to[plane + at] +=
                (float)(element(choice, 0, position) * element(choice, 1, channel * products + j));
        }
    }
}

/* Spreads each element of the input, where a convolution would gather. */
static void
reference_conv_transpose(const struct operator_choice *choice,
                         const struct neuron_tensor_view *output)
{
    const struct window_choice *window = choice->options;
    const struct neuron_tensor_view *tensors = choice->arguments->tensors;
    const struct geometry geometry =
        geometry_of(choice, output, window->transposed.strides, window->transposed.dilations,
                    window->transposed.pads);
    int64_t elements = product(geometry.extents);
    int64_t places = product(geometry.places);
    int64_t channels = tensors[0].shape[1];
    float *to = output->data;

    for (int64_t i = 0; i < output->shape[0] * output->shape[1] * places; i += 1) {
        to[i] = (float)bias_of(choice, i / places % output->shape[1]);
    }
    for (int64_t i = 0; i < tensors[0].shape[0] * channels * elements; i += 1) {
        int64_t group =
            i / elements % channels / (channels / one_for_zero(window->transposed.groups));
        int64_t row = i / elements / channels;

        spread(choice, &geometry, i, row * output->shape[1] + group * tensors[1].shape[1], to);
    }
}

/* What a pool makes of its window. */
struct pooled {
    double largest;
    double sum;
    double powers;
    double seen;   /* elements */
    double padded; /* and with the padding */
};

static double
choose(const struct window_choice *window, const struct pooled *pooled)
{
    if (window->call == WINDOW_MAX_POOL) {
        return pooled->largest;
    }
    if (window->call == WINDOW_LP_POOL) {
        return pow(pooled->powers, 1.0 / (double)window->power);
    }
    return pooled->sum / (window->pool.count_padding ? pooled->padded : pooled->seen);
}

/* Takes one element of the input into what is known of its window. */
static void
take(const struct window_choice *window, double number, struct pooled *pooled)
{
    pooled->largest = number > pooled->largest ? number : pooled->largest;
    pooled->sum += number;
    pooled->powers += pow(fabs(number), (double)window->power);
    pooled->seen += 1.0;
}

static double
pool(const struct operator_choice *choice, const struct geometry *geometry, int64_t plane,
     int64_t place)
{
    struct pooled pooled = {.largest = -INFINITY};

    for (int64_t j = 0; j < product(geometry->kernel); j += 1) {
        int64_t from = look(geometry, geometry->extents, place, geometry->places, j);

        pooled.padded += from >= -1 ? 1.0 : 0.0;
        if (from >= 0) {
            take(choice->options, element(choice, 0, plane * product(geometry->extents) + from),
                 &pooled);
        }
    }
    return choose(choice->options, &pooled);
}

static void
reference_pool(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct window_choice *window = choice->options;
    const struct geometry geometry = geometry_of(choice, output, window->pool.strides,
                                                 window->pool.dilations, window->pool.pads);
    int64_t places = product(geometry.places);
    float *to = output->data;

    for (int64_t i = 0; i < output->shape[0] * output->shape[1] * places; i += 1) {
        to[i] = (float)pool(choice, &geometry, i / places, i % places);
    }
}

void
reference_window(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct window_choice *window = choice->options;

    if (window->call == WINDOW_CONV) {
        reference_conv_any(choice, output);
    } else if (window->call == WINDOW_CONV_TRANSPOSE) {
        reference_conv_transpose(choice, output);
    } else {
        reference_pool(choice, output);
    }
}
