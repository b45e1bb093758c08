/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/operator.h"

#include <stdio.h>

#include "graph/infer.h"

/* What is known of each operator, by its code. */
static const struct {
    const char *name;
    uint32_t fewest_inputs;
    uint32_t most_inputs;
    neuron_infer_fn *infer;
} operators[NEURON_OPERATOR_END] = {
    [NEURON_OPERATOR_NONE] = {"none", 0, 0, NULL},
    [NEURON_OPERATOR_ADD] = {"add", 2, 2, neuron_infer_binary},
    [NEURON_OPERATOR_SUBTRACT] = {"subtract", 2, 2, neuron_infer_binary},
    [NEURON_OPERATOR_MULTIPLY] = {"multiply", 2, 2, neuron_infer_binary},
    [NEURON_OPERATOR_DIVIDE] = {"divide", 2, 2, neuron_infer_binary},
    [NEURON_OPERATOR_RELU] = {"relu", 1, 1, neuron_infer_unary},
    [NEURON_OPERATOR_GELU] = {"gelu", 1, 1, neuron_infer_unary},
    [NEURON_OPERATOR_SIGMOID] = {"sigmoid", 1, 1, neuron_infer_unary},
    [NEURON_OPERATOR_TANH] = {"tanh", 1, 1, neuron_infer_unary},
    [NEURON_OPERATOR_SOFTMAX] = {"softmax", 1, 1, neuron_infer_softmax},
    [NEURON_OPERATOR_LAYER_NORM] = {"layer_norm", 3, 3, neuron_infer_layer_norm},
    [NEURON_OPERATOR_MATMUL] = {"matmul", 2, 3, neuron_infer_matmul},
    [NEURON_OPERATOR_CONV2D] = {"conv2d", 2, 3, neuron_infer_conv2d},
    [NEURON_OPERATOR_MAX_POOL2D] = {"max_pool2d", 1, 1, neuron_infer_pool2d},
    [NEURON_OPERATOR_AVERAGE_POOL2D] = {"average_pool2d", 1, 1, neuron_infer_pool2d},
    [NEURON_OPERATOR_RESHAPE] = {"reshape", 1, 1, neuron_infer_reshape},
    [NEURON_OPERATOR_TRANSPOSE] = {"transpose", 1, 1, neuron_infer_transpose},
    [NEURON_OPERATOR_CONCAT] = {"concat", 1, UINT32_MAX, neuron_infer_concat},
    [NEURON_OPERATOR_CLIP] = {"clip", 1, 1, neuron_infer_unary},
};

static bool
is_operator(enum neuron_operator kind)
{
    return (uint32_t)kind < NEURON_OPERATOR_END;
}

const char *
neuron_operator_name(enum neuron_operator kind)
{
    return is_operator(kind) ? operators[kind].name : "unknown operator";
}

bool
neuron_operator_is_activation(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_RELU || kind == NEURON_OPERATOR_GELU ||
           kind == NEURON_OPERATOR_SIGMOID || kind == NEURON_OPERATOR_TANH ||
           kind == NEURON_OPERATOR_CLIP;
}

bool
neuron_operator_is_binary(enum neuron_operator kind)
{
    return kind == NEURON_OPERATOR_ADD || kind == NEURON_OPERATOR_SUBTRACT ||
           kind == NEURON_OPERATOR_MULTIPLY || kind == NEURON_OPERATOR_DIVIDE;
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

/* Every input is float32, has a valid shape, and no dimension of 0. */
static enum neuron_status
check_inputs(const struct neuron_application *application, struct neuron_error *error)
{
    for (uint32_t i = 0; i < application->input_count; i += 1) {
        const struct neuron_tensor_shape *input = &application->inputs[i];
        size_t count = 0;

        if (!neuron_tensor_shape_element_count(input, &count) || count == 0) {
            return neuron_infer_refuse(application,
                                       "a shape has an empty dimension or is too large", error);
        }
        if (input->type != NEURON_FLOAT32) {
            return neuron_infer_refuse(application, "takes float32 only", error);
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
         application->kind != NEURON_OPERATOR_CONV2D)) {
        return neuron_infer_refuse(application, "has no such activation", error);
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
    struct neuron_tensor_shape inferred = {.type = NEURON_FLOAT32};
    size_t count = 0;

    if (!is_operator(kind) || operators[kind].infer == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "there is no operator %u",
                           (unsigned)kind);
    }
    if (input_count < operators[kind].fewest_inputs || input_count > operators[kind].most_inputs) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: takes %u inputs at least, not %u",
                           application.name, operators[kind].fewest_inputs, input_count);
    }
    enum neuron_status status = check_inputs(&application, error);
    if (status == NEURON_OK) {
        status = check_activation(&application, error);
    }
    if (status == NEURON_OK) {
        status = check_bounds(&application, error);
    }
    if (status == NEURON_OK) {
        status = operators[kind].infer(&application, &inferred, error);
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
