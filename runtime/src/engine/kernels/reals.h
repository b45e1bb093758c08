/* SPDX-License-Identifier: Apache-2.0 */
/* Whole tensors, or dense parts of them, as numbers of double. */
#ifndef NEURON_ENGINE_KERNELS_REALS_H
#define NEURON_ENGINE_KERNELS_REALS_H

#include <stdint.h>

#include "neuron/tensor.h"

/* Loads `count` elements of a tensor from position `first` on. */
void
neuron_reals_load(const struct neuron_tensor_view *view, int64_t first, int64_t count, double *to);

/* Stores them as the tensor's type, rounded. */
void
neuron_reals_store(const struct neuron_tensor_view *view, int64_t first, int64_t count,
                   const double *from);

/* How many elements a tensor has. */
int64_t
neuron_view_count(const struct neuron_tensor_view *view);

#endif
