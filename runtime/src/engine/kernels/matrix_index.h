/* SPDX-License-Identifier: Apache-2.0 */
/* Matrices in operands whose dimensions before the last two are broadcast. */
#ifndef NEURON_ENGINE_KERNELS_MATRIX_INDEX_H
#define NEURON_ENGINE_KERNELS_MATRIX_INDEX_H

#include <stdint.h>

#include "neuron/tensor.h"

/* How many matrices a tensor of two dimensions or more has. */
int64_t
neuron_matrix_count(const struct neuron_tensor_view *tensor);

/* The number of the matrix that an operand gives for this one of the result. */
int64_t
neuron_matrix_index(const struct neuron_tensor_view *operand,
                    const struct neuron_tensor_view *result, int64_t index);

#endif
