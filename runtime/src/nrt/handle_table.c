/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/handle_table.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_SLOT_COUNT = 64 };

/* Where the search for an address begins. */
static size_t
home_of(const struct libnrt_handle_table *table, const void *handle)
{
    /* Addresses of the heap differ above their lowest bits; the product carries these upwards. */
    uint64_t hash = (uint64_t)(uintptr_t)handle * 0x9E3779B97F4A7C15U;

    return (size_t)(hash >> 32) & (table->slot_count - 1);
}

/* The slot that has the address, or the free one where it would go. There is a free one. */
static size_t
find_slot(const struct libnrt_handle_table *table, const void *handle)
{
    size_t slot = home_of(table, handle);

    while (table->slots[slot].handle != NULL && table->slots[slot].handle != handle) {
        slot = (slot + 1) & (table->slot_count - 1);
    }
    return slot;
}

static bool
grow(struct libnrt_handle_table *table)
{
    struct libnrt_handle_table larger = {.entry_count = table->entry_count};

    larger.slot_count = table->slot_count == 0 ? FIRST_SLOT_COUNT : table->slot_count * 2;
    larger.slots = calloc(larger.slot_count, sizeof(larger.slots[0]));
    if (larger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < table->slot_count; i += 1) {
        if (table->slots[i].handle != NULL) {
            larger.slots[find_slot(&larger, table->slots[i].handle)] = table->slots[i];
        }
    }
    free(table->slots);
    *table = larger;
    return true;
}

bool
libnrt_handle_table_add(struct libnrt_handle_table *table, const void *handle, int kind)
{
    if (table->entry_count * 2 >= table->slot_count && !grow(table)) {
        return false;
    }
    table->slots[find_slot(table, handle)] =
        (struct libnrt_handle_entry){.handle = handle, .kind = kind};
    table->entry_count += 1;
    return true;
}

int
libnrt_handle_table_kind(const struct libnrt_handle_table *table, const void *handle)
{
    if (table->slot_count == 0 || handle == NULL) {
        return 0;
    }
    return table->slots[find_slot(table, handle)].kind;
}

void
libnrt_handle_table_remove(struct libnrt_handle_table *table, const void *handle)
{
    size_t mask = table->slot_count - 1;
    size_t gap = find_slot(table, handle);

    /* What stands behind the gap moves into it, unless the search for it begins behind the gap. */
    for (size_t slot = (gap + 1) & mask; table->slots[slot].handle != NULL;
         slot = (slot + 1) & mask) {
        size_t home = home_of(table, table->slots[slot].handle);

        if (((slot - home) & mask) >= ((slot - gap) & mask)) {
            table->slots[gap] = table->slots[slot];
            gap = slot;
        }
    }
    table->slots[gap] = (struct libnrt_handle_entry){.handle = NULL};
    table->entry_count -= 1;
}

const void *
libnrt_handle_table_any(const struct libnrt_handle_table *table, int kind)
{
    for (size_t i = 0; i < table->slot_count; i += 1) {
        if (table->slots[i].handle != NULL && table->slots[i].kind == kind) {
            return table->slots[i].handle;
        }
    }
    return NULL;
}

void
libnrt_handle_table_clear(struct libnrt_handle_table *table)
{
    free(table->slots);
    *table = (struct libnrt_handle_table){.slots = NULL};
}
