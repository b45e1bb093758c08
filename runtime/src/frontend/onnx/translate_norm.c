/* SPDX-License-Identifier: Apache-2.0 */
/* Normalizations and softmax. */
#include "frontend/onnx/translate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"

/* What a batch normalization of inference does to each channel: x * scale + shift. */
struct channel_factors {
    int64_t channels;
    float *scale;
    float *shift;
};

/* Checks one of scale, shift, mean and variance. */
static enum neuron_status
check_parameter(const struct neuron_onnx_call *call, uint32_t input, int64_t channels)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

    if (known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, input, "a parameter");
    }
    if (known->shape.type != NEURON_FLOAT32 || known->shape.rank != 1 ||
        known->shape.dims[0] != channels) {
        char text[96] = "";

        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "parameter %u is %s, not one float32 per channel", input,
                           neuron_tensor_shape_format(&known->shape, text, sizeof(text)));
    }
    return NEURON_OK;
}

/* Computes in double, so that folding costs no more precision than one rounding. */
static void
fill_factors(const struct neuron_onnx_call *call, double epsilon, struct channel_factors *factors)
{
    for (int64_t i = 0; i < factors->channels; i += 1) {
        double scale = neuron_onnx_read_real(neuron_onnx_call_known(call, 1), (size_t)i);
        double shift = neuron_onnx_read_real(neuron_onnx_call_known(call, 2), (size_t)i);
        double mean = neuron_onnx_read_real(neuron_onnx_call_known(call, 3), (size_t)i);
        double variance = neuron_onnx_read_real(neuron_onnx_call_known(call, 4), (size_t)i);
        double factor = scale / sqrt(variance + epsilon);

        factors->scale[i] = (float)factor;
        factors->shift[i] = (float)(shift - mean * factor);
    }
}

/* Finds the factors, whose arrays the caller frees also on failure. */
static enum neuron_status
read_factors(const struct neuron_onnx_call *call, struct channel_factors *factors)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
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
    if (status == NEURON_OK && (is_training != 0 || is_spatial == 0 || input->rank < 2)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "it is in training mode, not per channel, or its input has no channels");
    }
    for (uint32_t i = 1; status == NEURON_OK && i <= 4; i += 1) {
        status = check_parameter(call, i, input->dims[1]);
    }
    if (status != NEURON_OK) {
        return status;
    }
    factors->channels = input->dims[1];
    factors->scale = calloc((size_t)factors->channels + 1, sizeof(float));
    factors->shift = calloc((size_t)factors->channels + 1, sizeof(float));
    if (factors->scale == NULL || factors->shift == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    fill_factors(call, (double)epsilon, factors);
    return NEURON_OK;
}

/*
 * The convolution that computes the input, when its weights and bias are constants and nothing else
 * reads its result; else NULL. It is the node added last, as a file's nodes mostly follow each
 * other.
 */
static const struct neuron_node *
find_convolution(const struct neuron_onnx_call *call)
{
    const struct neuron_graph *graph = call->trace->graph;
    uint32_t value = call->inputs[0]->traced.id - 1;

    if (call->inputs[0]->state != NEURON_ONNX_COMPUTED || call->inputs[0]->reads != 1) {
        return NULL;
    }
    for (uint32_t i = graph->node_count; i > 0; i -= 1) {
        const struct neuron_node *node = &graph->nodes[i - 1];

        if (node->output != value) {
            continue;
        }
        bool is_fixed = graph->values[node->inputs[1]].origin == NEURON_VALUE_CONSTANT;
        for (uint32_t j = 2; j < node->input_count; j += 1) {
            is_fixed = is_fixed && graph->values[node->inputs[j]].origin == NEURON_VALUE_CONSTANT;
        }
        return node->kind == NEURON_OPERATOR_CONV2D && is_fixed ? node : NULL;
    }
    return NULL;
}

/* Records the convolution anew with other weights; the old one is read by nobody any more. */
static struct neuron_value
record_folded(struct neuron_trace *trace, const struct neuron_node *node, float *weights,
              float *bias)
{
    const struct neuron_graph *graph = trace->graph;
    const struct neuron_attributes attributes = node->attributes;
    const struct neuron_tensor_shape shape = graph->values[node->inputs[1]].shape;
    const struct neuron_tensor_shape bias_shape = {
        .type = NEURON_FLOAT32, .rank = 1, .dims = {shape.dims[0]}};
    struct neuron_tensor_view weights_view = neuron_tensor_view_of(&shape, weights);
    struct neuron_tensor_view bias_view = neuron_tensor_view_of(&bias_shape, bias);
    struct neuron_value inputs[3] = {{.id = node->inputs[0] + 1}};

    inputs[1] = neuron_constant(trace, &weights_view);
    inputs[2] = neuron_constant(trace, &bias_view);
    return neuron_trace_record(trace, NEURON_OPERATOR_CONV2D, &attributes, inputs, 3);
}

/* Scales the weights of each output channel, and its bias; the shift becomes part of the bias. */
static enum neuron_status
fold_into(const struct neuron_onnx_call *call, const struct neuron_node *node,
          const struct channel_factors *factors, struct neuron_onnx_result *result)
{
    const struct neuron_graph *graph = call->trace->graph;
    const struct neuron_graph_value *from = &graph->values[node->inputs[1]];
    const float *old_weights = from->constant;
    const float *old_bias = node->input_count == 3 ? graph->values[node->inputs[2]].constant : NULL;
    size_t count = neuron_tensor_shape_size_bytes(&from->shape) / sizeof(float);
    size_t filter = count / (size_t)factors->channels;
    float *weights = calloc(count, sizeof(*weights));
    float *bias = calloc((size_t)factors->channels, sizeof(*bias));
    enum neuron_status status = NEURON_OK;

    if (weights == NULL || bias == NULL) {
        status = NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    for (size_t i = 0; status == NEURON_OK && i < count; i += 1) {
        weights[i] = old_weights[i] * factors->scale[i / filter];
    }
    for (int64_t i = 0; status == NEURON_OK && i < factors->channels; i += 1) {
        float old = old_bias == NULL ? 0.0F : old_bias[i];

        bias[i] = old * factors->scale[i] + factors->shift[i];
    }
    if (status == NEURON_OK) {
        result->traced = record_folded(call->trace, node, weights, bias);
        result->is_folded = true;
        status = neuron_onnx_call_status(call);
    }
    free(weights);
    free(bias);
    return status;
}

/* A factor per channel that broadcasts over what follows the channels. */
static struct neuron_value
record_factor(const struct neuron_onnx_call *call, const struct channel_factors *factors,
              bool is_scale)
{
    struct neuron_tensor_view view = {.type = NEURON_FLOAT32,
                                      .data = is_scale ? factors->scale : factors->shift};

    view.rank = neuron_onnx_call_shape(call, 0)->rank - 1;
    view.shape[0] = factors->channels;
    for (uint32_t i = 1; i < view.rank; i += 1) {
        view.shape[i] = 1;
    }
    return neuron_constant(call->trace, &view);
}

enum neuron_status
neuron_onnx_translate_batch_norm(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct channel_factors factors = {0};
    enum neuron_status status = read_factors(call, &factors);
    const struct neuron_node *convolution = status == NEURON_OK ? find_convolution(call) : NULL;

    if (convolution != NULL) {
        status = fold_into(call, convolution, &factors, result);
    } else if (status == NEURON_OK) {
        struct neuron_value input = neuron_onnx_call_value(call, 0);
        struct neuron_value scale = record_factor(call, &factors, true);
        struct neuron_value shift = record_factor(call, &factors, false);

        result->traced = neuron_add(call->trace, neuron_multiply(call->trace, input, scale), shift);
        status = neuron_onnx_call_status(call);
    }
    free(factors.scale);
    free(factors.shift);
    return status;
}

/* The shift of a layer normalization, which is zero where it is left out. */
static struct neuron_value
read_shift(const struct neuron_onnx_call *call)
{
    struct neuron_tensor_shape shape = *neuron_onnx_call_shape(call, 1);
    struct neuron_onnx_constant zeros = {.bytes = NULL};

    if (neuron_onnx_call_has(call, 2)) {
        return neuron_onnx_call_value(call, 2);
    }
    enum neuron_status status = neuron_onnx_constant_allocate(&shape, &zeros, &call->trace->error);
    if (status != NEURON_OK) {
        return neuron_trace_fail(call->trace, status);
    }
    struct neuron_tensor_view view = neuron_tensor_view_of(&shape, zeros.bytes);
    struct neuron_value value = neuron_constant(call->trace, &view);
    free(zeros.bytes);
    return value;
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
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value scale = neuron_onnx_call_value(call, 1);
    result->traced =
        neuron_layer_norm(call->trace, input, scale, read_shift(call), (int32_t)axis, epsilon);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_softmax(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);
    bool flattens = call->opset < 13; /* softmax was one over all dimensions from the axis on */
    uint32_t axis = 0;

    enum neuron_status status = neuron_onnx_call_axis(call, flattens ? 1 : -1, shape->rank, &axis);
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value value = neuron_onnx_call_value(call, 0);
    if (!flattens || axis + 1 == shape->rank) {
        result->traced = neuron_softmax(call->trace, value, (int32_t)axis);
        return neuron_onnx_call_status(call);
    }
    value = neuron_softmax(call->trace, neuron_flatten(call->trace, value, (int32_t)axis), 1);
    result->traced = neuron_reshape(call->trace, value, shape->dims, shape->rank);
    return neuron_onnx_call_status(call);
}
