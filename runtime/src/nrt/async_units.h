/* SPDX-License-Identifier: Apache-2.0 */
/* The queues of all execution units of all cores, and the ids that name them. */
#ifndef NEURON_NRT_ASYNC_UNITS_H
#define NEURON_NRT_ASYNC_UNITS_H

#include <stdint.h>

#include "neuron/runtime.h"
#include "neuron/status.h"
#include "nrt/async_queue.h"
#include "nrt/nrt_async.h"

struct libnrt_async_units;

/* How the queues treat the bodies of their requests, see nrt/async_queue.h. */
struct libnrt_async_bodies {
    size_t size_bytes;
    libnrt_async_run_fn *run;
    libnrt_async_dispose_fn *dispose;
};

/*
 * Makes the queues of every core that a runtime has.
 *
 * runtime  outlives the units.
 * bodies   of each unit.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_units_create(const struct neuron_runtime *runtime,
                          const struct libnrt_async_bodies *const bodies[NRTA_XU_TYPE_NUM],
                          struct libnrt_async_units **units, struct neuron_error *error);

/* Refuses with NEURON_INVALID_ARGUMENT a core that is none of so many. Any thread. */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_check_core(uint32_t nc, uint32_t core_count, struct neuron_error *error);

/*
 * Finds a queue of a unit of a core.
 *
 * nc, unit, number  any numbers.
 *
 * Returns NEURON_INVALID_ARGUMENT, and says which of the three there is not, and which there are.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
libnrt_async_units_queue(const struct libnrt_async_units *units, uint32_t nc, nrta_xu_t unit,
                         int number, struct libnrt_async_queue **queue, struct neuron_error *error);

/* The queue that a sequence id names; NULL where there is none. Any thread. */
struct libnrt_async_queue *
libnrt_async_units_find(const struct libnrt_async_units *units, nrta_seq_t sequence);

/* Refuses requests from now on, and waits until all that were submitted are done. */
void
libnrt_async_units_drain(struct libnrt_async_units *units);

/* Destroys drained queues. Accepts NULL. */
void
libnrt_async_units_destroy(struct libnrt_async_units *units);

#endif
