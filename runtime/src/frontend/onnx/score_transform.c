/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/score_transform.h"

enum neuron_status
neuron_onnx_score_transform(const struct neuron_onnx_call *call,
                            enum neuron_score_transform *transform)
{
    static const char *const names[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        if (neuron_onnx_attribute_is(call->node, "post_transform", names[i], i == 0)) {
            *transform = (enum neuron_score_transform)i;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                       "its post transform is not NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO or PROBIT");
}

enum neuron_status
neuron_onnx_score_labels(const struct neuron_onnx_call *call, const char *name,
                         struct neuron_onnx_integers *labels)
{
    enum neuron_status status =
        neuron_onnx_attribute_integers(call->node, name, labels, call->error);

    if (status == NEURON_OK && (labels->count < 1 || labels->count > INT32_MAX)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "its labels are no integers; encode them as integers, and export again");
    }
    return status;
}
