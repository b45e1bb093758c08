/* SPDX-License-Identifier: Apache-2.0 */
#include "queue_fixture.h"

#include <stdbool.h>
#include <unistd.h>

#include "check.h"
#include "descriptors.h"

enum { QUEUE_ID = 0x12 };

struct job {
    struct record *record;
};

static enum libnrt_async_progress
record_sequence(void *body, uint64_t sequence, struct libnrt_async_after *after)
{
    struct record *record = ((struct job *)body)->record;

    record->bodies[record->count % LIBNRT_ASYNC_QUEUE_LIMIT] = body;
    record->sequences[record->count] = sequence;
    record->count += 1;
    *after = record->after;
    return record->leaves_open ? LIBNRT_ASYNC_UNDER_WAY : LIBNRT_ASYNC_ENDED;
}

static void
count_disposal(void *body)
{
    struct record *record = ((struct job *)body)->record;

    if (record != NULL) {
        atomic_fetch_add(&record->disposed_count, 1);
    }
}

struct libnrt_async_queue *
create_queue(struct neuron_executor *executor, uint16_t id)
{
    const struct libnrt_async_queue_options options = {.executor = executor,
                                                       .id = id,
                                                       .body_size_bytes = sizeof(struct job),
                                                       .run = record_sequence,
                                                       .dispose = count_disposal};
    struct libnrt_async_queue *queue = NULL;
    struct neuron_error error = {0};

    assert_ok(libnrt_async_queue_create(&options, &queue, &error), &error);
    return queue;
}

int
queue_fixture_create(void **state)
{
    static struct queue_fixture fixture;

    fixture = (struct queue_fixture){0};
    test_runtime_create(&fixture.test, "core:2 pu:1", 2);
    fixture.executor = neuron_runtime_executor(fixture.test.runtime, 0);
    fixture.queue = create_queue(fixture.executor, QUEUE_ID);
    *state = &fixture;
    return 0;
}

int
queue_fixture_destroy(void **state)
{
    struct queue_fixture *fixture = *state;

    libnrt_async_queue_drain(fixture->queue);
    libnrt_async_queue_destroy(fixture->queue);
    test_runtime_destroy(&fixture->test);
    return 0;
}

enum neuron_status
submit_to(struct libnrt_async_queue *queue, struct record *record, uint64_t *sequence,
          struct neuron_error *error)
{
    void *body = NULL;
    enum neuron_status status = libnrt_async_queue_take(queue, &body, error);

    if (status != NEURON_OK) {
        return status;
    }
    ((struct job *)body)->record = record;
    status = libnrt_async_queue_submit(queue, body, sequence, error);
    if (status != NEURON_OK) {
        libnrt_async_queue_give_back(queue, body);
    }
    return status;
}

uint64_t
submit(struct queue_fixture *fixture)
{
    struct neuron_error error = {0};
    uint64_t sequence = 0;

    assert_ok(submit_to(fixture->queue, &fixture->record, &sequence, &error), &error);
    return sequence;
}

int
open_descriptor(struct queue_fixture *fixture, uint64_t sequence)
{
    struct neuron_error error = {0};
    int descriptor = -1;

    assert_ok(libnrt_async_queue_open_descriptor(fixture->queue, sequence, &descriptor, &error),
              &error);
    assert_true(descriptor >= 0);
    return descriptor;
}

void
await_completion(struct queue_fixture *fixture, uint64_t sequence)
{
    int descriptor = open_descriptor(fixture, sequence);

    assert_true(becomes_readable(descriptor));
    assert_int_equal(close(descriptor), 0);
    /* The kernel has ordered it already; race detectors understand this. */
    assert_true(libnrt_async_queue_completed(fixture->queue) >= sequence);
}

uint64_t
sequence_of(uint64_t number)
{
    return ((uint64_t)QUEUE_ID << LIBNRT_ASYNC_NUMBER_BITS) | number;
}
