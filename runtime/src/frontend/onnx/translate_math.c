/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operators and matrix products. */
#include "frontend/onnx/translate.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"

enum neuron_status
neuron_onnx_translate_arithmetic(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const char *name = call->node->operator_type;
    struct neuron_value left = neuron_onnx_call_value(call, 0);
    struct neuron_value right = neuron_onnx_call_value(call, 1);

    if (strcmp(name, "Add") == 0) {
        result->traced = neuron_add(call->trace, left, right);
    } else if (strcmp(name, "Sub") == 0) {
        result->traced = neuron_subtract(call->trace, left, right);
    } else if (strcmp(name, "Mul") == 0) {
        result->traced = neuron_multiply(call->trace, left, right);
    } else {
        result->traced = neuron_divide(call->trace, left, right);
    }
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_function(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const char *name = call->node->operator_type;
    struct neuron_value input = neuron_onnx_call_value(call, 0);

    if (strcmp(name, "Relu") == 0) {
        result->traced = neuron_relu(call->trace, input);
    } else if (strcmp(name, "Sigmoid") == 0) {
        result->traced = neuron_sigmoid(call->trace, input);
    } else {
        result->traced = neuron_tanh(call->trace, input);
    }
    return neuron_onnx_call_status(call);
}

/* A bound of clip: an attribute in old files, later an input. */
static enum neuron_status
read_bound(struct neuron_onnx_call *call, uint32_t input, const char *name, float *bound)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

    if (call->opset < 11) {
        return neuron_onnx_attribute_float(call->node, name, bound, call->error);
    }
    if (!neuron_onnx_call_has(call, input)) {
        return NEURON_OK;
    }
    if (known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, input, "a bound");
    }
    if (neuron_onnx_constant_count(known) != 1) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "a bound is not one number");
    }
    *bound = (float)neuron_onnx_read_real(known, 0);
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_translate_clip(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    float low = -FLT_MAX;
    float high = FLT_MAX;

    enum neuron_status status = read_bound(call, 1, "min", &low);
    if (status == NEURON_OK) {
        status = read_bound(call, 2, "max", &high);
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_clip(call->trace, neuron_onnx_call_value(call, 0), low, high);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_matmul(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value left = neuron_onnx_call_value(call, 0);

    result->traced = neuron_matmul(call->trace, left, neuron_onnx_call_value(call, 1));
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_gemm(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_gemm_options options = {.alpha = 1.0F, .beta = 1.0F};
    int64_t transposes[2] = {0};

    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "alpha", &options.alpha, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "beta", &options.beta, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "transA", &transposes[0], call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "transB", &transposes[1], call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    options.transpose_a = transposes[0] != 0;
    options.transpose_b = transposes[1] != 0;
    struct neuron_value a = neuron_onnx_call_value(call, 0);
    struct neuron_value b = neuron_onnx_call_value(call, 1);
    result->traced = neuron_gemm(call->trace, a, b, neuron_onnx_call_value(call, 2), &options);
    return neuron_onnx_call_status(call);
}
