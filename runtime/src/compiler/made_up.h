/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for inputs that nobody gives. */
#ifndef NEURON_COMPILER_MADE_UP_H
#define NEURON_COMPILER_MADE_UP_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

/*
 * Fills memory with numbers that look random and are the same for the same seed: of floating point
 * those between -1 and 1; integers of 0 or 1, which are the index of something in every model.
 *
 * count  of elements.
 * seed   any number.
 */
void
neuron_make_up(enum neuron_type type, void *elements, size_t count, uint64_t seed);

#endif
