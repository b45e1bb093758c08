/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Local response normalization across channels, in double. The scratch memory holds the squares of
 * all channels at a strip of places, and then their sums.
 */
#include <math.h>
#include <string.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/reals.h"
#include "engine/kernels/strip.h"

/* A strip of places of one element of the batch. */
struct response {
    const struct neuron_kernel_call *call;
    int64_t first; /* position of the strip in channel 0 */
    int64_t plane; /* from a channel to the next */
    int64_t channels;
    size_t count;
    double *numbers; /* a strip for each channel */
};

static void
load(const struct response *response)
{
    const struct neuron_tensor_view *input = &response->call->inputs[0];

    for (int64_t i = 0; i < response->channels; i += 1) {
        neuron_strip_load_real(input->type,
                               neuron_element(input, response->first + i * response->plane), 1,
                               response->count, response->numbers + i * NEURON_STRIP_ELEMENTS);
    }
}

/* The sum of squares over the channels around one. */
static void
sum_squares(const struct response *response, int64_t channel, double *sums)
{
    int64_t size = response->call->attributes->kernel[0];
    int64_t first = channel - (size - 1) / 2;
    int64_t last = channel + size / 2;

    first = first < 0 ? 0 : first;
    last = last >= response->channels ? response->channels - 1 : last;
    memset(sums, 0, NEURON_STRIP_ELEMENTS * sizeof(*sums));
    for (int64_t i = first; i <= last; i += 1) {
        const double *numbers = response->numbers + i * NEURON_STRIP_ELEMENTS;

        for (size_t j = 0; j < response->count; j += 1) {
            sums[j] += numbers[j] * numbers[j];
        }
    }
}

/* x / (bias + alpha / size * sum) ^ beta; three quarters, which every network has, by roots. */
static void
normalize(const struct response *response, int64_t channel, double *sums)
{
    const struct neuron_attributes *attributes = response->call->attributes;
    const double *numbers = response->numbers + channel * NEURON_STRIP_ELEMENTS;
    double factor = (double)attributes->alpha / (double)attributes->kernel[0];

    for (size_t i = 0; i < response->count; i += 1) {
        sums[i] = (double)attributes->low + factor * sums[i];
    }
    for (size_t i = 0; i < response->count; i += 1) {
        sums[i] = attributes->beta == 0.75F ? sqrt(sums[i]) * sqrt(sqrt(sums[i]))
                                            : pow(sums[i], (double)attributes->beta);
    }
    for (size_t i = 0; i < response->count; i += 1) {
        sums[i] = numbers[i] / sums[i];
    }
}

size_t
neuron_kernel_lrn_scratch(const struct neuron_kernel_call *call)
{
    return sizeof(double) * NEURON_STRIP_ELEMENTS * (size_t)call->output.shape[1];
}

static void
run_strip(const struct response *response)
{
    const struct neuron_tensor_view *output = &response->call->output;
    double sums[NEURON_STRIP_ELEMENTS];

    load(response);
    for (int64_t i = 0; i < response->channels; i += 1) {
        sum_squares(response, i, sums);
        normalize(response, i, sums);
        neuron_strip_store_real(
            output->type, neuron_output_element(output, response->first + i * response->plane),
            response->count, sums);
    }
}

enum neuron_status
neuron_kernel_lrn(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    int64_t batch = call->output.shape[0];
    int64_t channels = call->output.shape[1];
    int64_t plane = neuron_view_count(&call->output) / batch / channels;
    struct response response = {
        .call = call, .plane = plane, .channels = channels, .numbers = call->scratch};

    (void)error;
    for (int64_t i = 0; i < batch; i += 1) {
        for (int64_t done = 0; done < plane; done += NEURON_STRIP_ELEMENTS) {
            int64_t rest = plane - done;

            response.first = i * channels * plane + done;
            response.count =
                rest < NEURON_STRIP_ELEMENTS ? (size_t)rest : (size_t)NEURON_STRIP_ELEMENTS;
            run_strip(&response);
        }
    }
    return NEURON_OK;
}
