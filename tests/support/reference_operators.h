/* SPDX-License-Identifier: Apache-2.0 */
/* The operators of neuron/trace.h as straightforward loops in double precision. */
#ifndef NEURON_TESTS_REFERENCE_OPERATORS_H
#define NEURON_TESTS_REFERENCE_OPERATORS_H

#include "traced_operators.h"

/*
 * Computes an operator.
 *
 * choice  the options, as they were traced; its `arguments` are those of the call, with data.
 * output  of the right shape; its elements are overwritten.
 */
typedef void
reference_fn(const struct operator_choice *choice, const struct neuron_tensor_view *output);

reference_fn reference_add;
reference_fn reference_subtract;
reference_fn reference_multiply;
reference_fn reference_divide;
reference_fn reference_relu;
reference_fn reference_gelu;
reference_fn reference_sigmoid;
reference_fn reference_tanh;
reference_fn reference_clip;
reference_fn reference_softmax;
reference_fn reference_layer_norm;
reference_fn reference_matmul;
reference_fn reference_gemm;
reference_fn reference_conv2d;
reference_fn reference_max_pool2d;
reference_fn reference_average_pool2d;
reference_fn reference_reshape; /* and flatten */
reference_fn reference_transpose;
reference_fn reference_concat;

#endif
