/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/async.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "nrt/async_tracker.h"
#include "nrt/libnrt.h"

/* Of the process, as libnrt_runtime() is. It is changed with `lock` held, or when closing. */
static struct {
    pthread_mutex_t lock;
    struct libnrt_async_units *_Atomic units; /* NULL until the first call asks for them */
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Nothing can be scheduled for collectives; yet they have sequence ids that one may ask for. */
static const struct libnrt_async_bodies no_bodies = {.size_bytes = 1};

/* Makes the queues unless another thread did so just now, while the lock is held. */
static enum neuron_status
make_units(struct libnrt_async_units **units, struct neuron_error *error)
{
    static const struct libnrt_async_bodies *const bodies[NRTA_XU_TYPE_NUM] = {
        [NRTA_XU_TENSOR_READ] = &libnrt_async_copy_bodies,
        [NRTA_XU_TENSOR_WRITE] = &libnrt_async_copy_bodies,
        [NRTA_XU_TENSOR_OP] = &libnrt_async_copy_bodies,
        [NRTA_XU_COMPUTE] = &libnrt_async_run_bodies,
        [NRTA_XU_COLLECTIVES] = &no_bodies,
    };

    /* Relaxed: the lock orders it. */
    *units = atomic_load_explicit(&process.units, memory_order_relaxed);
    if (*units != NULL) {
        return NEURON_OK;
    }
    enum neuron_status status = libnrt_async_units_create(libnrt_runtime(), bodies, units, error);
    if (status == NEURON_OK) {
        /* Release: pairs with the acquire in libnrt_async_find_units(). */
        atomic_store_explicit(&process.units, *units, memory_order_release);
    }
    return status;
}

NRT_STATUS
libnrt_async_find_units(const char *call, struct libnrt_async_units **units)
{
    struct neuron_error error = {0};

    /* Acquire: pairs with the release in make_units(). */
    *units = atomic_load_explicit(&process.units, memory_order_acquire);
    if (*units != NULL) {
        return NRT_SUCCESS;
    }
    (void)pthread_mutex_lock(&process.lock);
    enum neuron_status status = make_units(units, &error);
    (void)pthread_mutex_unlock(&process.lock);
    return status == NEURON_OK ? NRT_SUCCESS : libnrt_async_refuse(call, status, &error);
}

void
libnrt_at_close(void)
{
    /* Relaxed: whoever closes has waited for all calls, under the lock that they shared. */
    struct libnrt_async_units *units =
        atomic_exchange_explicit(&process.units, NULL, memory_order_relaxed);

    if (units != NULL) {
        libnrt_async_units_drain(units);
        libnrt_async_units_destroy(units);
    }
    struct nrta_error_tracker *tracker = libnrt_take_any(LIBNRT_ERROR_TRACKER);
    while (tracker != NULL) {
        libnrt_async_tracker_drop(tracker);
        tracker = libnrt_take_any(LIBNRT_ERROR_TRACKER);
    }
}

NRT_STATUS
libnrt_async_refuse(const char *call, enum neuron_status status, const struct neuron_error *error)
{
    return status == NEURON_QUEUE_FULL
               ? NRT_QUEUE_FULL
               : libnrt_refuse(libnrt_status_of(status), call, "%s", error->text);
}

NRT_STATUS
libnrt_async_take(const char *call, uint32_t nc, nrta_xu_t unit, int number,
                  struct libnrt_async_place *place)
{
    struct libnrt_async_units *units = NULL;
    struct neuron_error error = {0};
    NRT_STATUS found = libnrt_async_find_units(call, &units);

    if (found != NRT_SUCCESS) {
        return found;
    }
    enum neuron_status status =
        libnrt_async_units_queue(units, nc, unit, number, &place->queue, &error);
    if (status == NEURON_OK) {
        status = libnrt_async_queue_take(place->queue, &place->body, &error);
    }
    return status == NEURON_OK ? NRT_SUCCESS : libnrt_async_refuse(call, status, &error);
}

NRT_STATUS
libnrt_async_submit(const char *call, const struct libnrt_async_place *place, nrta_seq_t *sequence)
{
    struct neuron_error error = {0};
    enum neuron_status status =
        libnrt_async_queue_submit(place->queue, place->body, sequence, &error);

    return status == NEURON_OK ? NRT_SUCCESS : libnrt_async_refuse(call, status, &error);
}
