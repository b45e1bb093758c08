/* SPDX-License-Identifier: Apache-2.0 */
#include "nrt/async_units.h"

#include <stdbool.h>
#include <stdlib.h>

/*
 * The id of a queue, the upper 16 bits of its sequence ids: the core times ID_STEP, and the place
 * of the queue among those of the core.
 */
enum { ID_STEP = 16, CORE_LIMIT = (UINT16_MAX + 1) / ID_STEP };

/* How many queues each unit has, and how many those before it have together. */
enum { QUEUES_PER_CORE = 10 };
static const int queue_counts[NRTA_XU_TYPE_NUM] = {
    [NRTA_XU_TENSOR_READ] = 2, [NRTA_XU_TENSOR_WRITE] = 2, [NRTA_XU_TENSOR_OP] = 2,
    [NRTA_XU_COMPUTE] = 1,     [NRTA_XU_COLLECTIVES] = 3,
};
static const int first_places[NRTA_XU_TYPE_NUM] = {
    [NRTA_XU_TENSOR_READ] = 0, [NRTA_XU_TENSOR_WRITE] = 2, [NRTA_XU_TENSOR_OP] = 4,
    [NRTA_XU_COMPUTE] = 6,     [NRTA_XU_COLLECTIVES] = 7,
};

struct libnrt_async_units {
    uint32_t core_count;
    struct libnrt_async_queue **queues; /* QUEUES_PER_CORE of each core */
};

/* The unit that has the queue at a place. */
static nrta_xu_t
unit_at(uint32_t place)
{
    uint32_t unit = NRTA_XU_TYPE_NUM - 1;

    while ((uint32_t)first_places[unit] > place) {
        unit -= 1;
    }
    return (nrta_xu_t)unit;
}

enum neuron_status
libnrt_async_units_create(const struct neuron_runtime *runtime,
                          const struct libnrt_async_bodies *const bodies[NRTA_XU_TYPE_NUM],
                          struct libnrt_async_units **units, struct neuron_error *error)
{
    uint32_t core_count = neuron_runtime_core_count(runtime);
    enum neuron_status status = NEURON_OK;

    /* A core that no id can name has no queues. */
    core_count = core_count < CORE_LIMIT ? core_count : CORE_LIMIT;
    uint32_t queue_count = core_count * QUEUES_PER_CORE;
    struct libnrt_async_units *created = calloc(1, sizeof(*created));
    if (created != NULL) {
        created->queues = calloc(queue_count, sizeof(struct libnrt_async_queue *));
    }
    if (created == NULL || created->queues == NULL) {
        free(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u queues of requests",
                           queue_count);
    }
    created->core_count = core_count;
    for (uint32_t i = 0; status == NEURON_OK && i < queue_count; i += 1) {
        uint32_t nc = i / QUEUES_PER_CORE;
        uint32_t place = i % QUEUES_PER_CORE;
        const struct libnrt_async_bodies *body = bodies[unit_at(place)];
        const struct libnrt_async_queue_options options = {
            .executor = neuron_runtime_executor(runtime, nc),
            .id = (uint16_t)(nc * ID_STEP + place),
            .body_size_bytes = body->size_bytes,
            .run = body->run,
            .dispose = body->dispose,
        };
        status = libnrt_async_queue_create(&options, &created->queues[i], error);
    }
    if (status != NEURON_OK) {
        libnrt_async_units_destroy(created);
        return status;
    }
    *units = created;
    return NEURON_OK;
}

/* The queue at a place among those of a core; NULL where there is none. */
static struct libnrt_async_queue *
queue_at(const struct libnrt_async_units *units, uint32_t nc, uint32_t place)
{
    return nc < units->core_count && place < QUEUES_PER_CORE
               ? units->queues[nc * QUEUES_PER_CORE + place]
               : NULL;
}

enum neuron_status
libnrt_async_check_core(uint32_t nc, uint32_t core_count, struct neuron_error *error)
{
    if (nc < core_count) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "there is no vnc %u; the process owns vnc 0 to %u", nc, core_count - 1);
}

/* Refuses a unit or a queue that no core has. */
static enum neuron_status
check_queue(nrta_xu_t unit, int number, struct neuron_error *error)
{
    static const char *const names[NRTA_XU_TYPE_NUM] = {
        [NRTA_XU_TENSOR_READ] = "TENSOR_READ", [NRTA_XU_TENSOR_WRITE] = "TENSOR_WRITE",
        [NRTA_XU_TENSOR_OP] = "TENSOR_OP",     [NRTA_XU_COMPUTE] = "COMPUTE",
        [NRTA_XU_COLLECTIVES] = "COLLECTIVES",
    };
    int place = (int)unit; /* a caller may hand over anything */

    if (place < 0 || place >= NRTA_XU_TYPE_NUM) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "there is no unit %d; they are 0 to %d",
                           place, NRTA_XU_TYPE_NUM - 1);
    }
    if (number >= 0 && number < queue_counts[place]) {
        return NEURON_OK;
    }
    if (queue_counts[place] == 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "unit %d (%s) has no queue %d; it has queue 0 alone", place,
                           names[place], number);
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "unit %d (%s) has no queue %d; it has queues 0 to %d", place, names[place],
                       number, queue_counts[place] - 1);
}

enum neuron_status
libnrt_async_units_queue(const struct libnrt_async_units *units, uint32_t nc, nrta_xu_t unit,
                         int number, struct libnrt_async_queue **queue, struct neuron_error *error)
{
    enum neuron_status status = libnrt_async_check_core(nc, units->core_count, error);

    if (status == NEURON_OK) {
        status = check_queue(unit, number, error);
    }
    if (status == NEURON_OK) {
        *queue = queue_at(units, nc, (uint32_t)(first_places[unit] + number));
    }
    return status;
}

struct libnrt_async_queue *
libnrt_async_units_find(const struct libnrt_async_units *units, nrta_seq_t sequence)
{
    uint32_t id = (uint32_t)NRTA_SEQ_GET_XU_ID(sequence);

    return queue_at(units, id / ID_STEP, id % ID_STEP);
}

void
libnrt_async_units_drain(struct libnrt_async_units *units)
{
    for (uint32_t i = 0; i < units->core_count * QUEUES_PER_CORE; i += 1) {
        libnrt_async_queue_drain(units->queues[i]);
    }
}

void
libnrt_async_units_destroy(struct libnrt_async_units *units)
{
    if (units == NULL) {
        return;
    }
    for (uint32_t i = 0; i < units->core_count * QUEUES_PER_CORE; i += 1) {
        libnrt_async_queue_destroy(units->queues[i]);
    }
    free(units->queues);
    free(units);
}
