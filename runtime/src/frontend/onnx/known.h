/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that give a constant without any operator of the graph: those of the file, and shapes as
 * numbers. Everything else that depends on constants alone is computed as soon as it is recorded.
 */
#ifndef NEURON_FRONTEND_ONNX_KNOWN_H
#define NEURON_FRONTEND_ONNX_KNOWN_H

#include "frontend/onnx/onnx_call.h"

neuron_onnx_operator_fn neuron_onnx_know_constant;
neuron_onnx_operator_fn neuron_onnx_know_shape; /* needs the shape only, as the next */
neuron_onnx_operator_fn neuron_onnx_know_size;
neuron_onnx_operator_fn neuron_onnx_know_constant_of_shape;
neuron_onnx_operator_fn neuron_onnx_know_range;
neuron_onnx_operator_fn neuron_onnx_know_eye; /* needs the shape only */

#endif
