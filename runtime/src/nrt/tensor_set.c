/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/tensor_set.h"

#include <stdlib.h>
#include <string.h>

#include "nrt/lifecycle.h"
#include "nrt/log.h"
#include "nrt/objects.h"

enum { FIRST_ENTRY_LIMIT = 8 };

uint64_t
libnrt_hash_name(const char *name)
{
    uint64_t hash = 0xCBF29CE484222325U; /* FNV-1a */

    for (; *name != '\0'; name += 1) {
        hash = (hash ^ (unsigned char)*name) * 0x100000001B3U;
    }
    return hash;
}

const struct libnrt_set_entry *
libnrt_find_entry(const struct libnrt_tensor_set *set, const char *name, uint64_t name_hash,
                  uint32_t *position)
{
    uint32_t at = *position < set->entry_count ? *position : 0;

    for (uint32_t i = 0; i < set->entry_count; i += 1) {
        const struct libnrt_set_entry *entry = &set->entries[at];

        at = at + 1 < set->entry_count ? at + 1 : 0;
        if (entry->name_hash == name_hash && strcmp(entry->name, name) == 0) {
            *position = at;
            return entry;
        }
    }
    return NULL;
}

struct nrt_tensor *
libnrt_entry_tensor(const struct libnrt_set_entry *entry)
{
    if (!libnrt_knows(entry->tensor, LIBNRT_TENSOR) || entry->tensor->serial != entry->serial) {
        return NULL;
    }
    return entry->tensor;
}

static NRT_STATUS
allocate_set(const char *call, nrt_tensor_set_t **result)
{
    if (result == NULL) {
        return libnrt_refuse(NRT_INVALID, call, "result is NULL");
    }
    struct libnrt_tensor_set *created = calloc(1, sizeof(*created));
    if (created == NULL || !libnrt_register(created, LIBNRT_TENSOR_SET)) {
        free(created);
        return libnrt_refuse(NRT_RESOURCE, call, "out of memory for a set of tensors");
    }
    *result = created;
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_allocate_tensor_set(nrt_tensor_set_t **result)
{
    static const char call[] = "nrt_allocate_tensor_set";
    NRT_STATUS status = libnrt_enter(call);

    if (status == NRT_SUCCESS) {
        status = allocate_set(call, result);
        libnrt_leave();
    }
    return status;
}

void
libnrt_tensor_set_destroy(struct libnrt_tensor_set *set)
{
    for (uint32_t i = 0; i < set->entry_count; i += 1) {
        free(set->entries[i].name);
    }
    free(set->entries);
    free(set);
}

void
nrt_destroy_tensor_set(nrt_tensor_set_t **tensor_set)
{
    if (tensor_set == NULL) {
        return;
    }
    nrt_tensor_set_t *destroyed = *tensor_set;
    *tensor_set = NULL;
    if (destroyed == NULL || !libnrt_try_enter()) {
        return; /* nrt_close() has destroyed all sets */
    }
    if (libnrt_unregister(destroyed, LIBNRT_TENSOR_SET)) {
        libnrt_tensor_set_destroy(destroyed);
    } else {
        libnrt_log(LIBNRT_WARN, "nrt_destroy_tensor_set", "no live set has this handle");
    }
    libnrt_leave();
}

static NRT_STATUS
check_name(const char *call, const char *name)
{
    if (name == NULL || name[0] == '\0') {
        return libnrt_refuse(NRT_INVALID, call, "tensor_name is NULL or empty");
    }
    if (strnlen(name, NEURON_NAME_LIMIT_BYTES) == NEURON_NAME_LIMIT_BYTES) {
        return libnrt_refuse(NRT_INVALID, call, "the name %.40s... is longer than %d bytes", name,
                             NEURON_NAME_LIMIT_BYTES - 1);
    }
    return NRT_SUCCESS;
}

/* Makes room for one more entry. */
static bool
grow(struct libnrt_tensor_set *set)
{
    if (set->entry_count < set->entry_limit) {
        return true;
    }
    uint32_t limit = set->entry_limit == 0 ? FIRST_ENTRY_LIMIT : set->entry_limit * 2;
    struct libnrt_set_entry *entries = realloc(set->entries, limit * sizeof(*entries));
    if (entries == NULL) {
        return false;
    }
    set->entries = entries;
    set->entry_limit = limit;
    return true;
}

/* Puts an entry with this name into a set, in place of the one that has it. */
static bool
put_entry(struct libnrt_tensor_set *set, const char *name, struct nrt_tensor *tensor)
{
    uint64_t name_hash = libnrt_hash_name(name);
    uint32_t position = 0;
    const struct libnrt_set_entry *found = libnrt_find_entry(set, name, name_hash, &position);

    if (found != NULL) {
        struct libnrt_set_entry *entry = &set->entries[found - set->entries];

        entry->tensor = tensor;
        entry->serial = tensor->serial;
        return true;
    }
    char *copy = grow(set) ? strdup(name) : NULL;
    if (copy == NULL) {
        return false;
    }
    set->entries[set->entry_count] = (struct libnrt_set_entry){
        .name_hash = name_hash, .tensor = tensor, .serial = tensor->serial, .name = copy};
    set->entry_count += 1;
    return true;
}

/* The lock of the objects is held. */
static NRT_STATUS
add_tensor(struct libnrt_refusal *refusal, nrt_tensor_set_t *tensor_set, const char *name,
           nrt_tensor_t *tensor)
{
    if (!libnrt_knows(tensor_set, LIBNRT_TENSOR_SET)) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE, "no live set has this handle");
    }
    if (!libnrt_knows(tensor, LIBNRT_TENSOR)) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE,
                           "no live tensor has the handle that is to be %s", name);
    }
    if (!put_entry(tensor_set, name, tensor)) {
        return libnrt_note(refusal, NRT_RESOURCE, "out of memory for a set of tensors");
    }
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_add_tensor_to_tensor_set(nrt_tensor_set_t *tensor_set, const char *tensor_name,
                             nrt_tensor_t *tensor)
{
    static const char call[] = "nrt_add_tensor_to_tensor_set";
    struct libnrt_refusal refusal = {.status = NRT_SUCCESS};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = check_name(call, tensor_name);
    if (status == NRT_SUCCESS) {
        libnrt_lock();
        (void)add_tensor(&refusal, tensor_set, tensor_name, tensor);
        libnrt_unlock();
        status = libnrt_refuse_noted(call, &refusal);
    }
    libnrt_leave();
    return status;
}

/* The lock of the objects is held. */
static NRT_STATUS
get_tensor(struct libnrt_refusal *refusal, const nrt_tensor_set_t *tensor_set, const char *name,
           nrt_tensor_t **tensor)
{
    uint32_t position = 0;

    if (!libnrt_knows(tensor_set, LIBNRT_TENSOR_SET)) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE, "no live set has this handle");
    }
    const struct libnrt_set_entry *entry =
        libnrt_find_entry(tensor_set, name, libnrt_hash_name(name), &position);
    if (entry == NULL) {
        return libnrt_note(refusal, NRT_FAILURE, "the set has no tensor %s", name);
    }
    struct nrt_tensor *found = libnrt_entry_tensor(entry);
    if (found == NULL) {
        return libnrt_note(refusal, NRT_INVALID_HANDLE, "tensor %s of the set was freed", name);
    }
    *tensor = found;
    return NRT_SUCCESS;
}

NRT_STATUS
nrt_get_tensor_from_tensor_set(nrt_tensor_set_t *tensor_set, const char *tensor_name,
                               nrt_tensor_t **tensor)
{
    static const char call[] = "nrt_get_tensor_from_tensor_set";
    struct libnrt_refusal refusal = {.status = NRT_SUCCESS};
    NRT_STATUS status = libnrt_enter(call);

    if (status != NRT_SUCCESS) {
        return status;
    }
    status = check_name(call, tensor_name);
    if (status == NRT_SUCCESS && tensor == NULL) {
        status = libnrt_refuse(NRT_INVALID, call, "tensor is NULL");
    }
    if (status == NRT_SUCCESS) {
        libnrt_lock();
        (void)get_tensor(&refusal, tensor_set, tensor_name, tensor);
        libnrt_unlock();
        status = libnrt_refuse_noted(call, &refusal);
    }
    libnrt_leave();
    return status;
}
