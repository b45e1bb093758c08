/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of ONNX that are understood. */
#ifndef NEURON_FRONTEND_ONNX_OPERATORS_H
#define NEURON_FRONTEND_ONNX_OPERATORS_H

#include "frontend/onnx/onnx_call.h"

enum { NEURON_ONNX_OLDEST_OPSET = 7, NEURON_ONNX_NEWEST_OPSET = 18 };
enum { NEURON_ONNX_NEWEST_TABLE_OPSET = 3 }; /* of the domain ai.onnx.ml, from 1 on */

/* What the inputs of an operator have to be. */
enum neuron_onnx_need {
    NEURON_ONNX_NEEDS_NOTHING = 0,  /* each may be known, or depend on the data of a run */
    NEURON_ONNX_NEEDS_ALL_KNOWN = 1 /* an operator that gives a constant */
};

struct neuron_onnx_operator {
    const char *name;
    int64_t since;          /* the first opset that has it, if that is a later one */
    uint32_t fewest_inputs; /* that must be there */
    uint32_t most_inputs;   /* NEURON_ONNX_ANY_INPUTS: none of which is left out */
    enum neuron_onnx_need need;
    neuron_onnx_operator_fn *translate;
};

enum { NEURON_ONNX_ANY_INPUTS = INT32_MAX };

/* Finds an operator by name; NULL for one that is not understood. */
const struct neuron_onnx_operator *
neuron_onnx_operator_find(const char *name);

/* The same for the domain ai.onnx.ml. */
const struct neuron_onnx_operator *
neuron_onnx_table_operator_find(const char *name);

#endif
