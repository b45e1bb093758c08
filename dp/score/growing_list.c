/* SPDX-License-Identifier: Apache-2.0 */
#include "score/growing_list.h"

#include <stdint.h>
#include <stdlib.h>

void *
neuron_list_reserve(void *items, size_t count, size_t more, size_t *limit, size_t item_bytes)
{
    size_t needed = 0;

    if (__builtin_add_overflow(count, more, &needed) || needed > SIZE_MAX / 4) {
        return NULL;
    }
    if (items != NULL && needed <= *limit) {
        return items;
    }
    size_t room = *limit * 2 > needed ? *limit * 2 : needed + 8;
    size_t room_bytes = 0;
    if (__builtin_mul_overflow(room, item_bytes, &room_bytes) || room_bytes > PTRDIFF_MAX) {
        return NULL;
    }
    void *moved = realloc(items, room_bytes);
    if (moved != NULL) {
        *limit = room;
    }
    return moved;
}
