/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PUSH and a PULL socket joined inside the process. Both are made by the receiving thread, PULL
 * first, so that the pair is complete when anybody can know of it, and lies in the memory near the
 * receiver. Then PULL stays with that thread, and PUSH stands behind the lock: a ZeroMQ socket may
 * go from thread to thread if a lock hands it on.
 *
 * ZeroMQ bounds its queues in batches only, so its bound is off, and the exact one is a count.
 *
 * Closing sends the address NULL after the last message, under the lock that keeps all others out:
 * the receiver needs no second thing to look at, and misses nothing.
 */
#include "executor/channel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <zmq.h>

#include "executor/patience.h"
#include "neuron/executor.h"
#include "neuron/free_descriptors.h"
#include "neuron/process_mark.h"

struct neuron_channel_group {
    void *context;
    struct neuron_process_mark *process;
};

struct neuron_channel {
    uint32_t nc;
    void *receiver;                  /* touched by the receiving thread only */
    struct neuron_patience patience; /* of the receiver */
    _Atomic uint32_t waiting_count;  /* messages sent, and not received yet */
    pthread_mutex_t lock;
    struct {
        void *sender;
        bool is_closed;
    } locked; /* guarded by `lock` */
};

static enum neuron_status
check_descriptors(uint32_t core_count, struct neuron_error *error)
{
    enum { FOR_THE_CONTEXT = 3 };
    char purpose[40] = "";

    (void)snprintf(purpose, sizeof(purpose), "the inboxes of %u cores", core_count);
    return neuron_free_descriptors_check(2 * core_count + FOR_THE_CONTEXT, purpose, error);
}

static enum neuron_status
refuse_group(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot set up ZeroMQ: %s", zmq_strerror(zmq_errno()));
}

/*
 * Keeps the thread that ZeroMQ starts with the first socket inside the lease. ZeroMQ cannot name
 * CPUs beyond a cpu_set_t; where none is named, the thread stays where the first receiver is.
 */
static bool
bind_own_thread(void *context, const struct neuron_topology *topology,
                const struct neuron_core_set *cores)
{
    uint32_t count = neuron_topology_is_invented(topology) ? 0 : neuron_core_set_count(cores);

    for (uint32_t i = 0; i < count; i += 1) {
        uint32_t cpu = neuron_topology_cpu_of(topology, neuron_core_set_at(cores, i));

        if (cpu < CPU_SETSIZE && zmq_ctx_set(context, ZMQ_THREAD_AFFINITY_CPU_ADD, (int)cpu) != 0) {
            return false;
        }
    }
    return true;
}

enum neuron_status
neuron_channel_group_create(const struct neuron_topology *topology,
                            const struct neuron_core_set *cores,
                            struct neuron_channel_group **group, struct neuron_error *error)
{
    uint32_t core_count = neuron_core_set_count(cores);
    int socket_count = 2 * (int)core_count;
    enum neuron_status status = check_descriptors(core_count, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_channel_group *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the inboxes");
    }
    status = neuron_process_mark_create(&created->process, error);
    if (status != NEURON_OK) {
        neuron_channel_group_destroy(created);
        return status;
    }
    created->context = zmq_ctx_new();
    if (created->context == NULL || zmq_ctx_set(created->context, ZMQ_IO_THREADS, 0) != 0 ||
        zmq_ctx_set(created->context, ZMQ_MAX_SOCKETS, socket_count) != 0 ||
        !bind_own_thread(created->context, topology, cores)) {
        status = refuse_group(error);
        neuron_channel_group_destroy(created);
        return status;
    }
    *group = created;
    return NEURON_OK;
}

void
neuron_channel_group_destroy(struct neuron_channel_group *group)
{
    if (group == NULL) {
        return;
    }
    while (group->context != NULL && zmq_ctx_term(group->context) != 0 && zmq_errno() == EINTR) {
        /* A signal came while ZeroMQ's thread was being awaited. */
    }
    neuron_process_mark_destroy(group->process);
    free(group);
}

bool
neuron_channel_group_is_own(const struct neuron_channel_group *group)
{
    return neuron_process_mark_is_own(group->process);
}

/* Makes a socket without a bound of its own, that drops what is unsent when it is closed. */
static void *
open_socket(const struct neuron_channel_group *group, int type, int bound_option)
{
    const int none = 0;
    void *opened = zmq_socket(group->context, type);

    if (opened != NULL && (zmq_setsockopt(opened, bound_option, &none, sizeof(none)) != 0 ||
                           zmq_setsockopt(opened, ZMQ_LINGER, &none, sizeof(none)) != 0)) {
        int reason = zmq_errno();

        (void)zmq_close(opened);
        errno = reason;
        return NULL;
    }
    return opened;
}

static enum neuron_status
open_sockets(struct neuron_channel *channel, const struct neuron_channel_group *group,
             struct neuron_error *error)
{
    char address[32] = "";

    (void)snprintf(address, sizeof(address), "inproc://nc-%u", channel->nc);
    channel->receiver = open_socket(group, ZMQ_PULL, ZMQ_RCVHWM);
    if (channel->receiver != NULL && zmq_bind(channel->receiver, address) == 0) {
        channel->locked.sender = open_socket(group, ZMQ_PUSH, ZMQ_SNDHWM);
    }
    if (channel->locked.sender != NULL && zmq_connect(channel->locked.sender, address) == 0) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make the inbox of nc:%u: %s", channel->nc,
                       zmq_strerror(zmq_errno()));
}

enum neuron_status
neuron_channel_create(struct neuron_channel_group *group, uint32_t nc,
                      struct neuron_channel **channel, struct neuron_error *error)
{
    struct neuron_channel *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the inbox of nc:%u", nc);
    }
    created->nc = nc;
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    enum neuron_status status = open_sockets(created, group, error);
    if (status != NEURON_OK) {
        neuron_channel_destroy(created);
        return status;
    }
    *channel = created;
    return NEURON_OK;
}

/* Counts an address, and puts it into the pipe, under the lock. Returns 0, or why it failed. */
static int
push_message(struct neuron_channel *channel, const void *message)
{
    int failure = 0;

    /* Release: pairs with the acquire in pull_message(). */
    atomic_fetch_add_explicit(&channel->waiting_count, 1, memory_order_release);
    do {
        int sent = zmq_send(channel->locked.sender, &message, sizeof(message), ZMQ_DONTWAIT);

        failure = sent < 0 ? zmq_errno() : 0;
    } while (failure == EINTR);
    if (failure != 0) {
        atomic_fetch_sub_explicit(&channel->waiting_count, 1, memory_order_relaxed);
    }
    return failure;
}

/* Sends while the lock is held. */
static enum neuron_status
send_locked(struct neuron_channel *channel, const void *message, struct neuron_error *error)
{
    if (channel->locked.is_closed) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "nc:%u takes no more requests, its runtime is being destroyed",
                           channel->nc);
    }
    /* Relaxed: only holders of the lock add, and a receiver that takes away can but make room. */
    if (atomic_load_explicit(&channel->waiting_count, memory_order_relaxed) >= NEURON_INBOX_LIMIT) {
        return NEURON_FAIL(error, NEURON_QUEUE_FULL,
                           "nc:%u has %d requests waiting; submit again when some are done",
                           channel->nc, NEURON_INBOX_LIMIT);
    }
    int failure = push_message(channel, message);
    if (failure != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot reach the inbox of nc:%u: %s", channel->nc,
                           zmq_strerror(failure));
    }
    return NEURON_OK;
}

enum neuron_status
neuron_channel_send(struct neuron_channel *channel, const void *message, struct neuron_error *error)
{
    (void)pthread_mutex_lock(&channel->lock);
    enum neuron_status status = send_locked(channel, message, error);
    (void)pthread_mutex_unlock(&channel->lock);
    return status;
}

void
neuron_channel_close(struct neuron_channel *channel)
{
    (void)pthread_mutex_lock(&channel->lock);
    if (!channel->locked.is_closed) {
        channel->locked.is_closed = true;
        /* The pipe has no bound and its other end is open: nothing is left that could fail. */
        (void)push_message(channel, NULL);
    }
    (void)pthread_mutex_unlock(&channel->lock);
}

/* Takes an address out of the pipe. Returns 0, EAGAIN where there is none, or why it failed. */
static int
pull_message(struct neuron_channel *channel, int flags, const void **message)
{
    int failure = 0;

    do {
        int received = zmq_recv(channel->receiver, message, sizeof(*message), flags);

        failure = received < 0 ? zmq_errno() : 0;
    } while (failure == EINTR);
    if (failure == 0) {
        /*
         * Acquire: pairs with the release in push_message(). ZeroMQ orders the hand-over by
         * itself; this says the same in the terms of C11, which also race detectors understand.
         */
        atomic_fetch_sub_explicit(&channel->waiting_count, 1, memory_order_acquire);
    }
    return failure;
}

/*
 * Takes an address that waits already. Looks at the count first: asking ZeroMQ in vain is a system
 * call, and makes the next send one, too, because the pipe then believes that its reader sleeps.
 */
static int
pull_waiting(struct neuron_channel *channel, const void **message)
{
    if (atomic_load_explicit(&channel->waiting_count, memory_order_relaxed) == 0) {
        return EAGAIN;
    }
    return pull_message(channel, ZMQ_DONTWAIT, message);
}

/* Polls for a bounded time, then blocks. */
static int
wait_for_message(struct neuron_channel *channel, const void **message)
{
    struct neuron_wait wait = neuron_wait_begin(&channel->patience);
    int failure = EAGAIN;

    while (failure == EAGAIN && neuron_wait_yield(&wait)) {
        failure = pull_waiting(channel, message);
    }
    if (failure == EAGAIN) {
        failure = pull_message(channel, 0, message);
    }
    neuron_wait_end(&wait, &channel->patience);
    return failure;
}

const void *
neuron_channel_receive(struct neuron_channel *channel)
{
    const void *message = NULL;
    int failure = pull_waiting(channel, &message);

    if (failure == EAGAIN) {
        failure = wait_for_message(channel, &message);
    }
    return failure == 0 ? message : NULL;
}

uint32_t
neuron_channel_waiting_count(const struct neuron_channel *channel)
{
    /* Relaxed: a guess about others, that carries nothing. */
    return atomic_load_explicit(&channel->waiting_count, memory_order_relaxed);
}

void
neuron_channel_destroy(struct neuron_channel *channel)
{
    if (channel == NULL) {
        return;
    }
    if (channel->locked.sender != NULL) {
        (void)zmq_close(channel->locked.sender);
    }
    if (channel->receiver != NULL) {
        (void)zmq_close(channel->receiver);
    }
    (void)pthread_mutex_destroy(&channel->lock);
    free(channel);
}
