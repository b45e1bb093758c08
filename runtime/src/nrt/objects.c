/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of the objects, and the registry of live handles that it guards. */
#include "nrt/libnrt.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

#include "nrt/handle_table.h"

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t waiter_count;
    struct libnrt_handle_table table;
} objects = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* The calling thread holds the lock. */
static _Thread_local bool is_locked;

void
libnrt_lock(void)
{
    (void)pthread_mutex_lock(&objects.lock);
    is_locked = true;
}

void
libnrt_unlock(void)
{
    is_locked = false;
    (void)pthread_mutex_unlock(&objects.lock);
}

void
libnrt_assert_unlocked(void)
{
    assert(!is_locked);
}

bool
libnrt_knows(const void *handle, enum libnrt_kind kind)
{
    return libnrt_handle_table_kind(&objects.table, handle) == (int)kind;
}

bool
libnrt_forget(const void *handle, enum libnrt_kind kind)
{
    if (!libnrt_knows(handle, kind)) {
        return false;
    }
    libnrt_handle_table_remove(&objects.table, handle);
    if (objects.table.entry_count == 0) {
        libnrt_handle_table_clear(&objects.table);
    }
    return true;
}

bool
libnrt_register(const void *handle, enum libnrt_kind kind)
{
    libnrt_lock();
    bool is_added = libnrt_handle_table_add(&objects.table, handle, (int)kind);
    libnrt_unlock();
    return is_added;
}

bool
libnrt_unregister(const void *handle, enum libnrt_kind kind)
{
    libnrt_lock();
    bool was_live = libnrt_forget(handle, kind);
    libnrt_unlock();
    return was_live;
}

void *
libnrt_take_any(enum libnrt_kind kind)
{
    libnrt_lock();
    /* The object is not const, and whoever takes it owns it. */
    union {
        const void *handle;
        void *taken;
    } any = {.handle = libnrt_handle_table_any(&objects.table, (int)kind)};
    if (any.handle != NULL) {
        (void)libnrt_forget(any.handle, kind);
    }
    libnrt_unlock();
    return any.taken;
}

void
libnrt_announce_change(void)
{
    if (objects.waiter_count > 0) {
        (void)pthread_cond_broadcast(&objects.changed);
    }
}

void
libnrt_wait_for_change(uint64_t deadline_ns)
{
    enum { NANOSECONDS_OF_SECOND = 1000000000 };

    objects.waiter_count += 1;
    if (deadline_ns == UINT64_MAX) {
        (void)pthread_cond_wait(&objects.changed, &objects.lock);
    } else {
        const struct timespec deadline = {.tv_sec = (time_t)(deadline_ns / NANOSECONDS_OF_SECOND),
                                          .tv_nsec = (long)(deadline_ns % NANOSECONDS_OF_SECOND)};

        (void)pthread_cond_clockwait(&objects.changed, &objects.lock, CLOCK_MONOTONIC, &deadline);
    }
    objects.waiter_count -= 1;
}
