/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/shared_model.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct libnrt_shared_model {
    struct libnrt_shared_model *next;
    struct neuron_model *model;
    uint32_t use_count; /* guarded by the lock of `open_models`, as the next one */
    bool is_damaged;    /* its file was changed; no further load shares it */
};

static struct {
    pthread_mutex_t lock;
    struct libnrt_shared_model *first;
} open_models = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Finds an equal model that is not known to be damaged; while the lock is held. */
static struct libnrt_shared_model *
find_equal(const struct neuron_model *model)
{
    const unsigned char *identity = neuron_model_identity(model);
    struct libnrt_shared_model *shared = open_models.first;

    while (shared != NULL &&
           (shared->is_damaged || memcmp(neuron_model_identity(shared->model), identity,
                                         NEURON_MODEL_IDENTITY_BYTES) != 0)) {
        shared = shared->next;
    }
    return shared;
}

/* Takes the use of an equal model, or puts this one into the list. */
static struct libnrt_shared_model *
take_equal(struct libnrt_shared_model *created)
{
    (void)pthread_mutex_lock(&open_models.lock);
    struct libnrt_shared_model *shared = find_equal(created->model);
    if (shared == NULL) {
        shared = created;
        shared->next = open_models.first;
        open_models.first = shared;
    }
    shared->use_count += 1;
    (void)pthread_mutex_unlock(&open_models.lock);
    return shared;
}

static void
mark_damaged(struct libnrt_shared_model *shared)
{
    (void)pthread_mutex_lock(&open_models.lock);
    shared->is_damaged = true;
    (void)pthread_mutex_unlock(&open_models.lock);
}

/*
 * Shares an equal model, which still has to be what it was: somebody may have changed its file
 * since. Else the new one stays for itself, and later loads share that.
 */
static struct libnrt_shared_model *
share(struct libnrt_shared_model *created)
{
    struct libnrt_shared_model *shared = take_equal(created);

    /* Without the lock, which would keep all other loads waiting. */
    while (shared != created && neuron_model_check(shared->model, NULL) != NEURON_OK) {
        mark_damaged(shared);
        libnrt_shared_model_drop(shared);
        shared = take_equal(created);
    }
    return shared;
}

enum neuron_status
libnrt_shared_model_open(const void *bytes, size_t size_bytes, struct libnrt_shared_model **shared,
                         struct neuron_error *error)
{
    struct libnrt_shared_model *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a model");
    }
    enum neuron_status status = neuron_model_load_bytes(bytes, size_bytes, &created->model, error);
    if (status != NEURON_OK) {
        free(created);
        return status;
    }
    *shared = share(created);
    if (*shared != created) {
        neuron_model_destroy(created->model);
        free(created);
    }
    return NEURON_OK;
}

const struct neuron_model *
libnrt_shared_model_of(const struct libnrt_shared_model *shared)
{
    return shared->model;
}

/* Takes a model out of the list; while the lock is held. */
static void
unlink_model(const struct libnrt_shared_model *shared)
{
    struct libnrt_shared_model **link = &open_models.first;

    while (*link != shared) {
        link = &(*link)->next;
    }
    *link = shared->next;
}

void
libnrt_shared_model_drop(struct libnrt_shared_model *shared)
{
    if (shared == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&open_models.lock);
    shared->use_count -= 1;
    bool is_unused = shared->use_count == 0;
    if (is_unused) {
        unlink_model(shared);
    }
    (void)pthread_mutex_unlock(&open_models.lock);
    if (is_unused) {
        neuron_model_destroy(shared->model);
        free(shared);
    }
}
