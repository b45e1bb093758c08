/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packed weights kept on disk. Whoever makes the same plan again maps the file instead of packing,
 * so that all processes of a host share one copy in memory. A file that is damaged, of another
 * version, or somebody else's is as good as none.
 */
#ifndef NEURON_ENGINE_PACKED_CACHE_H
#define NEURON_ENGINE_PACKED_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

struct neuron_plan;

/* Where a plan's weights are kept. */
struct neuron_packed_place {
    const char *folder;            /* made if it is not there; NULL or empty for none */
    const unsigned char *identity; /* of the graph and its weights, NEURON_GRAPH_IDENTITY_BYTES */
};

/* An open file, or the place for one. */
struct neuron_packed_cache;

/*
 * Finds the file of a plan on this machine.
 *
 * Returns NULL where none can be kept.
 */
struct neuron_packed_cache *
neuron_packed_cache_open(const struct neuron_packed_place *place);

/*
 * Finds the bytes of a storage.
 *
 * storage    its number in the plan.
 * signature  of its layout.
 *
 * Returns NULL where they are not there. They live as long as the cache.
 */
const void *
neuron_packed_cache_find(const struct neuron_packed_cache *cache, uint32_t storage,
                         size_t size_bytes, uint64_t signature);

/*
 * Writes what the plan packed by itself, if that is worth a file, and lets the plan use the file in
 * place of its own memory. Where the file cannot be written, the plan stays as it is.
 */
void
neuron_packed_cache_store(struct neuron_packed_cache *cache, struct neuron_plan *plan);

/* Unmaps the file. Accepts NULL. */
void
neuron_packed_cache_close(struct neuron_packed_cache *cache);

#endif
