/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/tree_reals.h"

#include <stdio.h>
#include <stdlib.h>

enum neuron_status
neuron_onnx_reals_read(const struct neuron_onnx_call *call, const char *name,
                       struct neuron_onnx_reals *reals)
{
    char tensor_name[64] = "";
    enum neuron_status status =
        neuron_onnx_attribute_floats(call->node, name, &reals->list, call->error);

    (void)snprintf(tensor_name, sizeof(tensor_name), "%s_as_tensor", name);
    const Neuron__Onnx__Tensor *tensor = neuron_onnx_attribute_tensor(call->node, tensor_name);
    reals->count = reals->list.count;
    if (status != NEURON_OK || tensor == NULL) {
        return status;
    }
    if (reals->count != 0) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "it has both %s and %s", name,
                           tensor_name);
    }
    status = neuron_onnx_tensor_read(tensor, call->source, &reals->tensor, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    if (reals->tensor.shape.rank != 1 || (reals->tensor.shape.type != NEURON_FLOAT32 &&
                                          reals->tensor.shape.type != NEURON_FLOAT64)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its %s is no list of float32 or float64", tensor_name);
    }
    reals->count = neuron_onnx_constant_count(&reals->tensor);
    return NEURON_OK;
}

double
neuron_onnx_reals_at(const struct neuron_onnx_reals *reals, size_t index)
{
    return reals->tensor.bytes != NULL ? neuron_onnx_read_real(&reals->tensor, index)
                                       : (double)reals->list.numbers[index];
}

void
neuron_onnx_reals_drop(struct neuron_onnx_reals *reals)
{
    free(reals->tensor.bytes);
    reals->tensor.bytes = NULL;
}
