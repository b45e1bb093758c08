/* SPDX-License-Identifier: Apache-2.0 */
/* The operators that slide a window over [N,C,H,W]. */
#include <math.h>

#include "check.h"
#include "reference_operators.h"

/* One window: where it starts in the input, and its steps. Negative or past the end is padding. */
struct window {
    int64_t top;
    int64_t left;
    int64_t row_step;
    int64_t column_step;
    int64_t rows;
    int64_t columns;
};

static int64_t
one_for_zero(uint32_t number)
{
    return number == 0 ? 1 : (int64_t)number;
}

/* The element of a plane at a row and column, or NULL in the padding. */
static const float *
plane_element(const struct neuron_tensor_view *input, const int64_t plane[2], int64_t row,
              int64_t column)
{
    const float *from = input->data;
    int64_t height = input->shape[2];
    int64_t width = input->shape[3];

    if (row < 0 || column < 0 || row >= height || column >= width) {
        return NULL;
    }
    return from + ((plane[0] * input->shape[1] + plane[1]) * height + row) * width + column;
}

/* The sum over one channel's window of input times kernel. */
static double
correlate(const struct neuron_tensor_view *input, const int64_t plane[2],
          const struct window *window, const float *kernel)
{
    double total = 0.0;

    for (int64_t i = 0; i < window->rows * window->columns; i += 1) {
        const float *from =
            plane_element(input, plane, window->top + i / window->columns * window->row_step,
                          window->left + i % window->columns * window->column_step);

        total += from == NULL ? 0.0 : (double)*from * (double)kernel[i];
    }
    return total;
}

/* The window of an element of the output, given as [n,o,h,w]. */
static struct window
conv2d_window(const struct neuron_conv2d_options *options, const struct neuron_tensor_view *weights,
              const int64_t at[4])
{
    return (struct window){
        .top = at[2] * one_for_zero(options->strides[0]) - (int64_t)options->pads[0],
        .left = at[3] * one_for_zero(options->strides[1]) - (int64_t)options->pads[1],
        .row_step = one_for_zero(options->dilations[0]),
        .column_step = one_for_zero(options->dilations[1]),
        .rows = weights->shape[2],
        .columns = weights->shape[3],
    };
}

/* One element of a convolution, without bias. */
static double
convolve(const struct operator_choice *choice, const struct neuron_conv2d_options *options,
         const struct neuron_tensor_view *output, const int64_t at[4])
{
    const struct neuron_tensor_view *input = &choice->arguments->tensors[0];
    const struct neuron_tensor_view *weights = &choice->arguments->tensors[1];
    struct window window = conv2d_window(options, weights, at);
    int64_t channels = weights->shape[1];
    int64_t group = at[1] / (output->shape[1] / one_for_zero(options->groups));
    double total = 0.0;

    for (int64_t channel = 0; channel < channels; channel += 1) {
        const int64_t plane[2] = {at[0], group * channels + channel};
        const float *kernel = (const float *)weights->data +
                              (at[1] * channels + channel) * window.rows * window.columns;

        total += correlate(input, plane, &window, kernel);
    }
    return total;
}

/* Splits the position of an element of [N,C,H,W]. */
static void
split(const struct neuron_tensor_view *view, size_t position, int64_t at[4])
{
    for (size_t i = 4; i > 0; i -= 1) {
        at[i - 1] = (int64_t)(position % (size_t)view->shape[i - 1]);
        position /= (size_t)view->shape[i - 1];
    }
}

void
reference_conv2d(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    const struct neuron_conv2d_options plain = {.groups = 1};
    const struct neuron_conv2d_options *options = choice->conv2d != NULL ? choice->conv2d : &plain;
    const struct operator_arguments *arguments = choice->arguments;
    const float *bias = arguments->count > 2 ? arguments->tensors[2].data : NULL;
    size_t count = tensor_element_count(output);
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        int64_t at[4];
        double total = 0.0;

        split(output, i, at);
        total = convolve(choice, options, output, at);
        to[i] = (float)(total + (bias != NULL ? (double)bias[at[1]] : 0.0));
    }
}

static struct window
pool_window(const struct neuron_pool2d_options *options, const int64_t at[4])
{
    return (struct window){
        .top = at[2] * one_for_zero(options->strides[0]) - (int64_t)options->pads[0],
        .left = at[3] * one_for_zero(options->strides[1]) - (int64_t)options->pads[1],
        .row_step = 1,
        .column_step = 1,
        .rows = (int64_t)options->kernel[0],
        .columns = (int64_t)options->kernel[1],
    };
}

/* What a window holds: how many elements, their sum, and the largest. Padding is none. */
struct window_contents {
    int64_t count;
    double total;
    double largest;
};

static struct window_contents
look_into(const struct neuron_tensor_view *input, const struct window *window, const int64_t at[4])
{
    struct window_contents contents = {.largest = -INFINITY};

    for (int64_t i = 0; i < window->rows * window->columns; i += 1) {
        const float *from = plane_element(input, at, window->top + i / window->columns,
                                          window->left + i % window->columns);

        if (from != NULL) {
            contents.count += 1;
            contents.total += (double)*from;
            contents.largest = fmax(contents.largest, (double)*from);
        }
    }
    return contents;
}

void
reference_max_pool2d(const struct operator_choice *choice, const struct neuron_tensor_view *output)
{
    size_t count = tensor_element_count(output);
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        int64_t at[4];
        struct window window;

        split(output, i, at);
        window = pool_window(choice->pool2d, at);
        to[i] = (float)look_into(&choice->arguments->tensors[0], &window, at).largest;
    }
}

void
reference_average_pool2d(const struct operator_choice *choice,
                         const struct neuron_tensor_view *output)
{
    size_t count = tensor_element_count(output);
    float *to = output->data;

    for (size_t i = 0; i < count; i += 1) {
        int64_t at[4];
        struct window window;
        struct window_contents contents;

        split(output, i, at);
        window = pool_window(choice->pool2d, at);
        contents = look_into(&choice->arguments->tensors[0], &window, at);
        if (choice->pool2d->count_padding) {
            contents.count = window.rows * window.columns;
        }
        to[i] = (float)(contents.total / (double)contents.count);
    }
}
