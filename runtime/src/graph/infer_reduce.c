/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of reductions, and of operators along one axis. */
#include "graph/infer.h"

/* Says whether a reduction of nothing is nothing that a number stands for. */
static bool
needs_elements(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_REDUCE_MEAN || kind == NEURON_OPERATOR_REDUCE_MIN ||
           kind == NEURON_OPERATOR_REDUCE_MAX;
}

enum neuron_status
neuron_infer_reduce(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    uint32_t axes = application->attributes->axes;

    if (axes >> input->rank != 0) {
        return neuron_infer_refuse(application, "there is no such axis", error);
    }
    output->rank = 0;
    for (uint32_t i = 0; i < input->rank; i += 1) {
        bool is_reduced = (axes & 1U << i) != 0;

        if (is_reduced && input->dims[i] == 0 && needs_elements(application->kind)) {
            return neuron_infer_refuse(application, "the dimension that is reduced is empty",
                                       error);
        }
        if (!is_reduced || application->attributes->keep_dims) {
            output->dims[output->rank] = is_reduced ? 1 : input->dims[i];
            output->rank += 1;
        }
    }
    return NEURON_OK;
}

/* Says whether the axis is one of the input. */
static bool
has_axis(const struct neuron_application *application)
{
    int32_t axis = application->attributes->axis;

    return axis >= 0 && (uint32_t)axis < application->inputs[0].rank;
}

enum neuron_status
neuron_infer_arg(const struct neuron_application *application, struct neuron_tensor_shape *output,
                 struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];

    if (!has_axis(application) || input->dims[application->attributes->axis] == 0 ||
        application->attributes->mode > 1) {
        return neuron_infer_refuse(
            application, "there is no such axis or mode, or nothing to choose from", error);
    }
    output->type = NEURON_INT64;
    for (uint32_t i = 0; i < input->rank; i += 1) {
        bool is_axis = i == (uint32_t)application->attributes->axis;

        if (!is_axis || application->attributes->keep_dims) {
            output->dims[output->rank] = is_axis ? 1 : input->dims[i];
            output->rank += 1;
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_cum_sum(const struct neuron_application *application,
                     struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const uint32_t all = NEURON_CUM_SUM_EXCLUSIVE | NEURON_CUM_SUM_REVERSE;

    if (!has_axis(application) || application->attributes->mode > all) {
        return neuron_infer_refuse(application, "there is no such axis or mode", error);
    }
    *output = application->inputs[0];
    return NEURON_OK;
}

enum neuron_status
neuron_infer_top_k(const struct neuron_application *application, struct neuron_tensor_shape *output,
                   struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;

    *output = application->inputs[0];
    output->type = NEURON_INT64;
    if (!has_axis(application) || attributes->mode > 1 || attributes->dims[0] < 0 ||
        attributes->dims[0] > output->dims[attributes->axis]) {
        return neuron_infer_refuse(application,
                                   "there is no such axis or mode, or it has fewer elements than "
                                   "are wanted",
                                   error);
    }
    output->dims[attributes->axis] = attributes->dims[0];
    return NEURON_OK;
}
