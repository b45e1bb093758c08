/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of operators that move elements without changing them. */
#include "graph/infer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum neuron_status
neuron_infer_reshape(const struct neuron_application *application,
                     struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    const struct neuron_tensor_shape *input = &application->inputs[0];
    size_t input_elements = 0;
    size_t output_elements = 0;

    *output = (struct neuron_tensor_shape){.type = input->type, .rank = attributes->rank};
    if (attributes->rank <= NEURON_RANK_LIMIT) {
        memcpy(output->dims, attributes->dims, attributes->rank * sizeof(output->dims[0]));
    }
    if (!neuron_tensor_shape_element_count(input, &input_elements) ||
        !neuron_tensor_shape_element_count(output, &output_elements) ||
        input_elements != output_elements) {
        char wanted[NEURON_SHAPE_TEXT_BYTES] = "";
        char why[NEURON_SHAPE_TEXT_BYTES + 64] = "";

        (void)neuron_tensor_shape_format(output, wanted, sizeof(wanted));
        (void)snprintf(why, sizeof(why), "does not have the number of elements of %s", wanted);
        return neuron_infer_refuse(application, why, error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_transpose(const struct neuron_application *application,
                       struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const uint32_t *order = application->attributes->order;
    uint32_t seen = 0;

    output->type = input->type;
    output->rank = input->rank;
    for (uint32_t i = 0; i < input->rank; i += 1) {
        if (order[i] >= input->rank || (seen & (1U << order[i])) != 0) {
            return neuron_infer_refuse(application, "the order must name each dimension once",
                                       error);
        }
        seen |= 1U << order[i];
        output->dims[i] = input->dims[order[i]];
    }
    return NEURON_OK;
}

/* Says whether two shapes differ at most along one axis. */
static bool
can_join(const struct neuron_tensor_shape *left, const struct neuron_tensor_shape *right,
         uint32_t axis)
{
    if (left->rank != right->rank) {
        return false;
    }
    for (uint32_t i = 0; i < left->rank; i += 1) {
        if (i != axis && left->dims[i] != right->dims[i]) {
            return false;
        }
    }
    return true;
}

enum neuron_status
neuron_infer_concat(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *inputs = application->inputs;
    int32_t axis = application->attributes->axis;
    char why[96] = "";

    if (axis < 0 || (uint32_t)axis >= inputs[0].rank) {
        (void)snprintf(why, sizeof(why), "has no axis %" PRId32, axis);
        return neuron_infer_refuse(application, why, error);
    }
    *output = inputs[0];
    for (uint32_t i = 1; i < application->input_count; i += 1) {
        /* The error shows the two that do not fit, which are not always the first two. */
        struct neuron_tensor_shape pair[2] = {inputs[0], inputs[i]};
        struct neuron_application shown = *application;

        shown.inputs = pair;
        if (!can_join(&inputs[0], &inputs[i], (uint32_t)axis)) {
            (void)snprintf(why, sizeof(why), "differ in another dimension than axis %" PRId32,
                           axis);
            return neuron_infer_refuse(&shown, why, error);
        }
        if (__builtin_add_overflow(output->dims[axis], inputs[i].dims[axis], &output->dims[axis])) {
            return neuron_infer_refuse(&shown, "the result is too large", error);
        }
    }
    return NEURON_OK;
}
