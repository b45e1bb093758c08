/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax, its logarithm, and hardmax, in double. */
#include <math.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/lane.h"
#include "engine/kernels/strip.h"

/* The largest element of a lane, and the first place that has it. What is no number, and so not
   even equal to itself, is taken for the largest. */
struct peak {
    double number;
    int64_t index;
};

static void
take_strip(const double *strip, int64_t first, size_t count, struct peak *peak)
{
    for (size_t i = 0; i < count; i += 1) {
        bool is_none = strip[i] != strip[i] && peak->number == peak->number;

        if (strip[i] > peak->number || is_none) {
            *peak = (struct peak){strip[i], first + (int64_t)i};
        }
    }
}

static struct peak
find_peak(const struct neuron_lane *lane)
{
    double strip[NEURON_STRIP_ELEMENTS];
    struct peak peak = {-(double)INFINITY, 0};

    for (int64_t done = 0; done < lane->count; done += NEURON_STRIP_ELEMENTS) {
        size_t count = neuron_lane_strip(lane, done);

        neuron_lane_load_real(lane, done, count, strip);
        take_strip(strip, done, count, &peak);
    }
    return peak;
}

/* The sum of the exponentials of what elements are below the peak. */
static double
add_exponentials(const struct neuron_lane *lane, double peak)
{
    double strip[NEURON_STRIP_ELEMENTS];
    double sum = 0.0;

    for (int64_t done = 0; done < lane->count; done += NEURON_STRIP_ELEMENTS) {
        size_t count = neuron_lane_strip(lane, done);

        neuron_lane_load_real(lane, done, count, strip);
        for (size_t i = 0; i < count; i += 1) {
            sum += exp(strip[i] - peak);
        }
    }
    return sum;
}

/* Turns elements into results. `first` is the index of the first of them in the lane. */
static void
transform(enum neuron_operator kind, const struct peak *peak, double sum, int64_t first,
          size_t count, double *strip)
{
    double shift = peak->number + log(sum);

    for (size_t i = 0; i < count; i += 1) {
        if (kind == NEURON_OPERATOR_SOFTMAX) {
            strip[i] = exp(strip[i] - peak->number) / sum;
        } else if (kind == NEURON_OPERATOR_LOG_SOFTMAX) {
            strip[i] = strip[i] - shift;
        } else {
            strip[i] = first + (int64_t)i == peak->index ? 1.0 : 0.0;
        }
    }
}

enum neuron_status
neuron_kernel_softmax(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    uint32_t axis = (uint32_t)call->attributes->axis;
    int64_t lanes = neuron_lane_count(&call->output, axis);
    double strip[NEURON_STRIP_ELEMENTS];

    (void)error;
    for (int64_t i = 0; i < lanes; i += 1) {
        struct neuron_lane from = neuron_lane_at(&call->inputs[0], axis, i);
        struct neuron_lane to = neuron_lane_at(&call->output, axis, i);
        struct peak peak = find_peak(&from);
        double sum =
            call->kind == NEURON_OPERATOR_HARDMAX ? 1.0 : add_exponentials(&from, peak.number);

        for (int64_t done = 0; done < from.count; done += NEURON_STRIP_ELEMENTS) {
            size_t count = neuron_lane_strip(&from, done);

            neuron_lane_load_real(&from, done, count, strip);
            transform(call->kind, &peak, sum, done, count, strip);
            neuron_lane_store_real(&to, done, count, strip);
        }
    }
    return NEURON_OK;
}
