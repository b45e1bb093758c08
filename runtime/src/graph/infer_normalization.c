/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of normalizations. */
#include "graph/infer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Scale and shift have the shape of the dimensions that are normalized. */
static enum neuron_status
check_factors(const struct neuron_application *application, uint32_t axis,
              struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    uint32_t rank = input->rank - axis;

    for (uint32_t i = 1; i < application->input_count; i += 1) {
        const struct neuron_tensor_shape *factor = &application->inputs[i];

        if (factor->rank != rank ||
            memcmp(factor->dims, input->dims + axis, rank * sizeof(factor->dims[0])) != 0) {
            return neuron_infer_refuse(
                application, "scale and shift must have the shape of the normalized dimensions",
                error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_layer_norm(const struct neuron_application *application,
                        struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_attributes *attributes = application->attributes;
    int32_t axis = attributes->axis;
    bool is_result = attributes->mode == NEURON_LAYER_NORM_RESULT;

    if (axis < 0 || (uint32_t)axis >= input->rank) {
        char why[96] = "";

        (void)snprintf(why, sizeof(why), "has no axis %" PRId32, axis);
        return neuron_infer_refuse(application, why, error);
    }
    /* Written so that an epsilon that is no number fails, too. */
    if (!(attributes->epsilon >= 0.0F)) {
        return neuron_infer_refuse(application, "epsilon must not be negative", error);
    }
    if (attributes->mode > NEURON_LAYER_NORM_INVERSE_DEVIATION ||
        (!is_result && application->input_count != 1)) {
        return neuron_infer_refuse(application, "there is no such mode of so many inputs", error);
    }
    *output = *input;
    for (uint32_t i = (uint32_t)axis; !is_result && i < input->rank; i += 1) {
        output->dims[i] = 1;
    }
    return check_factors(application, (uint32_t)axis, error);
}
