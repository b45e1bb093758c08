/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators computed while a file is imported, on inputs that are known: the shape arithmetic of
 * exporters, and constants. Integer overflow and division by zero are refused.
 */
#ifndef NEURON_FRONTEND_ONNX_EVALUATE_H
#define NEURON_FRONTEND_ONNX_EVALUATE_H

#include "frontend/onnx/onnx_call.h"

neuron_onnx_operator_fn neuron_onnx_evaluate_constant;
neuron_onnx_operator_fn neuron_onnx_evaluate_shape; /* needs the shape only, as the next */
neuron_onnx_operator_fn neuron_onnx_evaluate_size;
neuron_onnx_operator_fn neuron_onnx_evaluate_constant_of_shape;
neuron_onnx_operator_fn neuron_onnx_evaluate_range;
neuron_onnx_operator_fn neuron_onnx_evaluate_cast;

neuron_onnx_operator_fn neuron_onnx_evaluate_gather;
neuron_onnx_operator_fn neuron_onnx_evaluate_concat;
neuron_onnx_operator_fn neuron_onnx_evaluate_slice;
neuron_onnx_operator_fn neuron_onnx_evaluate_transpose;
neuron_onnx_operator_fn neuron_onnx_evaluate_expand;
neuron_onnx_operator_fn neuron_onnx_evaluate_tile;

neuron_onnx_operator_fn neuron_onnx_evaluate_binary;  /* add, compare, and, min, ... by name */
neuron_onnx_operator_fn neuron_onnx_evaluate_several; /* min and max of any number of inputs */
neuron_onnx_operator_fn neuron_onnx_evaluate_unary;   /* neg, not, floor, ... by name */
neuron_onnx_operator_fn neuron_onnx_evaluate_where;
neuron_onnx_operator_fn neuron_onnx_evaluate_reduce; /* sum, product, least, largest */

#endif
