/* SPDX-License-Identifier: Apache-2.0 */
/* Some rows of a tensor, as a view of their own. */
#ifndef NEURON_SCORE_ROW_VIEWS_H
#define NEURON_SCORE_ROW_VIEWS_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

/* The bytes of one row: of all dimensions but the first. */
size_t
neuron_row_size_bytes(const struct neuron_tensor_shape *shape);

/* The view of `count` rows from `first` on, which are in the view. */
struct neuron_tensor_view
neuron_row_view(const struct neuron_tensor_view *view, uint64_t first, uint64_t count);

#endif
