/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of ONNX that are refused for what they are. */
#ifndef NEURON_FRONTEND_ONNX_REFUSED_OPERATORS_H
#define NEURON_FRONTEND_ONNX_REFUSED_OPERATORS_H

/* Says why an operator that neuron_onnx_operator_find() does not find is not imported. */
const char *
neuron_onnx_refused_reason(const char *name);

#endif
