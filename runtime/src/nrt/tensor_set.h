/* SPDX-License-Identifier: Apache-2.0 */
/* What a set of tensors holds. All of it is guarded by the lock of the objects. */
#ifndef NEURON_NRT_TENSOR_SET_H
#define NEURON_NRT_TENSOR_SET_H

#include "nrt/libnrt.h"

/* A tensor by name. It may have been freed: only one of the same serial is the one that was added.
 */
struct libnrt_set_entry {
    uint64_t name_hash;
    struct nrt_tensor *tensor;
    uint64_t serial;
    char *name;
};

struct libnrt_tensor_set {
    struct libnrt_set_entry *entries; /* in the order in which they were added */
    uint32_t entry_count;
    uint32_t entry_limit;
};

uint64_t
libnrt_hash_name(const char *name);

/*
 * Looks up a name, from `*position` on and then from the start, since names are mostly asked for in
 * the order in which they were added.
 *
 * position  below the number of entries or 0; receives the place after the entry.
 *
 * Returns NULL for a name that the set does not have.
 */
const struct libnrt_set_entry *
libnrt_find_entry(const struct libnrt_tensor_set *set, const char *name, uint64_t name_hash,
                  uint32_t *position);

/* The tensor of an entry, while it lives; else NULL. */
struct nrt_tensor *
libnrt_entry_tensor(const struct libnrt_set_entry *entry);

#endif
