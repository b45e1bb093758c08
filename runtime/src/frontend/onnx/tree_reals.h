/* SPDX-License-Identifier: Apache-2.0 */
/* A list of real numbers of a node, which stands in a list of floats or in a tensor. */
#ifndef NEURON_FRONTEND_ONNX_TREE_REALS_H
#define NEURON_FRONTEND_ONNX_TREE_REALS_H

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/onnx_call.h"

struct neuron_onnx_reals {
    struct neuron_onnx_floats list;
    struct neuron_onnx_constant tensor; /* owned; its bytes are NULL where there is none */
    size_t count;
};

/* Reads the attribute of this name, or that of the name with "_as_tensor" behind it. `reals` is
   zeroed before, and takes its memory back by neuron_onnx_reals_drop() also after a failure. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_reals_read(const struct neuron_onnx_call *call, const char *name,
                       struct neuron_onnx_reals *reals);

/* One of them. */
double
neuron_onnx_reals_at(const struct neuron_onnx_reals *reals, size_t index);

void
neuron_onnx_reals_drop(struct neuron_onnx_reals *reals);

#endif
