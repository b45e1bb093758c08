/* SPDX-License-Identifier: Apache-2.0 */
/* A set of addresses, each with what it is the address of. One thread at a time. */
#ifndef NEURON_NRT_HANDLE_TABLE_H
#define NEURON_NRT_HANDLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct libnrt_handle_entry {
    const void *handle; /* NULL where the slot is free */
    int kind;
};

/* A zeroed one is empty. Slots are probed one after the other, and at least half of them are free.
 */
struct libnrt_handle_table {
    struct libnrt_handle_entry *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t entry_count;
};

/* Puts in an address that is not in it. Returns false, and changes nothing, without memory. */
bool
libnrt_handle_table_add(struct libnrt_handle_table *table, const void *handle, int kind);

/* The kind of an address; 0 for one that is not in it. */
int
libnrt_handle_table_kind(const struct libnrt_handle_table *table, const void *handle);

/* Takes out an address that is in it. */
void
libnrt_handle_table_remove(struct libnrt_handle_table *table, const void *handle);

/* Any address of a kind; NULL for none. */
const void *
libnrt_handle_table_any(const struct libnrt_handle_table *table, int kind);

/* Frees the memory. */
void
libnrt_handle_table_clear(struct libnrt_handle_table *table);

#endif
