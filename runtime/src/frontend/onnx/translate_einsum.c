/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/translate.h"

#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_einsum.h"

enum { EQUATION_BYTES = 128, OPERANDS = 8, TYPE_TEXT = 3 };

enum neuron_status
neuron_onnx_translate_einsum(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const Neuron__Onnx__Attribute *attribute = neuron_onnx_attribute_find(call->node, "equation");
    struct neuron_value inputs[OPERANDS];
    char equation[EQUATION_BYTES] = "";

    if (attribute == NULL || attribute->type != TYPE_TEXT || attribute->s.len >= sizeof(equation) ||
        call->input_count > OPERANDS) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "it has no equation, or one of more than %d bytes or %d operands",
                           EQUATION_BYTES - 1, OPERANDS);
    }
    if (attribute->s.len > 0) {
        memcpy(equation, attribute->s.data, attribute->s.len);
    }
    for (uint32_t i = 0; i < call->input_count; i += 1) {
        inputs[i] = neuron_onnx_call_value(call, i);
    }
    result->traced = neuron_einsum(call->trace, equation, inputs, call->input_count);
    return neuron_onnx_call_status(call);
}
