/* SPDX-License-Identifier: Apache-2.0 */
#include "score/background_sync.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "neuron/clock.h"
#include "score/score_thread.h"

enum sync_state { SYNC_IDLE, SYNC_WANTED, SYNC_OVER, SYNC_ENDING };

struct neuron_background_sync {
    const struct neuron_output_set *outputs;
    struct neuron_score_thread *thread;
    bool is_begun;
    uint64_t total_ns;
    struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        enum sync_state state;
        enum neuron_status status;
        struct neuron_error error;
        uint64_t took_ns;
    } shared;
};

static void
run_syncs(void *argument)
{
    struct neuron_background_sync *sync = argument;

    (void)pthread_mutex_lock(&sync->shared.lock);
    while (sync->shared.state != SYNC_ENDING) {
        if (sync->shared.state != SYNC_WANTED) {
            (void)pthread_cond_wait(&sync->shared.changed, &sync->shared.lock);
            continue;
        }
        (void)pthread_mutex_unlock(&sync->shared.lock);
        struct neuron_error error = {0};
        uint64_t begin_ns = neuron_clock_ns();
        enum neuron_status status = neuron_output_set_sync(sync->outputs, &error);
        uint64_t took_ns = neuron_clock_ns() - begin_ns;
        (void)pthread_mutex_lock(&sync->shared.lock);
        sync->shared.status = status;
        sync->shared.error = error;
        sync->shared.took_ns = took_ns;
        if (sync->shared.state == SYNC_WANTED) {
            sync->shared.state = SYNC_OVER;
        }
        (void)pthread_cond_broadcast(&sync->shared.changed);
    }
    (void)pthread_mutex_unlock(&sync->shared.lock);
}

enum neuron_status
neuron_background_sync_create(const struct neuron_output_set *outputs,
                              struct neuron_background_sync **sync, struct neuron_error *error)
{
    struct neuron_background_sync *made = calloc(1, sizeof(*made));
    pthread_condattr_t clock;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a thread");
    }
    made->outputs = outputs;
    (void)pthread_mutex_init(&made->shared.lock, NULL);
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&made->shared.changed, &clock);
    (void)pthread_condattr_destroy(&clock);
    enum neuron_status status =
        neuron_score_thread_start("neuron:sync", run_syncs, made, &made->thread, error);
    if (status != NEURON_OK) {
        neuron_background_sync_destroy(made);
        return status;
    }
    *sync = made;
    return NEURON_OK;
}

static void
set_state(struct neuron_background_sync *sync, enum sync_state state)
{
    (void)pthread_mutex_lock(&sync->shared.lock);
    sync->shared.state = state;
    (void)pthread_cond_broadcast(&sync->shared.changed);
    (void)pthread_mutex_unlock(&sync->shared.lock);
}

void
neuron_background_sync_begin(struct neuron_background_sync *sync)
{
    sync->is_begun = true;
    set_state(sync, SYNC_WANTED);
}

static struct timespec
time_in(uint32_t timeout_ms)
{
    uint64_t end_ns = neuron_clock_ns() + (uint64_t)timeout_ms * NEURON_NS_PER_MS;

    return (struct timespec){.tv_sec = (time_t)(end_ns / NEURON_NS_PER_S),
                             .tv_nsec = (long)(end_ns % NEURON_NS_PER_S)};
}

bool
neuron_background_sync_is_done(struct neuron_background_sync *sync, uint32_t timeout_ms,
                               enum neuron_status *status, struct neuron_error *error)
{
    const struct timespec end = time_in(timeout_ms);
    int failure = 0;

    (void)pthread_mutex_lock(&sync->shared.lock);
    while (sync->shared.state == SYNC_WANTED && timeout_ms > 0 && failure == 0) {
        failure = pthread_cond_timedwait(&sync->shared.changed, &sync->shared.lock, &end);
    }
    bool is_done = sync->shared.state == SYNC_OVER;
    if (is_done) {
        sync->shared.state = SYNC_IDLE;
        sync->is_begun = false;
        sync->total_ns += sync->shared.took_ns;
        *status = sync->shared.status;
        *error = sync->shared.error;
    }
    (void)pthread_mutex_unlock(&sync->shared.lock);
    return is_done;
}

bool
neuron_background_sync_is_begun(const struct neuron_background_sync *sync)
{
    return sync->is_begun;
}

uint64_t
neuron_background_sync_total_ns(const struct neuron_background_sync *sync)
{
    return sync->total_ns;
}

void
neuron_background_sync_destroy(struct neuron_background_sync *sync)
{
    if (sync == NULL) {
        return;
    }
    if (sync->thread != NULL) {
        set_state(sync, SYNC_ENDING);
        neuron_score_thread_join(sync->thread);
    }
    (void)pthread_cond_destroy(&sync->shared.changed);
    (void)pthread_mutex_destroy(&sync->shared.lock);
    free(sync);
}
