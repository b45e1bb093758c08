/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolution and its transposition, in double: for types that oneDNN does not take, for windows
 * that it has no kernel for, and for constants. The scratch memory holds the weights, the channels
 * of one element of the batch, and the plane of the result that is being summed.
 */
#include "engine/kernels/reals.h"
#include "engine/kernels/window_walk.h"

/* What a row of taps needs: where it reads, where it adds, and the weights of the window. */
struct product {
    const double *from;
    double *to;
    const double *weights;
};

/* How the channels of a convolution hang together. */
struct channels {
    int64_t groups;
    int64_t inputs;  /* of a group */
    int64_t outputs; /* of a group */
};

static struct channels
channels_of(const struct neuron_kernel_call *call)
{
    int64_t groups = call->attributes->groups;

    return (struct channels){.groups = groups,
                             .inputs = call->inputs[0].shape[1] / groups,
                             .outputs = call->output.shape[1] / groups};
}

static bool
is_transposed(const struct neuron_kernel_call *call)
{
    return call->kind == NEURON_OPERATOR_CONV_TRANSPOSE;
}

/* The elements of one channel of the input, and of one of the output. */
static int64_t
plane_of(const struct neuron_tensor_view *view)
{
    return neuron_view_count(view) / view->shape[0] / view->shape[1];
}

/* Each place takes from an element. */
static void
gather_row(const struct neuron_tap_row *row, void *user)
{
    const struct product *product = user;
    const double *from = product->from + row->element;
    double *to = product->to + row->place;
    double weight = product->weights[row->tap];

    if (row->step == 1) {
        for (int64_t i = 0; i < row->count; i += 1) {
            to[i] += weight * from[i];
        }
        return;
    }
    for (int64_t i = 0; i < row->count; i += 1) {
        to[i] += weight * from[i * row->step];
    }
}

/* Each place gives to an element. */
static void
spread_row(const struct neuron_tap_row *row, void *user)
{
    const struct product *product = user;
    const double *from = product->from + row->place;
    double *to = product->to + row->element;
    double weight = product->weights[row->tap];

    for (int64_t i = 0; i < row->count; i += 1) {
        to[i * row->step] += weight * from[i];
    }
}

/* Sums one channel of the result. */
static void
sum_channel(const struct neuron_kernel_call *call, const struct neuron_window_walk *walk,
            int64_t output, const struct product *whole)
{
    const struct channels channels = channels_of(call);
    int64_t group = output / channels.outputs;
    int64_t taps = neuron_window_walk_taps(walk);
    int64_t plane = plane_of(&call->inputs[0]);

    for (int64_t i = 0; i < channels.inputs; i += 1) {
        int64_t input = group * channels.inputs + i;
        int64_t window = is_transposed(call) ? input * channels.outputs + output % channels.outputs
                                             : output * channels.inputs + i;
        struct product product = {.from = whole->from + input * plane,
                                  .to = whole->to,
                                  .weights = whole->weights + window * taps};

        neuron_window_walk_run(walk, is_transposed(call) ? spread_row : gather_row, &product);
    }
}

/* Applies the activation behind the convolution to the result, in place. */
static enum neuron_status
activate(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_kernel_call activation = {.kind = call->attributes->activation,
                                                  .attributes = call->attributes,
                                                  .inputs = &call->output,
                                                  .input_count = 1,
                                                  .output = call->output};

    /* It loads each strip before it stores that one. */
    return activation.kind == NEURON_OPERATOR_NONE ? NEURON_OK
                                                   : neuron_kernel_unary(&activation, error);
}

size_t
neuron_kernel_convolution_scratch(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *input = &call->inputs[0];

    return sizeof(double) *
           (size_t)(neuron_view_count(&call->inputs[1]) +
                    neuron_view_count(input) / input->shape[0] + plane_of(&call->output));
}

/* Begins one channel of the result with its bias. */
static void
begin_channel(const struct neuron_kernel_call *call, int64_t channel, double *sum)
{
    int64_t plane = plane_of(&call->output);
    double bias = 0.0;

    if (call->input_count == 3) {
        neuron_reals_load(&call->inputs[2], channel, 1, &bias);
    }
    for (int64_t i = 0; i < plane; i += 1) {
        sum[i] = bias;
    }
}

enum neuron_status
neuron_kernel_convolution(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    const struct neuron_window_walk walk = is_transposed(call)
                                               ? neuron_window_walk_of_conv_transpose(call)
                                               : neuron_window_walk_of_conv(call);
    int64_t weight_count = neuron_view_count(&call->inputs[1]);
    int64_t image = neuron_view_count(input) / input->shape[0];
    int64_t plane = plane_of(&call->output);
    int64_t channels = call->output.shape[1];
    double *weights = call->scratch;
    double *from = weights + weight_count;
    double *sum = from + image;
    const struct product product = {.from = from, .to = sum, .weights = weights};

    neuron_reals_load(&call->inputs[1], 0, weight_count, weights);
    for (int64_t i = 0; i < input->shape[0] * channels; i += 1) {
        if (i % channels == 0) {
            neuron_reals_load(input, i / channels * image, image, from);
        }
        begin_channel(call, i % channels, sum);
        sum_channel(call, &walk, i % channels, &product);
        neuron_reals_store(&call->output, i * plane, plane, sum);
    }
    return activate(call, error);
}
