/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One lock per budget. It is held for a few comparisons, and never while memory is touched: loading
 * takes bytes a few times per model, a run never does.
 *
 * A fork may happen while another thread holds the lock, and the child would then wait for ever. So
 * the child, whose numbers nobody needs, never waits for it.
 */
#include "memory/device_budget.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters/process_counters.h"
#include "growing_array.h"
#include "memory/refusal.h"
#include "neuron/process_mark.h"

struct neuron_device_budget {
    uint32_t device;
    uint64_t limit_bytes;
    struct neuron_process_mark *process;
    struct neuron_process_counters *counters; /* NULL for none */
    pthread_mutex_t lock;
    struct {
        struct neuron_memory_owner *owners; /* in no order; each uses something */
        uint32_t owner_count;
        uint32_t owner_room;
        uint64_t used_bytes;
        uint64_t peak_bytes;
    } locked;
};

enum neuron_status
neuron_device_budget_create(uint32_t device, uint64_t limit_bytes,
                            struct neuron_device_budget **budget, struct neuron_error *error)
{
    struct neuron_device_budget *created = calloc(1, sizeof(*created));

    if (created == NULL || neuron_process_mark_create(&created->process, NULL) != NEURON_OK) {
        free(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "out of memory for the memory budget of device %u", device);
    }
    created->device = device;
    created->limit_bytes = limit_bytes;
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    *budget = created;
    return NEURON_OK;
}

void
neuron_device_budget_note(struct neuron_device_budget *budget,
                          struct neuron_process_counters *counters)
{
    budget->counters = counters;
}

static bool
is_of_parent(const struct neuron_device_budget *budget)
{
    return !neuron_process_mark_is_own(budget->process);
}

/* Finds an owner; its position is the count where it uses nothing yet. */
static uint32_t
find_owner(const struct neuron_device_budget *budget, const char *name)
{
    uint32_t i = 0;

    while (i < budget->locked.owner_count && strcmp(budget->locked.owners[i].name, name) != 0) {
        i += 1;
    }
    return i;
}

/* Adds an owner that uses nothing yet. */
static bool
add_owner(struct neuron_device_budget *budget, const char *name)
{
    struct neuron_memory_owner *owners =
        neuron_grow(budget->locked.owners, budget->locked.owner_count, &budget->locked.owner_room,
                    sizeof(*owners));

    if (owners == NULL) {
        return false;
    }
    budget->locked.owners = owners;
    char *copy = strdup(name);
    if (copy == NULL) {
        return false;
    }
    owners[budget->locked.owner_count] = (struct neuron_memory_owner){.name = copy};
    budget->locked.owner_count += 1;
    return true;
}

static void
remove_owner(struct neuron_device_budget *budget, uint32_t position)
{
    struct neuron_memory_owner *owners = budget->locked.owners;

    free(owners[position].name);
    budget->locked.owner_count -= 1;
    owners[position] = owners[budget->locked.owner_count];
}

/* Takes with the lock held. */
static enum neuron_status
take_locked(struct neuron_device_budget *budget, const struct neuron_memory_request *request,
            struct neuron_error *error)
{
    uint32_t position = find_owner(budget, request->owner);

    if (request->bytes > budget->limit_bytes - budget->locked.used_bytes) {
        const struct neuron_device_memory_stats stats = {.used_bytes = budget->locked.used_bytes,
                                                         .limit_bytes = budget->limit_bytes};

        return neuron_memory_refuse(request, &stats, budget->locked.owners,
                                    budget->locked.owner_count, error);
    }
    if (position == budget->locked.owner_count && !add_owner(budget, request->owner)) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "out of memory for the memory budget of device %u", budget->device);
    }
    neuron_process_counters_take_memory(budget->counters, budget->device, request->owner,
                                        request->use, request->bytes);
    budget->locked.owners[position].bytes += request->bytes;
    budget->locked.used_bytes += request->bytes;
    if (budget->locked.used_bytes > budget->locked.peak_bytes) {
        budget->locked.peak_bytes = budget->locked.used_bytes;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_charge_take(const struct neuron_charge *charge, uint64_t bytes, enum neuron_memory_use use,
                   struct neuron_error *error)
{
    if (charge == NULL || charge->budget == NULL || bytes == 0) {
        return NEURON_OK;
    }
    struct neuron_device_budget *budget = charge->budget;
    const struct neuron_memory_request request = {
        .device = budget->device, .owner = charge->owner, .use = use, .bytes = bytes};
    if (is_of_parent(budget)) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "device %u is used by the parent of this forked process; make a runtime "
                           "here",
                           budget->device);
    }
    (void)pthread_mutex_lock(&budget->lock);
    enum neuron_status status = take_locked(budget, &request, error);
    (void)pthread_mutex_unlock(&budget->lock);
    return status;
}

void
neuron_charge_give(const struct neuron_charge *charge, uint64_t bytes, enum neuron_memory_use use)
{
    if (charge == NULL || charge->budget == NULL || bytes == 0 || is_of_parent(charge->budget)) {
        return;
    }
    struct neuron_device_budget *budget = charge->budget;
    (void)pthread_mutex_lock(&budget->lock);
    uint32_t position = find_owner(budget, charge->owner);
    assert(position < budget->locked.owner_count);
    assert(bytes <= budget->locked.owners[position].bytes);
    neuron_process_counters_give_memory(budget->counters, budget->device, charge->owner, use,
                                        bytes);
    budget->locked.owners[position].bytes -= bytes;
    budget->locked.used_bytes -= bytes;
    if (budget->locked.owners[position].bytes == 0) {
        remove_owner(budget, position);
    }
    (void)pthread_mutex_unlock(&budget->lock);
}

void
neuron_device_budget_read(struct neuron_device_budget *budget,
                          struct neuron_device_memory_stats *stats)
{
    bool is_shared = !is_of_parent(budget);

    if (is_shared) {
        (void)pthread_mutex_lock(&budget->lock);
    }
    *stats = (struct neuron_device_memory_stats){.used_bytes = budget->locked.used_bytes,
                                                 .peak_bytes = budget->locked.peak_bytes,
                                                 .limit_bytes = budget->limit_bytes};
    if (is_shared) {
        (void)pthread_mutex_unlock(&budget->lock);
    }
}

void
neuron_device_budget_destroy(struct neuron_device_budget *budget)
{
    if (budget == NULL) {
        return;
    }
    assert(budget->locked.used_bytes == 0 || is_of_parent(budget));
    /* In a child, a list that a thread of the parent was changing is left alone. */
    if (pthread_mutex_trylock(&budget->lock) == 0) {
        for (uint32_t i = 0; i < budget->locked.owner_count; i += 1) {
            free(budget->locked.owners[i].name);
        }
        free(budget->locked.owners);
        (void)pthread_mutex_unlock(&budget->lock);
        (void)pthread_mutex_destroy(&budget->lock);
    }
    neuron_process_mark_destroy(budget->process);
    free(budget);
}
