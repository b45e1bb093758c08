/* SPDX-License-Identifier: Apache-2.0 */
/* What ranks tell each other: values by key, each put once. */
#ifndef NEURON_LAUNCHER_PMI1_STORE_H
#define NEURON_LAUNCHER_PMI1_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct neuron_pmi1_entry {
    char *key; /* NULL for a free place; the value follows its end */
    const char *value;
};

/* A zeroed one, with `limit` set, is empty. A table with gaps: the place of a key is its hash. */
struct neuron_pmi1_store {
    struct neuron_pmi1_entry *entries;
    size_t place_count; /* a power of two, at least twice the entries */
    size_t entry_count;
    size_t limit; /* how many entries it may hold */
};

/* Puts a value. Returns false where the key is there, or there is no room for it. */
bool
neuron_pmi1_store_put(struct neuron_pmi1_store *store, const char *key, const char *value);

/* The value of a key; NULL where there is none. The store's, until its end. */
const char *
neuron_pmi1_store_get(const struct neuron_pmi1_store *store, const char *key);

/* Forgets all. */
void
neuron_pmi1_store_clear(struct neuron_pmi1_store *store);

#endif
