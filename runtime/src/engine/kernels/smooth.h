/* SPDX-License-Identifier: Apache-2.0 */
/* Activations that take more than a few instructions, in place, on what a kernel has just stored.
 */
#ifndef NEURON_ENGINE_KERNELS_SMOOTH_H
#define NEURON_ENGINE_KERNELS_SMOOTH_H

#include <stdbool.h>
#include <stddef.h>

#include "graph/operator.h"

/* Is it one of GELU, GELU_TANH, SIGMOID, SWISH and TANH? */
bool
neuron_smooth_knows(enum neuron_operator activation);

/*
 * Applies one of those to `count` numbers, within 1.5e-6 of the true ones, or of their size where
 * that is above 1. The same number gives the same bits when it stands at the same place.
 */
void
neuron_smooth_apply(enum neuron_operator activation, float *numbers, size_t count);

#endif
