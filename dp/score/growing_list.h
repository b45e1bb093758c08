/* SPDX-License-Identifier: Apache-2.0 */
/* Room for one more item at the end of a list on the heap. */
#ifndef NEURON_SCORE_GROWING_LIST_H
#define NEURON_SCORE_GROWING_LIST_H

#include <stddef.h>

/*
 * Makes room for `more` items behind the `count` that there are; a list that is full gets at least
 * twice its room, so that many items cost no more than a few moves.
 *
 * items  NULL for a list without room.
 * limit  how many items there is room for; changed with the list.
 *
 * Returns the list, which may have moved; or NULL without memory: the old one stays as it was.
 */
void *
neuron_list_reserve(void *items, size_t count, size_t more, size_t *limit, size_t item_bytes);

#endif
