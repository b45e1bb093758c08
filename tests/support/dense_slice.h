/* SPDX-License-Identifier: Apache-2.0 */
/* Slices of dense tensors, by their shape. */
#ifndef NEURON_TESTS_DENSE_SLICE_H
#define NEURON_TESTS_DENSE_SLICE_H

#include <stdint.h>

#include "batch_split.h"
#include "neuron/tensor.h"
#include "slice_copy.h"

/*
 * The slice of a dense tensor that has `range` along dimension `dim`.
 *
 * shape  whose bytes fit a size_t.
 * dim    below the rank.
 * range  within the extent of that dimension.
 */
struct neuron_slice
dense_slice_of(const struct neuron_tensor_shape *shape, uint32_t dim,
               struct neuron_row_range range);

#endif
