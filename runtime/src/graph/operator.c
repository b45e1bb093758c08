/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/operator.h"

#include <stdio.h>

#include "graph/operator_table.h"

const char *
neuron_operator_name(enum neuron_operator kind)
{
    const char *name = neuron_operator_entry(kind)->name;

    if (name == NULL) {
        return kind == NEURON_OPERATOR_NONE ? "none" : "unknown operator";
    }
    return name;
}

bool
neuron_operator_is_activation(enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_RELU:
    case NEURON_OPERATOR_GELU:
    case NEURON_OPERATOR_SIGMOID:
    case NEURON_OPERATOR_TANH:
    case NEURON_OPERATOR_CLIP:
    case NEURON_OPERATOR_LEAKY_RELU:
    case NEURON_OPERATOR_ELU:
    case NEURON_OPERATOR_HARD_SWISH:
    case NEURON_OPERATOR_MISH:
    case NEURON_OPERATOR_SOFTPLUS:
    case NEURON_OPERATOR_GELU_TANH:
    case NEURON_OPERATOR_SWISH:
        return true;
    default:
        return false;
    }
}

bool
neuron_operator_is_elementwise(enum neuron_operator kind)
{
    return (kind >= NEURON_OPERATOR_ADD && kind <= NEURON_OPERATOR_TANH) ||
           (kind >= NEURON_OPERATOR_CLIP && kind <= NEURON_OPERATOR_WHERE);
}

enum neuron_status
neuron_infer_refuse(const struct neuron_application *application, const char *why,
                    struct neuron_error *error)
{
    char first[NEURON_SHAPE_TEXT_BYTES] = "";
    char second[NEURON_SHAPE_TEXT_BYTES] = "";

    (void)neuron_tensor_shape_format(&application->inputs[0], first, sizeof(first));
    if (application->input_count < 2) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: %s: %s", application->name, first,
                           why);
    }
    (void)neuron_tensor_shape_format(&application->inputs[1], second, sizeof(second));
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: %s and %s: %s", application->name,
                       first, second, why);
}

/* Writes a set of types as "float32, int64". */
static void
format_types(unsigned types, char *text, size_t room_bytes)
{
    size_t length = 0;

    for (unsigned type = NEURON_FLOAT32; type <= NEURON_BOOL; type += 1) {
        if ((types & 1U << type) != 0 && length < room_bytes) {
            length +=
                (size_t)snprintf(text + length, room_bytes - length, "%s%s",
                                 length == 0 ? "" : ", ", neuron_type_name((enum neuron_type)type));
        }
    }
}

static enum neuron_status
refuse_type(const struct neuron_application *application, unsigned types,
            struct neuron_error *error)
{
    char names[96] = "";
    char why[128] = "";

    format_types(types, names, sizeof(names));
    (void)snprintf(why, sizeof(why), "takes %s only", names);
    return neuron_infer_refuse(application, why, error);
}

/* Shapes are valid, empty ones only where they are taken, and types are those of the entry. */
static enum neuron_status
check_inputs(const struct neuron_application *application,
             const struct neuron_operator_entry *entry, struct neuron_error *error)
{
    for (uint32_t i = 0; i < application->input_count; i += 1) {
        const struct neuron_tensor_shape *input = &application->inputs[i];
        size_t count = 0;

        if (!neuron_tensor_shape_element_count(input, &count) ||
            (count == 0 && !entry->takes_empty)) {
            return neuron_infer_refuse(application,
                                       "a shape has an empty dimension or is too large", error);
        }
        if (i == 0 && (entry->types & 1U << input->type) == 0) {
            return refuse_type(application, entry->types, error);
        }
        if (!entry->mixes_types && input->type != application->inputs[0].type) {
            return entry->types == NEURON_TYPES_FLOAT32
                       ? refuse_type(application, entry->types, error)
                       : neuron_infer_refuse(application, "their types differ", error);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_activation(const struct neuron_application *application, struct neuron_error *error)
{
    enum neuron_operator activation = application->attributes->activation;

    if (activation == NEURON_OPERATOR_NONE) {
        return NEURON_OK;
    }
    if (!neuron_operator_is_activation(activation) ||
        (application->kind != NEURON_OPERATOR_MATMUL &&
         application->kind != NEURON_OPERATOR_CONV)) {
        return neuron_infer_refuse(application, "has no such activation", error);
    }
    return NEURON_OK;
}

/* A residual has the shape of the result that it is added to. */
static enum neuron_status
check_residual(const struct neuron_application *application,
               const struct neuron_tensor_shape *residual, const struct neuron_tensor_shape *result,
               struct neuron_error *error)
{
    if (application->kind != NEURON_OPERATOR_MATMUL && application->kind != NEURON_OPERATOR_CONV) {
        return neuron_infer_refuse(application, "has no residual", error);
    }
    if (result->type != NEURON_FLOAT32 || !neuron_tensor_shape_equals(residual, result)) {
        return neuron_infer_refuse(
            application, "the residual must have the shape of the result, in float32", error);
    }
    return NEURON_OK;
}

/* Bounds in their order; written so that one that is no number fails, too. */
static enum neuron_status
check_bounds(const struct neuron_application *application, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    bool is_clip =
        application->kind == NEURON_OPERATOR_CLIP || attributes->activation == NEURON_OPERATOR_CLIP;

    if (is_clip && !(attributes->low <= attributes->high)) {
        return neuron_infer_refuse(application, "the lower bound of clip is above the upper one",
                                   error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_operator_infer(enum neuron_operator kind, const struct neuron_attributes *attributes,
                      const struct neuron_tensor_shape *inputs, uint32_t input_count,
                      struct neuron_tensor_shape *output, struct neuron_error *error)
{
    struct neuron_application application = {.kind = kind,
                                             .name = neuron_operator_name(kind),
                                             .attributes = attributes,
                                             .inputs = inputs,
                                             .input_count = input_count};
    const struct neuron_operator_entry *entry = neuron_operator_entry(kind);
    struct neuron_tensor_shape inferred = {0};
    size_t count = 0;

    if (entry->infer == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "there is no operator %u",
                           (unsigned)kind);
    }
    application.input_count -= attributes->has_residual && input_count > 0 ? 1 : 0;
    if (application.input_count < entry->fewest_inputs ||
        application.input_count > entry->most_inputs) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: takes %u to %u inputs, not %u",
                           application.name, entry->fewest_inputs, entry->most_inputs,
                           application.input_count);
    }
    enum neuron_status status = check_inputs(&application, entry, error);
    if (status == NEURON_OK) {
        status = check_activation(&application, error);
    }
    if (status == NEURON_OK) {
        status = check_bounds(&application, error);
    }
    if (status == NEURON_OK) {
        inferred.type = input_count == 0 ? NEURON_FLOAT32 : inputs[0].type;
        status = entry->infer(&application, &inferred, error);
    }
    if (status == NEURON_OK && attributes->has_residual) {
        status = check_residual(&application, &inputs[input_count - 1], &inferred, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (!neuron_tensor_shape_element_count(&inferred, &count)) {
        return neuron_infer_refuse(&application, "the result is too large", error);
    }
    *output = inferred;
    return NEURON_OK;
}
