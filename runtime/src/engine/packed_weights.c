/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/packed_weights.h"

#include <stdlib.h>

#include "engine/packed_cache.h"
#include "memory/file_pages.h"

enum { ALIGNMENT = 64 };

bool
neuron_packed_weights_find(struct neuron_plan *plan, uint32_t buffer, uint64_t signature)
{
    uint32_t index = plan->buffers[buffer].storage;
    struct neuron_storage *storage = &plan->storages[index];

    storage->signature = signature;
    const void *bytes =
        neuron_packed_cache_find(plan->packed, index, storage->size_bytes, signature);
    if (bytes == NULL && !plan->is_outline) {
        return false;
    }
    storage->place = NEURON_PLACE_CONSTANT;
    storage->constant = bytes;
    return true;
}

enum neuron_status
neuron_packed_weights_allocate(struct neuron_lowering *lowering, uint32_t buffer, void **bytes)
{
    struct neuron_plan *plan = lowering->plan;
    struct neuron_storage *storage = &plan->storages[plan->buffers[buffer].storage];
    size_t padded_bytes = storage->size_bytes + ALIGNMENT - storage->size_bytes % ALIGNMENT;

    *bytes = aligned_alloc(ALIGNMENT, padded_bytes);
    if (*bytes == NULL) {
        return NEURON_FAIL(lowering->error, NEURON_OUT_OF_MEMORY,
                           "out of memory for %zu bytes of packed weights", storage->size_bytes);
    }
    storage->place = NEURON_PLACE_CONSTANT;
    storage->constant = *bytes;
    storage->owned = *bytes;
    storage->owned_bytes = padded_bytes;
    return NEURON_OK;
}

void
neuron_packed_weights_release(const struct neuron_plan *plan, uint32_t raw)
{
    const struct neuron_storage *storage = &plan->storages[plan->buffers[raw].storage];

    neuron_file_pages_release(&plan->graph->mapping, storage->constant, storage->size_bytes);
}
