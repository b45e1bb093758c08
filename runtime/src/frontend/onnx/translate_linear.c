/* SPDX-License-Identifier: Apache-2.0 */
/* Linear models of the domain ai.onnx.ml. */
#include "frontend/onnx/translate.h"

#include "frontend/onnx/score_transform.h"
#include "neuron/trace_tabular.h"

/* Reads all but the number of targets, which the operators tell in ways of their own: `targets` is
   what it is, or 0 where the coefficients tell. */
static enum neuron_status
read_model(const struct neuron_onnx_call *call, size_t targets, struct neuron_linear_model *model)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);
    struct neuron_onnx_floats coefficients = {.count = 0};
    struct neuron_onnx_floats intercepts = {.count = 0};
    size_t features =
        shape->rank == 1 || shape->rank == 2 ? (size_t)shape->dims[shape->rank - 1] : 0;

    enum neuron_status status = neuron_onnx_score_transform(call, &model->transform);
    if (status == NEURON_OK) {
        status =
            neuron_onnx_attribute_floats(call->node, "coefficients", &coefficients, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_floats(call->node, "intercepts", &intercepts, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (targets == 0 && features != 0) {
        targets = coefficients.count / features;
    }
    if (targets == 0 || features == 0 || coefficients.count > UINT32_MAX ||
        coefficients.count / targets != features || coefficients.count % targets != 0) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its %zu coefficients are not one for each target and each of %zu "
                           "features",
                           coefficients.count, features);
    }
    if (intercepts.count != 0 && intercepts.count != targets) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "it has %zu intercepts, not one for each of %zu targets",
                           intercepts.count, targets);
    }
    model->coefficients = coefficients.numbers;
    model->intercepts = intercepts.count == 0 ? NULL : intercepts.numbers;
    model->target_count = (uint32_t)targets;
    model->feature_count = (uint32_t)features;
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_translate_linear_regressor(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    struct neuron_linear_model model = {.coefficients = NULL};
    int64_t targets = 1;

    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "targets", &targets, call->error);
    if (status == NEURON_OK && (targets < 1 || targets > INT32_MAX)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "it has no targets, or too many");
    }
    if (status == NEURON_OK) {
        status = read_model(call, (size_t)targets, &model);
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_linear_regressor(call->trace, neuron_onnx_call_value(call, 0), &model);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_linear_classifier(struct neuron_onnx_call *call,
                                        struct neuron_onnx_result *result)
{
    struct neuron_linear_model model = {.coefficients = NULL};
    struct neuron_onnx_integers labels = {.count = 0};
    struct neuron_value scores = {0};

    enum neuron_status status = neuron_onnx_score_labels(call, "classlabels_ints", &labels);
    if (status == NEURON_OK) {
        status = read_model(call, 0, &model);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (labels.count != model.target_count && !(labels.count == 2 && model.target_count == 1)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "it has %zu labels, not one for each of %u rows of coefficients",
                           labels.count, model.target_count);
    }
    result->traced = neuron_linear_classifier(call->trace, neuron_onnx_call_value(call, 0), &model,
                                              labels.numbers, (uint32_t)labels.count, &scores);
    if (call->node->n_outputs > 1) {
        result->more[0] = scores;
    }
    return neuron_onnx_call_status(call);
}
