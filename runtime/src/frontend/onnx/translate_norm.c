/* SPDX-License-Identifier: Apache-2.0 */
/* Normalizations. */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_normalization.h"

enum neuron_status
neuron_onnx_translate_batch_norm(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    float epsilon = 1e-5F;
    int64_t is_training = 0;
    int64_t is_spatial = 1;

    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "epsilon", &epsilon, call->error);
    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_integer(call->node, "training_mode", &is_training, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "spatial", &is_spatial, call->error);
    }
    if (status == NEURON_OK && (is_training != 0 || is_spatial == 0)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "it is in training mode, or not per channel");
    }
    if (status == NEURON_OK) {
        struct neuron_value input = neuron_onnx_call_value(call, 0);
        const struct neuron_channel_moments moments = {.scale = neuron_onnx_call_value(call, 1),
                                                       .shift = neuron_onnx_call_value(call, 2),
                                                       .mean = neuron_onnx_call_value(call, 3),
                                                       .variance = neuron_onnx_call_value(call, 4)};

        result->traced = neuron_batch_norm(call->trace, input, &moments, epsilon);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_instance_norm(struct neuron_onnx_call *call,
                                    struct neuron_onnx_result *result)
{
    float epsilon = 1e-5F;
    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "epsilon", &epsilon, call->error);

    if (status == NEURON_OK) {
        struct neuron_value input = neuron_onnx_call_value(call, 0);
        struct neuron_value scale = neuron_onnx_call_value(call, 1);
        struct neuron_value shift = neuron_onnx_call_value(call, 2);

        result->traced = neuron_instance_norm(call->trace, input, scale, shift, epsilon);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_group_norm(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_group_norm_options options = {.epsilon = 1e-5F};
    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "epsilon", &options.epsilon, call->error);

    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_integer(call->node, "num_groups", &options.groups, call->error);
    }
    if (status == NEURON_OK) {
        struct neuron_value input = neuron_onnx_call_value(call, 0);
        struct neuron_value scale = neuron_onnx_call_value(call, 1);
        struct neuron_value shift = neuron_onnx_call_value(call, 2);

        result->traced = neuron_group_norm(call->trace, input, scale, shift, &options);
        status = neuron_onnx_call_status(call);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_mean_variance_norm(struct neuron_onnx_call *call,
                                         struct neuron_onnx_result *result)
{
    uint32_t rank = neuron_onnx_call_shape(call, 0)->rank;
    struct neuron_onnx_axes axes = {0};
    uint32_t set = 1U << 0 | 1U << 2 | 1U << 3;
    enum neuron_status status = neuron_onnx_call_axes(call, UINT32_MAX, rank, &axes);

    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; axes.is_given && i < rank; i += 1) {
        set = (i == 0 ? 0 : set) | (axes.has[i] ? 1U << i : 0);
    }
    result->traced = neuron_mean_variance_norm(call->trace, neuron_onnx_call_value(call, 0), set);
    return neuron_onnx_call_status(call);
}

/* Says whether an input that may be left out has the shape of the dimensions from an axis on. */
static bool
has_shape_from(const struct neuron_onnx_call *call, uint32_t input, uint32_t axis)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);
    struct neuron_tensor_shape wanted = {.type = shape->type, .rank = shape->rank - axis};

    memcpy(wanted.dims, shape->dims + axis, wanted.rank * sizeof(wanted.dims[0]));
    return !neuron_onnx_call_has(call, input) ||
           neuron_tensor_shape_equals(neuron_onnx_call_shape(call, input), &wanted);
}

/* A layer normalization whose scale and shift are broadcast to the input. */
static struct neuron_value
record_broadcast(const struct neuron_onnx_call *call, uint32_t axis, float epsilon)
{
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value scale = neuron_onnx_call_value(call, 1);
    struct neuron_value normal = neuron_standardize(call->trace, input, (int32_t)axis, epsilon);
    struct neuron_value result = neuron_multiply(call->trace, normal, scale);

    return neuron_onnx_call_has(call, 2)
               ? neuron_add(call->trace, result, neuron_onnx_call_value(call, 2))
               : result;
}

/* Records the further outputs that the node has: mean and inverse deviation, in float32 at least.
 */
static void
record_moments(const struct neuron_onnx_call *call, uint32_t axis, float epsilon,
               struct neuron_onnx_result *result)
{
    const Neuron__Onnx__Node *node = call->node;
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    bool has_mean = node->n_outputs > 1 && node->outputs[1][0] != '\0';
    bool has_deviation = node->n_outputs > 2 && node->outputs[2][0] != '\0';
    enum neuron_type type = neuron_onnx_call_shape(call, 0)->type;

    if ((has_mean || has_deviation) && (type == NEURON_FLOAT16 || type == NEURON_BFLOAT16)) {
        input = neuron_cast(call->trace, input, NEURON_FLOAT32);
    }
    if (has_mean) {
        result->more[0] = neuron_layer_norm_mean(call->trace, input, (int32_t)axis);
    }
    if (has_deviation) {
        result->more[1] =
            neuron_layer_norm_inverse_deviation(call->trace, input, (int32_t)axis, epsilon);
    }
}

enum neuron_status
neuron_onnx_translate_layer_norm(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    uint32_t axis = 0;
    float epsilon = 1e-5F;

    enum neuron_status status =
        neuron_onnx_call_axis(call, -1, neuron_onnx_call_shape(call, 0)->rank, &axis);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "epsilon", &epsilon, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (has_shape_from(call, 1, axis) && has_shape_from(call, 2, axis)) {
        struct neuron_value input = neuron_onnx_call_value(call, 0);
        struct neuron_value scale = neuron_onnx_call_value(call, 1);
        struct neuron_value shift = neuron_onnx_call_value(call, 2);

        result->traced =
            neuron_layer_norm(call->trace, input, scale, shift, (int32_t)axis, epsilon);
    } else {
        result->traced = record_broadcast(call, axis, epsilon);
        struct neuron_tensor_shape shape = neuron_value_shape(call->trace, result->traced);

        if (call->trace->status == NEURON_OK &&
            !neuron_tensor_shape_equals(&shape, neuron_onnx_call_shape(call, 0))) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "scale or shift do not broadcast to the input");
        }
    }
    record_moments(call, axis, epsilon, result);
    return neuron_onnx_call_status(call);
}
