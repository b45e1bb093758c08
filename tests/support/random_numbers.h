/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that look random, and are the same for the same seed. */
#ifndef NEURON_TESTS_RANDOM_NUMBERS_H
#define NEURON_TESTS_RANDOM_NUMBERS_H

#include <stdint.h>

/* The next number below a limit. `state` is the seed at first (SplitMix64). */
uint32_t
random_below(uint64_t *state, uint32_t limit);

#endif
