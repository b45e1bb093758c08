/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of asynchronous requests on the first of two invented cores. */
#ifndef NEURON_TESTS_QUEUE_FIXTURE_H
#define NEURON_TESTS_QUEUE_FIXTURE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "neuron/executor.h"
#include "nrt/async_queue.h"
#include "test_runtime.h"

enum { RECORD_LIMIT = 16000 };

/* The sequence ids of what was done, in order; only the executor writes. */
struct record {
    uint64_t sequences[RECORD_LIMIT];
    uint32_t count;
    _Atomic uint32_t disposed_count;
    struct libnrt_async_after after; /* of each request */
    bool leaves_open;                /* the test ends each request, by its body */
    const void *bodies[LIBNRT_ASYNC_QUEUE_LIMIT];
};

struct queue_fixture {
    struct test_runtime test;
    struct neuron_executor *executor;
    struct libnrt_async_queue *queue;
    struct record record;
};

int
queue_fixture_create(void **state);

/* Drains the queue, and destroys all. */
int
queue_fixture_destroy(void **state);

/* Makes a further queue, whose requests record their sequence ids. */
struct libnrt_async_queue *
create_queue(struct neuron_executor *executor, uint16_t id);

/* Submits a request that records its sequence id. */
enum neuron_status
submit_to(struct libnrt_async_queue *queue, struct record *record, uint64_t *sequence,
          struct neuron_error *error);

/* Submits one to the fixture's queue, or fails the test. */
uint64_t
submit(struct queue_fixture *fixture);

/* Opens a descriptor, or fails the test. */
int
open_descriptor(struct queue_fixture *fixture, uint64_t sequence);

/* Waits for a completion by a descriptor, or fails the test. */
void
await_completion(struct queue_fixture *fixture, uint64_t sequence);

/* The sequence id of a request of the fixture's queue. */
uint64_t
sequence_of(uint64_t number);

#endif
