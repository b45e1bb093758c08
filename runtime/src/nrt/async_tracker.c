/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/async_tracker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct nrta_error_tracker {
    _Atomic uint32_t owner_count;
    nrta_error_t *taken; /* what the last taking gave; touched by the taking thread only */
    pthread_mutex_t lock;
    struct {
        nrta_error_t *waiting; /* a ring */
        size_t first;          /* the oldest */
        size_t count;
        uint64_t lost_count;
    } locked; /* guarded by `lock` */
};

static void
destroy_tracker(struct nrta_error_tracker *tracker)
{
    (void)pthread_mutex_destroy(&tracker->lock);
    free(tracker->locked.waiting);
    free(tracker->taken);
    free(tracker);
}

enum neuron_status
libnrt_async_tracker_create(struct nrta_error_tracker **tracker, struct neuron_error *error)
{
    struct nrta_error_tracker *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an error tracker");
    }
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    atomic_init(&created->owner_count, 1);
    created->taken = calloc(LIBNRT_ASYNC_TRACKER_LIMIT, sizeof(nrta_error_t));
    created->locked.waiting = calloc(LIBNRT_ASYNC_TRACKER_LIMIT, sizeof(nrta_error_t));
    if (created->taken == NULL || created->locked.waiting == NULL) {
        destroy_tracker(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an error tracker");
    }
    *tracker = created;
    return NEURON_OK;
}

void
libnrt_async_tracker_share(struct nrta_error_tracker *tracker)
{
    /* Relaxed: the caller has it, so nobody frees it meanwhile. */
    (void)atomic_fetch_add_explicit(&tracker->owner_count, 1, memory_order_relaxed);
}

void
libnrt_async_tracker_drop(struct nrta_error_tracker *tracker)
{
    /* Release and acquire: whoever frees it does so after all that the others did with it. */
    if (tracker != NULL &&
        atomic_fetch_sub_explicit(&tracker->owner_count, 1, memory_order_acq_rel) == 1) {
        destroy_tracker(tracker);
    }
}

void
libnrt_async_tracker_record(struct nrta_error_tracker *tracker, nrta_seq_t sequence,
                            NRT_STATUS status)
{
    (void)pthread_mutex_lock(&tracker->lock);
    size_t next = (tracker->locked.first + tracker->locked.count) % LIBNRT_ASYNC_TRACKER_LIMIT;
    tracker->locked.waiting[next] =
        (nrta_error_t){.seq_id = sequence, .error_code = (uint64_t)status};
    if (tracker->locked.count < LIBNRT_ASYNC_TRACKER_LIMIT) {
        tracker->locked.count += 1;
    } else {
        tracker->locked.first = (tracker->locked.first + 1) % LIBNRT_ASYNC_TRACKER_LIMIT;
        tracker->locked.lost_count += 1;
    }
    (void)pthread_mutex_unlock(&tracker->lock);
}

const nrta_error_t *
libnrt_async_tracker_take(struct nrta_error_tracker *tracker, size_t *count, uint64_t *lost_count)
{
    (void)pthread_mutex_lock(&tracker->lock);
    for (size_t i = 0; i < tracker->locked.count; i += 1) {
        size_t index = (tracker->locked.first + i) % LIBNRT_ASYNC_TRACKER_LIMIT;

        tracker->taken[i] = tracker->locked.waiting[index];
    }
    *count = tracker->locked.count;
    *lost_count = tracker->locked.lost_count;
    tracker->locked.first = 0;
    tracker->locked.count = 0;
    tracker->locked.lost_count = 0;
    (void)pthread_mutex_unlock(&tracker->lock);
    return tracker->taken;
}
