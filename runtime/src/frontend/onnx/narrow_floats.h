/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Half floats are a way to store numbers: operators that are computed in float32 alone get what
 * they read cast to it, and what they give is cast back. This is done here, around the
 * translation, which sees float32 only.
 */
#ifndef NEURON_FRONTEND_ONNX_NARROW_FLOATS_H
#define NEURON_FRONTEND_ONNX_NARROW_FLOATS_H

#include "frontend/onnx/operators.h"

/* Translates a node; `call` and `result` are as the operator's own function takes them. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_translate_widened(const struct neuron_onnx_operator *chosen,
                              struct neuron_onnx_call *call, struct neuron_onnx_result *result);

#endif
