/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that double when they are full. */
#ifndef NEURON_GROWING_ARRAY_H
#define NEURON_GROWING_ARRAY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Makes room for one more element.
 *
 * array  the array of `count` elements, with room for `*room`; NULL for a new one.
 *
 * Returns where the array is now, or NULL when there is no memory: the old one is as it was.
 */
void *
neuron_grow(void *array, uint32_t count, uint32_t *room, size_t element_bytes);

#endif
