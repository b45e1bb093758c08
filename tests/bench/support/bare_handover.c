/* SPDX-License-Identifier: Apache-2.0 */
#include "bare_handover.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <zmq.h>

#include "measure.h"

enum { POLL_US = 200 };

struct worker {
    struct bare_handover *handover;
    void *sender;
    void *receiver;
    int cpu;
    bool is_started;
    pthread_t thread;
};

struct bare_handover {
    struct bare_handover_options options;
    void *context;
    struct worker *workers;
    _Atomic uint32_t open_count; /* items that are not done */
    _Atomic bool sleeps;         /* the sender does, or is about to */
};

static bool
receive(const struct worker *worker, void **item)
{
    double end_us = worker->handover->options.polls ? read_clock_us() + POLL_US : 0;

    while (end_us > 0 && read_clock_us() < end_us) {
        if (zmq_recv(worker->receiver, item, sizeof(*item), ZMQ_DONTWAIT) == sizeof(*item)) {
            return *item != NULL;
        }
        (void)sched_yield();
    }
    return zmq_recv(worker->receiver, item, sizeof(*item), 0) == sizeof(*item) && *item != NULL;
}

static void
bind_to(int cpu)
{
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    CPU_SET((size_t)cpu, &cpus);
    if (pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus) != 0) {
        (void)fprintf(stderr, "bare_handover: a thread is not bound to CPU %d\n", cpu);
    }
}

static void *
run_worker(void *argument)
{
    const struct worker *worker = argument;
    struct bare_handover *handover = worker->handover;
    void *item = NULL;

    if (worker->cpu >= 0) {
        bind_to(worker->cpu);
    }
    while (receive(worker, &item)) {
        handover->options.work(item);
        if (atomic_fetch_sub(&handover->open_count, 1) == 1 && atomic_load(&handover->sleeps)) {
            (void)syscall(SYS_futex, &handover->open_count, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        }
    }
    return NULL;
}

static bool
start_worker(struct bare_handover *handover, uint32_t index)
{
    struct worker *worker = &handover->workers[index];
    const int no_bound = 0;
    char address[32] = "";

    (void)snprintf(address, sizeof(address), "inproc://bare-%u", index);
    worker->handover = handover;
    worker->cpu = handover->options.cpus == NULL ? -1 : handover->options.cpus[index];
    worker->receiver = zmq_socket(handover->context, ZMQ_PULL);
    worker->sender = zmq_socket(handover->context, ZMQ_PUSH);
    worker->is_started =
        worker->receiver != NULL && worker->sender != NULL &&
        zmq_setsockopt(worker->receiver, ZMQ_RCVHWM, &no_bound, sizeof(no_bound)) == 0 &&
        zmq_setsockopt(worker->sender, ZMQ_SNDHWM, &no_bound, sizeof(no_bound)) == 0 &&
        zmq_bind(worker->receiver, address) == 0 && zmq_connect(worker->sender, address) == 0 &&
        pthread_create(&worker->thread, NULL, run_worker, worker) == 0;
    return worker->is_started;
}

struct bare_handover *
bare_handover_start(const struct bare_handover_options *options)
{
    struct bare_handover *made = calloc(1, sizeof(*made));
    bool is_made = made != NULL;

    if (is_made) {
        made->options = *options;
        made->context = zmq_ctx_new();
        made->workers = calloc(options->thread_count, sizeof(*made->workers));
        is_made = made->context != NULL && made->workers != NULL;
    }
    for (uint32_t i = 0; is_made && i < options->thread_count; i += 1) {
        is_made = start_worker(made, i);
    }
    if (is_made) {
        made->options.cpus = NULL; /* was borrowed */
        return made;
    }
    (void)fprintf(stderr, "bare_handover: cannot start: %s\n", zmq_strerror(zmq_errno()));
    bare_handover_stop(made);
    return NULL;
}

static void
wait_for_all(struct bare_handover *handover)
{
    double end_us = handover->options.polls ? read_clock_us() + POLL_US : 0;
    uint32_t open_count = atomic_load(&handover->open_count);

    while (open_count > 0 && end_us > 0 && read_clock_us() < end_us) {
        (void)sched_yield();
        open_count = atomic_load(&handover->open_count);
    }
    if (open_count == 0) {
        return;
    }
    atomic_store(&handover->sleeps, true);
    while ((open_count = atomic_load(&handover->open_count)) > 0) {
        (void)syscall(SYS_futex, &handover->open_count, FUTEX_WAIT_PRIVATE, open_count, NULL, NULL,
                      0);
    }
    atomic_store(&handover->sleeps, false);
}

bool
bare_handover_run(struct bare_handover *handover, void *items, uint32_t item_count,
                  uint32_t item_bytes)
{
    bool is_sent = true;

    atomic_store(&handover->open_count, item_count);
    for (uint32_t i = 0; i < item_count; i += 1) {
        const struct worker *worker = &handover->workers[i % handover->options.thread_count];
        void *item = (char *)items + (size_t)i * item_bytes;

        if (zmq_send(worker->sender, &item, sizeof(item), 0) != sizeof(item)) {
            atomic_fetch_sub(&handover->open_count, 1);
            is_sent = false;
        }
    }
    wait_for_all(handover);
    return is_sent;
}

void
bare_handover_stop(struct bare_handover *handover)
{
    const void *end = NULL;

    if (handover == NULL) {
        return;
    }
    for (uint32_t i = 0; handover->workers != NULL && i < handover->options.thread_count; i += 1) {
        struct worker *worker = &handover->workers[i];

        if (worker->is_started) {
            (void)zmq_send(worker->sender, &end, sizeof(end), 0);
            (void)pthread_join(worker->thread, NULL);
        }
        if (worker->sender != NULL) {
            (void)zmq_close(worker->sender);
        }
        if (worker->receiver != NULL) {
            (void)zmq_close(worker->receiver);
        }
    }
    if (handover->context != NULL) {
        (void)zmq_ctx_term(handover->context);
    }
    free(handover->workers);
    free(handover);
}
