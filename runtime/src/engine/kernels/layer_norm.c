/* SPDX-License-Identifier: Apache-2.0 */
/* Layer normalization in double; the scratch memory holds a row, scale and shift. */
#include <math.h>

#include "engine/kernels/kernel.h"
#include "engine/kernels/reals.h"

/* Elements that are normalized together. */
static int64_t
row_length(const struct neuron_kernel_call *call)
{
    const struct neuron_tensor_view *input = &call->inputs[0];
    int64_t length = 1;

    for (uint32_t i = (uint32_t)call->attributes->axis; i < input->rank; i += 1) {
        length *= input->shape[i];
    }
    return length;
}

/* Mean, and one over the deviation. */
struct moments {
    double mean;
    double inverse_deviation;
};

static struct moments
find_moments(const double *row, int64_t length, double epsilon)
{
    struct moments moments = {.mean = 0.0};
    double variance = 0.0;

    for (int64_t i = 0; i < length; i += 1) {
        moments.mean += row[i];
    }
    moments.mean /= (double)length;
    for (int64_t i = 0; i < length; i += 1) {
        variance += (row[i] - moments.mean) * (row[i] - moments.mean);
    }
    moments.inverse_deviation = 1.0 / sqrt(variance / (double)length + epsilon);
    return moments;
}

/* Normalizes in place; scale and shift may be NULL. */
static void
normalize(double *row, int64_t length, const struct moments *moments, const double *factors,
          uint32_t factor_count)
{
    for (int64_t i = 0; i < length; i += 1) {
        row[i] = (row[i] - moments->mean) * moments->inverse_deviation;
    }
    for (int64_t i = 0; factor_count > 0 && i < length; i += 1) {
        row[i] *= factors[i];
    }
    for (int64_t i = 0; factor_count > 1 && i < length; i += 1) {
        row[i] += factors[length + i];
    }
}

size_t
neuron_kernel_layer_norm_scratch(const struct neuron_kernel_call *call)
{
    return sizeof(double) * 3 * (size_t)row_length(call);
}

enum neuron_status
neuron_kernel_layer_norm(const struct neuron_kernel_call *call, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = call->attributes;
    int64_t length = row_length(call);
    int64_t rows = neuron_view_count(&call->inputs[0]) / length;
    double *row = call->scratch;
    double *factors = row + length;

    (void)error;
    for (uint32_t i = 1; i < call->input_count; i += 1) {
        neuron_reals_load(&call->inputs[i], 0, length, factors + (i - 1) * length);
    }
    for (int64_t i = 0; i < rows; i += 1) {
        neuron_reals_load(&call->inputs[0], i * length, length, row);
        const struct moments moments = find_moments(row, length, (double)attributes->epsilon);

        if (attributes->mode == NEURON_LAYER_NORM_MEAN) {
            neuron_reals_store(&call->output, i, 1, &moments.mean);
        } else if (attributes->mode == NEURON_LAYER_NORM_INVERSE_DEVIATION) {
            neuron_reals_store(&call->output, i, 1, &moments.inverse_deviation);
        } else {
            normalize(row, length, &moments, factors, call->input_count - 1);
            neuron_reals_store(&call->output, i * length, length, row);
        }
    }
    return NEURON_OK;
}
