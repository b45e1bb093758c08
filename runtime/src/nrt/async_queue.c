/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers are given and requests handed to the executor under one lock: so the order of the numbers
 * is that in which the executor does the work, and the number that was completed last tells of all
 * before it.
 *
 * Each place has at most one eventfd of its own, made when the first descriptor of its request is
 * asked for. Every descriptor that is given away is a duplicate: the one write at completion makes
 * all of them readable, and it does not matter which of them were closed before.
 */
#include "nrt/async_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const uint64_t number_mask = (UINT64_C(1) << LIBNRT_ASYNC_NUMBER_BITS) - 1;

struct place {
    struct neuron_request request; /* without a completion: the place may be free before it ends */
    struct libnrt_async_queue *queue;
    uint64_t number; /* of its request; 0 while none is submitted */
    bool is_over;    /* the request has ended, but is not reported: an earlier one has not */
    struct libnrt_async_after after; /* then */
    int event; /* readable when the request is completed; -1 while nobody has asked */
};

struct libnrt_async_queue {
    struct libnrt_async_queue_options options;
    unsigned char *bodies;           /* one after the other, in the order of the places */
    _Atomic uint64_t issued_last;    /* numbers, without the id; written under the lock */
    _Atomic uint64_t completed_last; /* likewise */
    pthread_mutex_t lock;
    pthread_cond_t became_empty;
    struct {
        struct place places[LIBNRT_ASYNC_QUEUE_LIMIT];
        uint8_t free_places[LIBNRT_ASYNC_QUEUE_LIMIT]; /* the first `free_count` are indices */
        uint32_t free_count;
        bool is_draining;
        uint32_t over_count;     /* places whose request is over */
        uint32_t settling_count; /* threads that do what requests left for after their completion */
    } locked; /* guarded by `lock`; a submitted place's request belongs to the executor */
};

static uint64_t
sequence_of(const struct libnrt_async_queue *queue, uint64_t number)
{
    return ((uint64_t)queue->options.id << LIBNRT_ASYNC_NUMBER_BITS) | number;
}

static struct place *
place_of(struct libnrt_async_queue *queue, const void *body)
{
    size_t offset = (size_t)((const unsigned char *)body - queue->bodies);

    return &queue->locked.places[offset / queue->options.body_size_bytes];
}

static void *
body_of(const struct place *place)
{
    struct libnrt_async_queue *queue = place->queue;
    size_t index = (size_t)(place - queue->locked.places);

    return queue->bodies + index * queue->options.body_size_bytes;
}

/* Makes a place free, while the lock is held. */
static void
free_place(struct place *place)
{
    struct libnrt_async_queue *queue = place->queue;

    place->number = 0;
    place->event = -1;
    place->is_over = false;
    queue->locked.free_places[queue->locked.free_count] = (uint8_t)(place - queue->locked.places);
    queue->locked.free_count += 1;
    if (queue->locked.free_count == LIBNRT_ASYNC_QUEUE_LIMIT) {
        (void)pthread_cond_broadcast(&queue->became_empty);
    }
}

/* Makes an eventfd readable for all who have a duplicate of it, and closes this one. */
static void
signal_and_close(int event)
{
    const uint64_t one = 1;

    while (write(event, &one, sizeof(one)) < 0 && errno == EINTR) {
        /* A signal came first; nothing else stops the only write that this eventfd ever sees. */
    }
    (void)close(event);
}

/* What is left to do for requests that were reported. */
struct report {
    int events[LIBNRT_ASYNC_QUEUE_LIMIT];
    struct libnrt_async_after afters[LIBNRT_ASYNC_QUEUE_LIMIT];
    uint32_t count;
    bool has_after;
};

/* The place whose request comes next, if that is over; else NULL. While the lock is held. */
static struct place *
find_next_over(struct libnrt_async_queue *queue)
{
    uint64_t next = atomic_load_explicit(&queue->completed_last, memory_order_relaxed) + 1;

    for (uint32_t i = 0; queue->locked.over_count > 0 && i < LIBNRT_ASYNC_QUEUE_LIMIT; i += 1) {
        struct place *place = &queue->locked.places[i];

        if (place->is_over && place->number == next) {
            return place;
        }
    }
    return NULL;
}

/* Reports a request, while the lock is held; what is left goes to the report. */
static void
report_place(struct place *place, struct report *report)
{
    struct libnrt_async_queue *queue = place->queue;
    uint64_t number = place->number;

    report->events[report->count] = place->event;
    report->afters[report->count] = place->after;
    report->count += 1;
    report->has_after = report->has_after || place->after.act != NULL;
    queue->locked.over_count -= 1;
    free_place(place);
    /* Release: pairs with the acquire of whoever asks; the work above is visible to them. */
    atomic_store_explicit(&queue->completed_last, number, memory_order_release);
}

/* Does what requests left for after their completion. The queue may be gone once this is over. */
static void
settle(struct libnrt_async_queue *queue, const struct report *report)
{
    for (uint32_t i = 0; i < report->count; i += 1) {
        if (report->afters[i].act != NULL) {
            report->afters[i].act(report->afters[i].argument);
        }
    }
    (void)pthread_mutex_lock(&queue->lock);
    queue->locked.settling_count -= 1;
    (void)pthread_cond_broadcast(&queue->became_empty);
    (void)pthread_mutex_unlock(&queue->lock);
}

/* Reports a request that has ended, and those behind it that waited for it. The queue may be gone
   once the lock is given up, unless this is to settle something. */
static void
end_request(struct place *place, const struct libnrt_async_after *after)
{
    struct libnrt_async_queue *queue = place->queue;
    struct report report;

    report.count = 0;
    report.has_after = false;
    (void)pthread_mutex_lock(&queue->lock);
    place->after = *after;
    place->is_over = true;
    queue->locked.over_count += 1;
    for (place = find_next_over(queue); place != NULL; place = find_next_over(queue)) {
        report_place(place, &report);
    }
    queue->locked.settling_count += report.has_after ? 1 : 0;
    (void)pthread_mutex_unlock(&queue->lock);
    for (uint32_t i = 0; i < report.count; i += 1) {
        if (report.events[i] >= 0) {
            signal_and_close(report.events[i]);
        }
    }
    if (report.has_after) {
        settle(queue, &report);
    }
}

/* On the executor's thread. */
static void
run_request(void *argument)
{
    struct place *place = argument;
    struct libnrt_async_queue *queue = place->queue;
    struct libnrt_async_after after = {.act = NULL};

    if (queue->options.run(body_of(place), sequence_of(queue, place->number), &after) ==
        LIBNRT_ASYNC_ENDED) {
        end_request(place, &after);
    }
}

enum neuron_status
libnrt_async_queue_create(const struct libnrt_async_queue_options *options,
                          struct libnrt_async_queue **queue, struct neuron_error *error)
{
    struct libnrt_async_queue *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a queue of requests");
    }
    created->options = *options;
    (void)pthread_mutex_init(&created->lock, NULL); /* these two cannot fail without attributes */
    (void)pthread_cond_init(&created->became_empty, NULL);
    for (uint32_t i = LIBNRT_ASYNC_QUEUE_LIMIT; i > 0; i -= 1) {
        struct place *place = &created->locked.places[i - 1];

        place->queue = created;
        place->request = (struct neuron_request){.work = run_request, .argument = place};
        free_place(place);
    }
    created->bodies = calloc(LIBNRT_ASYNC_QUEUE_LIMIT, options->body_size_bytes);
    if (created->bodies == NULL) {
        libnrt_async_queue_destroy(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a queue of requests");
    }
    *queue = created;
    return NEURON_OK;
}

static enum neuron_status
refuse_draining(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_STOPPED,
                       "the queue takes no more requests, the runtime is being closed");
}

enum neuron_status
libnrt_async_queue_take(struct libnrt_async_queue *queue, void **body, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    (void)pthread_mutex_lock(&queue->lock);
    if (queue->locked.is_draining) {
        status = refuse_draining(error);
    } else if (queue->locked.free_count == 0) {
        status = NEURON_FAIL(error, NEURON_QUEUE_FULL,
                             "%d requests wait in this queue; submit again when one is completed",
                             LIBNRT_ASYNC_QUEUE_LIMIT);
    } else {
        queue->locked.free_count -= 1;
        *body = body_of(&queue->locked.places[queue->locked.free_places[queue->locked.free_count]]);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}

void
libnrt_async_queue_give_back(struct libnrt_async_queue *queue, const void *body)
{
    (void)pthread_mutex_lock(&queue->lock);
    free_place(place_of(queue, body));
    (void)pthread_mutex_unlock(&queue->lock);
}

/* Gives the next number to a place and hands it to the executor, while the lock is held. */
static enum neuron_status
submit_locked(struct libnrt_async_queue *queue, struct place *place, uint64_t *sequence,
              struct neuron_error *error)
{
    if (queue->locked.is_draining) {
        return refuse_draining(error);
    }
    /* Relaxed: it is written under the lock only. 48 bits last for years of requests. */
    uint64_t number = atomic_load_explicit(&queue->issued_last, memory_order_relaxed) + 1;
    place->number = number;
    enum neuron_status status =
        neuron_executor_submit(queue->options.executor, &place->request, error);
    if (status != NEURON_OK) {
        place->number = 0;
        return status;
    }
    /* Relaxed: whoever knows the number was told so after this. */
    atomic_store_explicit(&queue->issued_last, number, memory_order_relaxed);
    *sequence = sequence_of(queue, number);
    return NEURON_OK;
}

enum neuron_status
libnrt_async_queue_submit(struct libnrt_async_queue *queue, const void *body, uint64_t *sequence,
                          struct neuron_error *error)
{
    (void)pthread_mutex_lock(&queue->lock);
    enum neuron_status status = submit_locked(queue, place_of(queue, body), sequence, error);
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}

void
libnrt_async_queue_end(struct libnrt_async_queue *queue, const void *body,
                       const struct libnrt_async_after *after)
{
    end_request(place_of(queue, body), after);
}

uint64_t
libnrt_async_queue_completed(const struct libnrt_async_queue *queue)
{
    /* Acquire: pairs with the release in report_place(). */
    return sequence_of(queue, atomic_load_explicit(&queue->completed_last, memory_order_acquire));
}

enum neuron_status
libnrt_async_queue_is_completed(const struct libnrt_async_queue *queue, uint64_t sequence,
                                bool *is_completed, struct neuron_error *error)
{
    uint64_t number = sequence & number_mask;
    /* Acquire: pairs with the release in report_place(). */
    uint64_t completed = atomic_load_explicit(&queue->completed_last, memory_order_acquire);
    uint64_t issued = atomic_load_explicit(&queue->issued_last, memory_order_relaxed);

    if (sequence != sequence_of(queue, number) || number == 0 ||
        (number > completed && number > issued)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "no request has the sequence id 0x%016llx",
                           (unsigned long long)sequence);
    }
    *is_completed = number <= completed;
    return NEURON_OK;
}

static enum neuron_status
refuse_descriptor(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "cannot open a completion descriptor: %s; close some, or raise the limit "
                       "(ulimit -n)",
                       strerrordesc_np(errno));
}

static enum neuron_status
open_event(unsigned int value, int *event, struct neuron_error *error)
{
    int opened = eventfd(value, EFD_CLOEXEC | EFD_NONBLOCK);

    if (opened < 0) {
        return refuse_descriptor(error);
    }
    *event = opened;
    return NEURON_OK;
}

/* The place of a request that was submitted and is not completed, while the lock is held. */
static struct place *
find_place(struct libnrt_async_queue *queue, uint64_t number)
{
    struct place *place = queue->locked.places;

    while (place->number != number) {
        place += 1;
    }
    return place;
}

/* Opens a duplicate of the eventfd of a place, while the lock is held. */
static enum neuron_status
open_duplicate(struct place *place, int *descriptor, struct neuron_error *error)
{
    enum neuron_status status = place->event >= 0 ? NEURON_OK : open_event(0, &place->event, error);

    if (status != NEURON_OK) {
        return status;
    }
    int opened = fcntl(place->event, F_DUPFD_CLOEXEC, 0);
    if (opened < 0) {
        return refuse_descriptor(error);
    }
    *descriptor = opened;
    return NEURON_OK;
}

enum neuron_status
libnrt_async_queue_open_descriptor(struct libnrt_async_queue *queue, uint64_t sequence,
                                   int *descriptor, struct neuron_error *error)
{
    bool is_completed = false;

    /* Under the lock the request cannot be completed between the question and the duplicate. */
    (void)pthread_mutex_lock(&queue->lock);
    enum neuron_status status =
        libnrt_async_queue_is_completed(queue, sequence, &is_completed, error);
    if (status == NEURON_OK && is_completed) {
        status = open_event(1, descriptor, error);
    } else if (status == NEURON_OK) {
        status = open_duplicate(find_place(queue, sequence & number_mask), descriptor, error);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}

void
libnrt_async_queue_drain(struct libnrt_async_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->locked.is_draining = true;
    while (queue->locked.free_count < LIBNRT_ASYNC_QUEUE_LIMIT ||
           queue->locked.settling_count > 0) {
        (void)pthread_cond_wait(&queue->became_empty, &queue->lock);
    }
    (void)pthread_mutex_unlock(&queue->lock);
}

/* Frees what bodies keep. All places are free. */
static void
dispose_bodies(const struct libnrt_async_queue *queue)
{
    for (size_t i = 0; i < LIBNRT_ASYNC_QUEUE_LIMIT; i += 1) {
        queue->options.dispose(queue->bodies + i * queue->options.body_size_bytes);
    }
}

void
libnrt_async_queue_destroy(struct libnrt_async_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    if (queue->bodies != NULL && queue->options.dispose != NULL) {
        dispose_bodies(queue);
    }
    (void)pthread_cond_destroy(&queue->became_empty);
    (void)pthread_mutex_destroy(&queue->lock);
    free(queue->bodies);
    free(queue);
}
