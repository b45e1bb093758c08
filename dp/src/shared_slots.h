/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of the tensors of one replica, which two processes have mapped. */
#ifndef NEURON_DP_SHARED_SLOTS_H
#define NEURON_DP_SHARED_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/*
 * One slot a tensor, one behind the other, each at the start of a cache line. What the other
 * process writes there is numbers only, no sizes and no addresses: it can be wrong, but lead
 * nowhere. The size of the file is sealed, so that neither can take memory away from the other.
 */
struct neuron_shared_slots {
    int descriptor; /* of the file in memory; -1 when not open */
    void *memory;   /* NULL when not mapped */
    size_t size_bytes;
    void **addresses; /* of the slots, in their order */
};

/*
 * Makes slots, zeroed by the calling thread, and so near its core.
 *
 * slots       overwritten; destroyed by the caller, also on failure.
 * size_bytes  of each slot, `count` of them, at least one.
 *
 * Returns NEURON_OUT_OF_MEMORY, or NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_shared_slots_create(struct neuron_shared_slots *slots, const size_t *size_bytes,
                           uint32_t count, struct neuron_error *error);

/*
 * Maps slots of another process, which must have these sizes. Else as the above.
 *
 * descriptor  borrowed for the call.
 *
 * Returns also NEURON_INVALID_ARGUMENT for a file of another size.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_shared_slots_open(struct neuron_shared_slots *slots, int descriptor,
                         const size_t *size_bytes, uint32_t count, struct neuron_error *error);

/* Unmaps the slots, and closes the file. Accepts a zeroed one. */
void
neuron_shared_slots_destroy(struct neuron_shared_slots *slots);

#endif
