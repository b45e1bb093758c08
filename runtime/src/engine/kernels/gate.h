/* SPDX-License-Identifier: Apache-2.0 */
/* What recurrent networks do to the numbers of a gate, in place. */
#ifndef NEURON_ENGINE_KERNELS_GATE_H
#define NEURON_ENGINE_KERNELS_GATE_H

#include <stddef.h>

#include "neuron/trace_recurrent.h"

/* Applies a function that is not the default to `count` numbers. */
void
neuron_gate_apply(const struct neuron_gate *gate, float *numbers, size_t count);

/* Adds `factors[i]` times `rows[i]`, each of `count` numbers, for all four i. */
void
neuron_gate_add_rows(float *restrict to, const float *const rows[4], const float factors[4],
                     size_t count);

#endif
