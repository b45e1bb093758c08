/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan numbers its storages in the same order each time that it is made, so a number and a
 * signature of the layout name packed weights. The name of the file is a checksum of all else that
 * they depend on: the graph with its weights, the processor, and the versions of both libraries.
 */
#include "engine/packed_cache.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <oneapi/dnnl/dnnl.h>

#include "engine/machine.h"
#include "engine/packed_file.h"
#include "engine/plan_body.h"

/* Goes up with each change to how plans number or pack. */
enum { PLAN_VERSION = 1 };

/* Less is packed faster than a file is opened. */
static const size_t least_bytes = 1U << 20;

struct neuron_packed_cache {
    char path[PATH_MAX];
    struct neuron_neff_checksum key;
    struct neuron_packed_file file;
};

/* Makes a folder with those above it, for this user alone. */
static bool
make_folder(const char *folder)
{
    char path[PATH_MAX] = "";
    size_t length = strlen(folder);

    if (length + 1 > sizeof(path)) {
        return false;
    }
    memcpy(path, folder, length + 1);
    for (size_t i = 1; i <= length; i += 1) {
        if (path[i] == '/' || path[i] == '\0') {
            path[i] = '\0';
            if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST) {
                return false;
            }
            path[i] = folder[i];
        }
    }
    return true;
}

static struct neuron_neff_checksum
find_key(const unsigned char *identity)
{
    struct {
        unsigned char identity[NEURON_GRAPH_IDENTITY_BYTES];
        char processor[NEURON_PROCESSOR_LIMIT_BYTES];
        uint64_t versions[4];
    } key;
    const dnnl_version_t *version = dnnl_version();

    memset(&key, 0, sizeof(key));
    memcpy(key.identity, identity, sizeof(key.identity));
    neuron_machine_name_processor(key.processor, sizeof(key.processor));
    key.versions[0] = PLAN_VERSION;
    key.versions[1] = (uint64_t)version->major;
    key.versions[2] = (uint64_t)version->minor;
    key.versions[3] = (uint64_t)version->patch;
    return neuron_neff_checksum_of(&key, sizeof(key));
}

/* "folder/0123456789abcdef0123456789abcdef.packed"; false where that does not fit. */
static bool
name_file(struct neuron_packed_cache *cache, const char *folder)
{
    int length = snprintf(cache->path, sizeof(cache->path), "%s/", folder);

    for (size_t i = 0; i < sizeof(cache->key.bytes); i += 1) {
        if (length < 0 || (size_t)length >= sizeof(cache->path)) {
            return false;
        }
        length += snprintf(cache->path + length, sizeof(cache->path) - (size_t)length, "%02x",
                           cache->key.bytes[i]);
    }
    if ((size_t)length + sizeof(".packed") > sizeof(cache->path)) {
        return false;
    }
    memcpy(cache->path + length, ".packed", sizeof(".packed"));
    return true;
}

struct neuron_packed_cache *
neuron_packed_cache_open(const struct neuron_packed_place *place)
{
    struct neuron_error unused = {0};
    struct neuron_packed_cache *cache = NULL;

    if (place == NULL || place->folder == NULL || place->folder[0] == '\0') {
        return NULL;
    }
    cache = calloc(1, sizeof(*cache));
    if (cache == NULL) {
        return NULL;
    }
    cache->key = find_key(place->identity);
    if (!name_file(cache, place->folder)) {
        free(cache);
        return NULL;
    }
    if (neuron_packed_file_map(cache->path, &cache->key, &cache->file, &unused) != NEURON_OK) {
        cache->file = (struct neuron_packed_file){0}; /* to be written */
    }
    return cache;
}

const void *
neuron_packed_cache_find(const struct neuron_packed_cache *cache, uint32_t storage,
                         size_t size_bytes, uint64_t signature)
{
    uint64_t low = 0;
    uint64_t high = cache == NULL ? 0 : cache->file.entry_count;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        const struct neuron_packed_entry *entry = &cache->file.entries[middle];

        if (entry->storage == storage) {
            return entry->size_bytes == size_bytes && entry->signature == signature
                       ? (const unsigned char *)cache->file.mapping.address + entry->offset
                       : NULL;
        }
        low = entry->storage < storage ? middle + 1 : low;
        high = entry->storage < storage ? high : middle;
    }
    return NULL;
}

static bool
is_kept(const struct neuron_storage *storage)
{
    return storage->owned != NULL && (storage->first_step != UINT32_MAX || storage->is_factors);
}

/* Lets the plan use what stands in the file, and frees its own. */
static void
use_file(const struct neuron_packed_cache *cache, struct neuron_plan *plan)
{
    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        struct neuron_storage *storage = &plan->storages[i];
        const void *bytes =
            is_kept(storage)
                ? neuron_packed_cache_find(cache, i, storage->size_bytes, storage->signature)
                : NULL;

        if (bytes != NULL) {
            free(storage->owned);
            storage->owned = NULL;
            storage->owned_bytes = 0;
            storage->constant = bytes;
        }
    }
}

void
neuron_packed_cache_store(struct neuron_packed_cache *cache, struct neuron_plan *plan)
{
    struct neuron_packed_part *parts = NULL;
    struct neuron_error unused = {0};
    uint64_t count = 0;
    size_t total_bytes = 0;

    /* A file that is there was found wanting only in what changed under its name: left alone. */
    if (cache == NULL || cache->file.entry_count > 0) {
        return;
    }
    parts = calloc((size_t)plan->storage_count + 1, sizeof(*parts));
    for (uint32_t i = 0; parts != NULL && i < plan->storage_count; i += 1) {
        const struct neuron_storage *storage = &plan->storages[i];

        if (is_kept(storage)) {
            parts[count] = (struct neuron_packed_part){.storage = i,
                                                       .size_bytes = storage->size_bytes,
                                                       .signature = storage->signature,
                                                       .bytes = storage->owned};
            total_bytes += storage->size_bytes;
            count += 1;
        }
    }
    char *slash = strrchr(cache->path, '/');
    *slash = '\0';
    bool has_folder = total_bytes >= least_bytes && make_folder(cache->path);
    *slash = '/';
    if (has_folder &&
        neuron_packed_file_write(cache->path, &cache->key, parts, count, &unused) == NEURON_OK &&
        neuron_packed_file_map(cache->path, &cache->key, &cache->file, &unused) == NEURON_OK) {
        use_file(cache, plan);
    }
    free(parts);
}

void
neuron_packed_cache_close(struct neuron_packed_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    neuron_packed_file_close(&cache->file);
    free(cache);
}
