/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators translated to those of the graph. The ones that only give elements a new shape also do
 * so with constants.
 */
#ifndef NEURON_FRONTEND_ONNX_TRANSLATE_H
#define NEURON_FRONTEND_ONNX_TRANSLATE_H

#include "frontend/onnx/onnx_call.h"

neuron_onnx_operator_fn neuron_onnx_translate_arithmetic; /* add, sub, mul, div by name */
neuron_onnx_operator_fn neuron_onnx_translate_function;   /* relu, sigmoid, tanh by name */
neuron_onnx_operator_fn neuron_onnx_translate_clip;
neuron_onnx_operator_fn neuron_onnx_translate_matmul;
neuron_onnx_operator_fn neuron_onnx_translate_gemm;

neuron_onnx_operator_fn neuron_onnx_translate_conv;
neuron_onnx_operator_fn neuron_onnx_translate_pool;        /* largest or average by name */
neuron_onnx_operator_fn neuron_onnx_translate_global_pool; /* largest or average by name */
neuron_onnx_operator_fn neuron_onnx_translate_reduce_mean; /* over height and width */

neuron_onnx_operator_fn neuron_onnx_translate_batch_norm;
neuron_onnx_operator_fn neuron_onnx_translate_layer_norm;
neuron_onnx_operator_fn neuron_onnx_translate_softmax;

neuron_onnx_operator_fn neuron_onnx_translate_reshape;
neuron_onnx_operator_fn neuron_onnx_translate_flatten;
neuron_onnx_operator_fn neuron_onnx_translate_squeeze;
neuron_onnx_operator_fn neuron_onnx_translate_unsqueeze;
neuron_onnx_operator_fn neuron_onnx_translate_transpose;
neuron_onnx_operator_fn neuron_onnx_translate_concat;
neuron_onnx_operator_fn neuron_onnx_translate_identity;
neuron_onnx_operator_fn neuron_onnx_translate_dropout;

#endif
