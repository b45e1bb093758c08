/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors: a name, and bytes of a storage that slices and runs may share. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nrt/lifecycle.h"
#include "nrt/log.h"
#include "nrt/objects.h"
#include "nrt/storage.h"

/* Checks what every call that makes a tensor is given. */
static NRT_STATUS
check_new(const char *call, const char *name, nrt_tensor_t *const *tensor)
{
    if (tensor == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "there is no place for the tensor: it is NULL");
    }
    if (name != NULL && strnlen(name, NEURON_NAME_LIMIT_BYTES) == NEURON_NAME_LIMIT_BYTES) {
        return libnrt_refuse(NRT_INVALID, call, "the name %.40s... is longer than %d bytes", name,
                             NEURON_NAME_LIMIT_BYTES - 1);
    }
    return NRT_SUCCESS;
}

/* Makes a tensor, and hands the use of the storage over to it. On failure it is dropped. */
static NRT_STATUS
create_tensor(const char *call, const char *name, const struct libnrt_span *span, size_t size_bytes,
              nrt_tensor_t **tensor)
{
    static _Atomic uint64_t last_serial;
    struct nrt_tensor *created = calloc(1, sizeof(*created));

    if (created != NULL) {
        created->serial = atomic_fetch_add(&last_serial, 1) + 1;
        (void)snprintf(created->name, sizeof(created->name), "%s", name == NULL ? "" : name);
        created->locked.storage = span->storage;
        created->locked.size_bytes = size_bytes;
        created->locked.offset =
            span->storage == NULL ? 0 : (size_t)(span->address - span->storage->address);
    }
    if (created == NULL || !libnrt_register(created, LIBNRT_TENSOR)) {
        struct libnrt_span unused = *span;

        free(created);
        libnrt_release_span(&unused);
        return libnrt_refuse(NRT_RESOURCE, call, "out of memory for a tensor");
    }
    *tensor = created;
    return NRT_SUCCESS;
}

static NRT_STATUS
allocate(const char *call, nrt_tensor_placement_t placement, int vnc, size_t size_bytes,
         const char *name, struct libnrt_span *span)
{
    NRT_STATUS status = NRT_INVALID;

    if (placement == NRT_TENSOR_PLACEMENT_DEVICE) {
        status = libnrt_storage_near_core(call, vnc, size_bytes, name, &span->storage);
    } else if (placement == NRT_TENSOR_PLACEMENT_HOST) {
        status = libnrt_storage_of_host(call, size_bytes, &span->storage);
    } else {
        return libnrt_refuse(NRT_INVALID, call,
                             "placement %d is none that tensors can have; use "
                             "NRT_TENSOR_PLACEMENT_DEVICE",
                             (int)placement);
    }
    if (status == NRT_SUCCESS) {
        span->address = span->storage->address;
    }
    return status;
}

NRT_STATUS
nrt_tensor_allocate(nrt_tensor_placement_t tensor_placement, int vnc, size_t size, const char *name,
                    nrt_tensor_t **tensor)
{
    static const char call[] = "nrt_tensor_allocate";
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = check_new(call, name, tensor);
    if (status == NRT_SUCCESS) {
        status = allocate(call, tensor_placement, vnc, size, name, &span);
    }
    if (status == NRT_SUCCESS) {
        status = create_tensor(call, name, &span, size, tensor);
    }
    libnrt_leave();
    return status;
}

NRT_STATUS
nrt_tensor_allocate_empty(const char *name, nrt_tensor_t **tensor)
{
    static const char call[] = "nrt_tensor_allocate_empty";
    const struct libnrt_span none = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = check_new(call, name, tensor);
    if (status == NRT_SUCCESS) {
        status = create_tensor(call, name, &none, 0, tensor);
    }
    libnrt_leave();
    return status;
}

NRT_STATUS
nrt_tensor_allocate_slice(const nrt_tensor_t *tensor_source, size_t offset, size_t size,
                          const char *name, nrt_tensor_t **tensor_slice)
{
    static const char call[] = "nrt_tensor_allocate_slice";
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = check_new(call, name, tensor_slice);
    if (status == NRT_SUCCESS) {
        status = libnrt_hold_span(call, tensor_source, offset, size, &span);
    }
    if (status == NRT_SUCCESS) {
        status = create_tensor(call, name, &span, size, tensor_slice);
    }
    libnrt_leave();
    return status;
}

/* Gives a tensor another storage, and the use of the one before back to the caller. */
static NRT_STATUS
exchange_storage(const char *call, nrt_tensor_t *tensor, struct libnrt_storage **storage)
{
    libnrt_lock();
    if (!libnrt_knows(tensor, LIBNRT_TENSOR)) {
        libnrt_unlock();
        return libnrt_refuse(NRT_INVALID_HANDLE, call, "no live tensor has this handle");
    }
    struct libnrt_storage *former = tensor->locked.storage;
    tensor->locked.storage = *storage;
    tensor->locked.offset = 0;
    tensor->locked.size_bytes = (*storage)->size_bytes;
    libnrt_unlock();
    *storage = former;
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_tensor_attach_buffer(nrt_tensor_t *tensor, void *buffer, size_t size)
{
    static const char call[] = "nrt_tensor_attach_buffer";
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (buffer == NULL) {
        status = libnrt_refuse(NRT_INVALID, call, "buffer is NULL");
    } else {
        status = libnrt_storage_of_caller(call, buffer, size, &span.storage);
    }
    if (status == NRT_SUCCESS) {
        status = exchange_storage(call, tensor, &span.storage);
    }
    /* The one before or, on failure, the new one. */
    libnrt_release_span(&span);
    libnrt_leave();
    return status;
}

void
libnrt_tensor_destroy(struct nrt_tensor *tensor)
{
    struct libnrt_span span = {.storage = tensor->locked.storage};

    libnrt_release_span(&span);
    free(tensor);
}

void
nrt_tensor_free(nrt_tensor_t **tensor)
{
    if (tensor == NULL) {
        return;
    }
    nrt_tensor_t *freed = *tensor;
    *tensor = NULL;
    if (freed == NULL || !libnrt_try_enter()) {
        return; /* nrt_close() has freed all tensors */
    }
    libnrt_lock();
    bool was_live = libnrt_forget(freed, LIBNRT_TENSOR);
    libnrt_announce_change();
    libnrt_unlock();
    if (was_live) {
        libnrt_tensor_destroy(freed);
    } else {
        libnrt_log(LIBNRT_WARN, "nrt_tensor_free", "no live tensor has this handle");
    }
    libnrt_leave();
}

size_t
nrt_tensor_get_size(const nrt_tensor_t *tensor)
{
    static const char call[] = "nrt_tensor_get_size";
    size_t size_bytes = 0;

    if (libnrt_enter(call) != NRT_SUCCESS) {
        return 0;
    }
    libnrt_lock();
    bool is_live = libnrt_knows(tensor, LIBNRT_TENSOR);
    if (is_live) {
        size_bytes = tensor->locked.size_bytes;
    }
    libnrt_unlock();
    if (!is_live) {
        (void)libnrt_refuse(NRT_INVALID_HANDLE, call, "no live tensor has this handle");
    }
    libnrt_leave();
    return size_bytes;
}

void *
nrt_tensor_get_va(const nrt_tensor_t *tensor)
{
    static const char call[] = "nrt_tensor_get_va";
    struct libnrt_span span = {.storage = NULL};

    if (libnrt_enter(call) != NRT_SUCCESS) {
        return NULL;
    }
    (void)libnrt_hold_span(call, tensor, 0, 0, &span);
    void *address = span.address;
    libnrt_release_span(&span);
    libnrt_leave();
    return address;
}

static NRT_STATUS
describe_allocation(const char *call, const struct libnrt_storage *storage,
                    nrt_tensor_device_allocation_info_t *alloc_info)
{
    if (storage->vnc < 0) {
        return libnrt_refuse(NRT_INVALID, call, "the tensor is not of the device");
    }
    alloc_info->physical_address = (uint64_t)(uintptr_t)storage->address;
    alloc_info->size = storage->size_bytes;
    alloc_info->hbm_index = (int)neuron_runtime_device(libnrt_runtime(), (uint32_t)storage->vnc);
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_tensor_get_device_allocation_info(const nrt_tensor_t *tensor,
                                      nrt_tensor_device_allocation_info_t *alloc_info)
{
    static const char call[] = "nrt_tensor_get_device_allocation_info";
    struct libnrt_span span = {.storage = NULL};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    if (alloc_info == NULL) {
        status = libnrt_refuse(NRT_INVALID, call, "alloc_info is NULL");
    } else {
        status = libnrt_hold_span(call, tensor, 0, 0, &span);
    }
    if (status == NRT_SUCCESS) {
        status = describe_allocation(call, span.storage, alloc_info);
    }
    libnrt_release_span(&span);
    libnrt_leave();
    return status;
}
