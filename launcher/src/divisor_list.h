/* SPDX-License-Identifier: Apache-2.0 */
/* The counts that divide a number, as a text for users. */
#ifndef NEURON_LAUNCHER_DIVISOR_LIST_H
#define NEURON_LAUNCHER_DIVISOR_LIST_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes the divisors of a number in ascending order: "1, 2, 3 or 6". Where they are too many for
 * the text, the middle ones are left out: "1, 2, 3, ... or 720".
 *
 * number      at least 1.
 * size_bytes  at least 32.
 *
 * Returns the text.
 */
const char *
neuron_divisor_list_format(uint32_t number, char *text, size_t size_bytes);

#endif
