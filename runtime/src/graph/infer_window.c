/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators that move a window over the dimensions behind batch and channels. */
#include "graph/infer.h"

#include <inttypes.h>
#include <stdio.h>

#include "graph/window.h"

/* Dimensions that the window moves over; 0 where the input has too few or too many. */
static uint32_t
count_directions(const struct neuron_tensor_shape *input)
{
    return input->rank < 3 || input->rank > 2 + NEURON_SPATIAL_LIMIT ? 0 : input->rank - 2;
}

static enum neuron_status
refuse_window(const struct neuron_application *application, const struct neuron_window *window,
              struct neuron_error *error)
{
    char why[160] = "";

    (void)snprintf(why, sizeof(why),
                   "a window of %" PRId64 " (stride %" PRId64 ", dilation %" PRId64
                   ") does not fit %" PRId64 " elements padded by %" PRId64 " and %" PRId64,
                   window->kernel, window->stride, window->dilation, window->extent,
                   window->pad_before, window->pad_after);
    return neuron_infer_refuse(application, why, error);
}

/*
 * Channels of input and weights: those of a convolution are [O,C/groups,...], those of its
 * transposition [C,O/groups,...].
 */
static enum neuron_status
check_channels(const struct neuron_application *application, bool is_transposed,
               int64_t *output_channels, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *weights = &application->inputs[1];
    int64_t groups = application->attributes->groups;
    int64_t whole = weights->dims[0];
    int64_t grouped = 0;

    if (groups < 1 || __builtin_mul_overflow(weights->dims[1], groups, &grouped) ||
        (is_transposed ? whole : grouped) != input->dims[1] || whole % groups != 0) {
        char why[128] = "";

        (void)snprintf(why, sizeof(why),
                       "the input has %" PRId64 " channels, which does not go with the weights in "
                       "%" PRId64 " groups",
                       input->dims[1], groups);
        return neuron_infer_refuse(application, why, error);
    }
    *output_channels = is_transposed ? grouped : whole;
    if (application->input_count == 3 &&
        (application->inputs[2].rank != 1 || application->inputs[2].dims[0] != *output_channels)) {
        return neuron_infer_refuse(application, "the bias must have one number per output channel",
                                   error);
    }
    return NEURON_OK;
}

/* Checks all of a convolution but its window, and sets batch and channels of the result. */
static enum neuron_status
begin_conv(const struct neuron_application *application, bool is_transposed,
           struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];

    if (count_directions(input) == 0 || application->inputs[1].rank != input->rank) {
        return neuron_infer_refuse(application,
                                   "the input must be [N,C,...] and the weights of the same rank, "
                                   "with 1 to 3 dimensions behind the channels",
                                   error);
    }
    output->rank = input->rank;
    output->dims[0] = input->dims[0];
    return check_channels(application, is_transposed, &output->dims[1], error);
}

enum neuron_status
neuron_infer_conv(const struct neuron_application *application, struct neuron_tensor_shape *output,
                  struct neuron_error *error)
{
    enum neuron_status status = begin_conv(application, false, output, error);

    for (uint32_t i = 0; status == NEURON_OK && i < output->rank - 2; i += 1) {
        struct neuron_window window = neuron_window_of_conv(
            application->attributes, &application->inputs[0], &application->inputs[1], i);

        output->dims[2 + i] = neuron_window_places(&window);
        if (output->dims[2 + i] < 1) {
            return refuse_window(application, &window, error);
        }
    }
    return status;
}

enum neuron_status
neuron_infer_conv_transpose(const struct neuron_application *application,
                            struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    enum neuron_status status = begin_conv(application, true, output, error);

    for (uint32_t i = 0; status == NEURON_OK && i < output->rank - 2; i += 1) {
        struct neuron_window window =
            neuron_window_of_conv(attributes, &application->inputs[0], &application->inputs[1], i);
        int64_t covered = neuron_window_covered(&window);
        int64_t reached = 0;

        if (covered == 0 || __builtin_mul_overflow(window.extent - 1, window.stride, &reached) ||
            __builtin_add_overflow(reached, covered, &reached)) {
            return refuse_window(application, &window, error);
        }
        output->dims[2 + i] = attributes->dims[i];
        if (attributes->dims[i] < 1) {
            return neuron_infer_refuse(application, "the result has an extent below 1", error);
        }
    }
    return status;
}

/*
 * Each window of a pooling sees an element of the input. Where the elements are as far apart as
 * the dilation at least, a window that reaches over one end sees that end.
 */
static enum neuron_status
check_pool_direction(const struct neuron_application *application,
                     const struct neuron_window *window, int64_t places, struct neuron_error *error)
{
    bool has_padding = window->pad_before > 0 || window->pad_after > 0 ||
                       neuron_window_pad_used(window, places) > 0;

    if (places < 1) {
        return refuse_window(application, window, error);
    }
    if (has_padding && (window->pad_before >= neuron_window_covered(window) ||
                        (places - 1) * window->stride - window->pad_before >= window->extent ||
                        (window->kernel > 1 && window->dilation > window->extent))) {
        return neuron_infer_refuse(application, "padding must be smaller than the window", error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_pool(const struct neuron_application *application, struct neuron_tensor_shape *output,
                  struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_attributes *attributes = application->attributes;
    enum neuron_status status = NEURON_OK;

    if (count_directions(input) == 0) {
        return neuron_infer_refuse(
            application, "the input must be [N,C,...] with 1 to 3 dimensions more", error);
    }
    if (application->kind == NEURON_OPERATOR_LP_POOL &&
        !(attributes->alpha >= 1.0F && attributes->alpha <= 1024.0F)) {
        return neuron_infer_refuse(application, "the power must be from 1 to 1024", error);
    }
    int64_t taps = 1;
    *output = *input;
    output->type =
        application->kind == NEURON_OPERATOR_MAX_POOL_INDICES ? NEURON_INT64 : input->type;
    for (uint32_t i = 0; status == NEURON_OK && i < input->rank - 2; i += 1) {
        struct neuron_window window = neuron_window_of_pool(attributes, input, i);

        output->dims[2 + i] = neuron_window_places(&window);
        status = check_pool_direction(application, &window, output->dims[2 + i], error);
        if (status == NEURON_OK && __builtin_mul_overflow(taps, window.kernel, &taps)) {
            return neuron_infer_refuse(application, "the window is too large", error);
        }
    }
    return status;
}

enum neuron_status
neuron_infer_max_unpool(const struct neuron_application *application,
                        struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    struct neuron_tensor_shape indices = application->inputs[1];
    struct neuron_tensor_shape counted = *input;
    bool is_good = indices.type == NEURON_INT64;
    size_t count = 0;

    indices.type = input->type;
    is_good = is_good && count_directions(input) > 0 && neuron_tensor_shape_equals(input, &indices);
    *output = *input;
    for (uint32_t i = 0; i < input->rank; i += 1) {
        counted.dims[i] = application->attributes->starts[i];
        output->dims[i] = application->attributes->dims[i];
        is_good = is_good && counted.dims[i] >= 1 && counted.dims[i] <= output->dims[i];
    }
    if (!is_good || !neuron_tensor_shape_element_count(&counted, &count)) {
        return neuron_infer_refuse(application,
                                   "needs an int64 index for each element, and a result that all "
                                   "of them fit into",
                                   error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_lrn(const struct neuron_application *application, struct neuron_tensor_shape *output,
                 struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;

    if (application->inputs[0].rank < 2 || attributes->kernel[0] < 1 ||
        attributes->kernel[0] > INT32_MAX) {
        return neuron_infer_refuse(application, "needs channels, and a size from 1 on", error);
    }
    *output = application->inputs[0];
    return NEURON_OK;
}
