/* SPDX-License-Identifier: Apache-2.0 */
#include "pmi1_store.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_PLACES = 64 };

/* FNV-1a. */
static size_t
hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; key[i] != '\0'; i += 1) {
        hash = (hash ^ (uint8_t)key[i]) * 1099511628211U;
    }
    return (size_t)hash;
}

/* The place of a key, or the free one where it would stand. There always is a free one. */
static struct neuron_pmi1_entry *
find_place(const struct neuron_pmi1_store *store, const char *key)
{
    size_t mask = store->place_count - 1;
    size_t place = hash_of(key) & mask;

    while (store->entries[place].key != NULL && strcmp(store->entries[place].key, key) != 0) {
        place = (place + 1) & mask;
    }
    return &store->entries[place];
}

static bool
grow(struct neuron_pmi1_store *store)
{
    struct neuron_pmi1_store grown = *store;

    grown.place_count = store->place_count == 0 ? FIRST_PLACES : store->place_count * 2;
    grown.entries = calloc(grown.place_count, sizeof(*grown.entries));
    if (grown.entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < store->place_count; i += 1) {
        if (store->entries[i].key != NULL) {
            *find_place(&grown, store->entries[i].key) = store->entries[i];
        }
    }
    free(store->entries);
    *store = grown;
    return true;
}

bool
neuron_pmi1_store_put(struct neuron_pmi1_store *store, const char *key, const char *value)
{
    size_t key_bytes = strlen(key) + 1;
    size_t value_bytes = strlen(value) + 1;

    if (store->entry_count == store->limit ||
        (store->entry_count * 2 >= store->place_count && !grow(store))) {
        return false;
    }
    struct neuron_pmi1_entry *entry = find_place(store, key);
    char *texts = entry->key == NULL ? malloc(key_bytes + value_bytes) : NULL;
    if (texts == NULL) {
        return false;
    }
    memcpy(texts, key, key_bytes);
    memcpy(texts + key_bytes, value, value_bytes);
    *entry = (struct neuron_pmi1_entry){.key = texts, .value = texts + key_bytes};
    store->entry_count += 1;
    return true;
}

const char *
neuron_pmi1_store_get(const struct neuron_pmi1_store *store, const char *key)
{
    return store->place_count == 0 ? NULL : find_place(store, key)->value;
}

void
neuron_pmi1_store_clear(struct neuron_pmi1_store *store)
{
    for (size_t i = 0; i < store->place_count; i += 1) {
        free(store->entries[i].key);
    }
    free(store->entries);
    *store = (struct neuron_pmi1_store){.limit = store->limit};
}
