/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of ONNX that are understood. */
#ifndef NEURON_FRONTEND_ONNX_OPERATORS_H
#define NEURON_FRONTEND_ONNX_OPERATORS_H

#include "frontend/onnx/onnx_call.h"

enum { NEURON_ONNX_OLDEST_OPSET = 7, NEURON_ONNX_NEWEST_OPSET = 18 };

struct neuron_onnx_operator {
    const char *name;
    int64_t since;          /* the first opset that has it, if that is a later one */
    uint32_t fewest_inputs; /* that must be there */
    uint32_t most_inputs;
    bool needs_shapes_only;             /* `evaluate` does with the shapes of the inputs */
    neuron_onnx_operator_fn *evaluate;  /* for inputs that are all known; NULL for none */
    neuron_onnx_operator_fn *translate; /* for others; NULL for none */
};

/* Finds an operator by name; NULL for one that is not understood. */
const struct neuron_onnx_operator *
neuron_onnx_operator_find(const char *name);

#endif
