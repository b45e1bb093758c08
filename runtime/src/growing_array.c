/* SPDX-License-Identifier: Apache-2.0 */
#include "growing_array.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

void *
neuron_grow(void *array, uint32_t count, uint32_t *room, size_t element_bytes)
{
    if (count < *room) {
        return array;
    }
    uint32_t more = *room == 0 ? FIRST_ROOM : *room * 2;
    if (more < *room) {
        return NULL;
    }
    void *grown = realloc(array, more * element_bytes);
    if (grown != NULL) {
        *room = more;
    }
    return grown;
}
