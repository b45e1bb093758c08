/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators that choose, repeat or rearrange elements by attributes. */
#include "graph/infer.h"

#include <string.h>

/* Far below where a sum of two overflows. */
static const int64_t position_limit = (int64_t)1 << 60;

/* Fills in a result of the first input's rank with the dims of the attributes. */
static bool
take_dims(const struct neuron_application *application, struct neuron_tensor_shape *output)
{
    *output = application->inputs[0];
    for (uint32_t i = 0; i < output->rank; i += 1) {
        output->dims[i] = application->attributes->dims[i];
        if (output->dims[i] < 0 || output->dims[i] > position_limit) {
            return false;
        }
    }
    return true;
}

/* Says whether all that is cut out of a dimension is inside of it. */
static bool
is_inside(const struct neuron_attributes *attributes, uint32_t dimension, int64_t dim)
{
    int64_t start = attributes->starts[dimension];
    int64_t last = 0;

    if (attributes->dims[dimension] == 0) {
        return true;
    }
    return start >= 0 && start < dim && attributes->steps[dimension] != 0 &&
           !__builtin_mul_overflow(attributes->dims[dimension] - 1, attributes->steps[dimension],
                                   &last) &&
           !__builtin_add_overflow(last, start, &last) && last >= 0 && last < dim;
}

enum neuron_status
neuron_infer_slice(const struct neuron_application *application, struct neuron_tensor_shape *output,
                   struct neuron_error *error)
{
    if (!take_dims(application, output)) {
        return neuron_infer_refuse(application, "a dimension of the slice is none", error);
    }
    for (uint32_t i = 0; i < output->rank; i += 1) {
        if (!is_inside(application->attributes, i, application->inputs[0].dims[i])) {
            return neuron_infer_refuse(application, "the slice reaches outside", error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_expand(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    const struct neuron_tensor_shape *input = &application->inputs[0];

    if (attributes->rank > NEURON_RANK_LIMIT || attributes->rank < input->rank) {
        return neuron_infer_refuse(application, "the new shape has too few dimensions, or too many",
                                   error);
    }
    output->rank = attributes->rank;
    memcpy(output->dims, attributes->dims, attributes->rank * sizeof(output->dims[0]));
    for (uint32_t i = 0; i < input->rank; i += 1) {
        int64_t dim = input->dims[input->rank - 1 - i];

        if (dim != 1 && dim != output->dims[output->rank - 1 - i]) {
            return neuron_infer_refuse(application, "does not broadcast to the new shape", error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_tile(const struct neuron_application *application, struct neuron_tensor_shape *output,
                  struct neuron_error *error)
{
    *output = application->inputs[0];
    for (uint32_t i = 0; i < output->rank; i += 1) {
        int64_t times = application->attributes->dims[i];

        if (times < 0 || __builtin_mul_overflow(output->dims[i], times, &output->dims[i])) {
            return neuron_infer_refuse(
                application, "a count of repetitions is negative, or makes it too large", error);
        }
    }
    return NEURON_OK;
}

/* Far more than any padding, and far below where a sum of a few overflows. */
static bool
is_moderate(int64_t number)
{
    return number >= -position_limit && number <= position_limit;
}

enum neuron_status
neuron_infer_pad(const struct neuron_application *application, struct neuron_tensor_shape *output,
                 struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    const struct neuron_tensor_shape *input = &application->inputs[0];
    size_t input_count = 0;
    size_t output_count = 0;

    if (attributes->mode > NEURON_PAD_EDGE) {
        return neuron_infer_refuse(application, "there is no such mode", error);
    }
    if (!take_dims(application, output)) {
        return neuron_infer_refuse(application, "more is taken away than there is", error);
    }
    for (uint32_t i = 0; i < input->rank; i += 1) {
        if (!is_moderate(attributes->starts[i]) || !is_moderate(input->dims[i])) {
            return neuron_infer_refuse(application, "it is padded too far", error);
        }
    }
    if (application->input_count == 2) {
        size_t count = 0;

        if (!neuron_tensor_shape_element_count(&application->inputs[1], &count) || count != 1) {
            return neuron_infer_refuse(application, "the value is not one element", error);
        }
    }
    if (!neuron_tensor_shape_element_count(output, &output_count)) {
        return neuron_infer_refuse(application, "the result is too large", error);
    }
    if (neuron_tensor_shape_element_count(input, &input_count) && input_count == 0 &&
        output_count > 0 && attributes->mode != NEURON_PAD_CONSTANT) {
        return neuron_infer_refuse(application, "there is nothing to reflect", error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_trilu(const struct neuron_application *application, struct neuron_tensor_shape *output,
                   struct neuron_error *error)
{
    *output = application->inputs[0];
    if (output->rank < 2 || application->attributes->mode > 1) {
        return neuron_infer_refuse(application, "has no matrices, or there is no such mode", error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_reverse_sequence(const struct neuron_application *application,
                              struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *lengths = &application->inputs[1];
    int64_t time_axis = application->attributes->axis;
    int64_t batch_axis = application->attributes->starts[0];

    if (time_axis < 0 || batch_axis < 0 || time_axis >= (int64_t)input->rank ||
        batch_axis >= (int64_t)input->rank || time_axis == batch_axis) {
        return neuron_infer_refuse(application, "the axes of time and batch are not two of them",
                                   error);
    }
    if ((lengths->type != NEURON_INT64 && lengths->type != NEURON_INT32) || lengths->rank != 1 ||
        lengths->dims[0] != input->dims[batch_axis]) {
        return neuron_infer_refuse(application,
                                   "lengths are of int32 or int64, one for each sequence", error);
    }
    *output = *input;
    return NEURON_OK;
}
