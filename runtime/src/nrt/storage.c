/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/storage.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NO_VNC = -1 };

static NRT_STATUS
create_storage(const char *call, size_t size_bytes, struct libnrt_storage **storage)
{
    struct libnrt_storage *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return libnrt_refuse(NRT_RESOURCE, call, "out of memory for a tensor");
    }
    created->use_count = 1;
    created->vnc = NO_VNC;
    created->size_bytes = size_bytes;
    *storage = created;
    return NRT_SUCCESS;
}

void
libnrt_destroy_storage(struct libnrt_storage *storage)
{
    if (storage == NULL) {
        return;
    }
    neuron_buffer_destroy(storage->buffer);
    free(storage->host_memory);
    free(storage);
}

NRT_STATUS
libnrt_storage_near_core(const char *call, int vnc, size_t size_bytes, const char *name,
                         struct libnrt_storage **storage)
{
    struct libnrt_storage *created = NULL;
    struct neuron_error error = {.text = ""};
    NRT_STATUS status = libnrt_check_vnc(call, vnc);

    if (status == NRT_SUCCESS) {
        status = create_storage(call, size_bytes, &created);
    }
    if (status != NRT_SUCCESS) {
        return status;
    }
    enum neuron_status created_status =
        neuron_buffer_create(libnrt_runtime(), (uint32_t)vnc, size_bytes,
                             name == NULL ? "a tensor" : name, &created->buffer, &error);
    if (created_status != NEURON_OK) {
        libnrt_destroy_storage(created);
        return libnrt_refuse(libnrt_status_of(created_status), call, "%s vnc=%d bytes=%zu",
                             error.text, vnc, size_bytes);
    }
    created->vnc = vnc;
    created->address = neuron_buffer_address(created->buffer);
    *storage = created;
    return NRT_SUCCESS;
}

NRT_STATUS
libnrt_storage_of_host(const char *call, size_t size_bytes, struct libnrt_storage **storage)
{
    struct libnrt_storage *created = NULL;

    if (size_bytes > LIBNRT_HOST_LIMIT_BYTES) {
        return libnrt_refuse(NRT_RESOURCE, call,
                             "%zu bytes are above the limit of %d for a tensor of the host; "
                             "allocate it near a core, or attach a buffer",
                             size_bytes, LIBNRT_HOST_LIMIT_BYTES);
    }
    NRT_STATUS status = create_storage(call, size_bytes, &created);
    if (status != NRT_SUCCESS) {
        return status;
    }
    created->host_memory = calloc(1, size_bytes == 0 ? 1 : size_bytes);
    if (created->host_memory == NULL) {
        libnrt_destroy_storage(created);
        return libnrt_refuse(NRT_RESOURCE, call, "out of memory for a tensor of %zu bytes",
                             size_bytes);
    }
    created->address = created->host_memory;
    *storage = created;
    return NRT_SUCCESS;
}

NRT_STATUS
libnrt_storage_of_caller(const char *call, void *buffer, size_t size_bytes,
                         struct libnrt_storage **storage)
{
    NRT_STATUS status = create_storage(call, size_bytes, storage);

    if (status == NRT_SUCCESS) {
        (*storage)->address = buffer;
    }
    return status;
}

struct libnrt_storage *
libnrt_drop_storage(struct libnrt_storage *storage)
{
    if (storage == NULL) {
        return NULL;
    }
    storage->use_count -= 1;
    return storage->use_count == 0 ? storage : NULL;
}

/* Finds the bytes, while the lock of the objects is held. */
static NRT_STATUS
find_span(struct libnrt_refusal *refusal, const nrt_tensor_t *tensor, uint64_t offset,
          uint64_t size_bytes, struct libnrt_span *span)
{
    if (!libnrt_knows(tensor, LIBNRT_TENSOR)) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE, "no live tensor has this handle");
    }
    struct libnrt_storage *storage = tensor->locked.storage;
    if (storage == NULL) {
        return libnrt_note(refusal, NRT_INVALID,
                           "tensor %s has no memory; attach a buffer to it first", tensor->name);
    }
    if (offset > tensor->locked.size_bytes || size_bytes > tensor->locked.size_bytes - offset) {
        return libnrt_note(refusal, NRT_INVALID,
                           "%" PRIu64 " bytes at offset %" PRIu64
                           " reach beyond tensor %s, which has %zu bytes",
                           size_bytes, offset, tensor->name, tensor->locked.size_bytes);
    }
    storage->use_count += 1;
    span->storage = storage;
    span->address = storage->address + tensor->locked.offset + offset;
    return NRT_SUCCESS;
}

NRT_STATUS
libnrt_hold_span(const char *call, const nrt_tensor_t *tensor, uint64_t offset, uint64_t size_bytes,
                 struct libnrt_span *span)
{
    struct libnrt_refusal refusal = {.status = NRT_SUCCESS};

    libnrt_lock();
    (void)find_span(&refusal, tensor, offset, size_bytes, span);
    libnrt_unlock();
    return libnrt_refuse_noted(call, &refusal);
}

void
libnrt_release_span(struct libnrt_span *span)
{
    if (span->storage == NULL) {
        return;
    }
    libnrt_lock();
    struct libnrt_storage *unused = libnrt_drop_storage(span->storage);
    libnrt_unlock();
    libnrt_destroy_storage(unused);
    *span = (struct libnrt_span){.storage = NULL};
}

NRT_STATUS
libnrt_check_copy(const char *call, const struct libnrt_span *from, const struct libnrt_span *to)
{
    if (from->storage->vnc >= 0 && to->storage->vnc >= 0 &&
        from->storage->vnc != to->storage->vnc) {
        return libnrt_refuse(NRT_INVALID, call,
                             "the source is on vnc %d and the destination on vnc %d: copy between "
                             "tensors of one vnc, or by way of the host",
                             from->storage->vnc, to->storage->vnc);
    }
    return NRT_SUCCESS;
}
