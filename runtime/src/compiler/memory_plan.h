/* SPDX-License-Identifier: Apache-2.0 */
/* Where each intermediate result of a run lies in the one arena that a program has. */
#ifndef NEURON_COMPILER_MEMORY_PLAN_H
#define NEURON_COMPILER_MEMORY_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum { NEURON_MEMORY_ALIGNMENT_BYTES = 64 };

/* Memory that is needed from one step of a run to another. */
struct neuron_memory_interval {
    size_t size_bytes;
    uint32_t first_step; /* the step that writes it */
    uint32_t last_step;  /* the last step that reads it, itself included; not before first_step */
    size_t offset;       /* the answer: a multiple of the alignment */
};

/*
 * Finds an offset for every interval, so that no two whose steps overlap share a byte.
 *
 * intervals    in any order; only their offsets are written, and only on success.
 * total_bytes  receives what the arena takes, a multiple of the alignment; 0 when all are empty.
 *
 * The same intervals give the same offsets. An interval of 0 bytes lies at offset 0.
 *
 * Returns NEURON_INVALID_ARGUMENT when an interval ends before it begins or the sizes do not fit
 * the address space, or NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_memory_plan(struct neuron_memory_interval *intervals, uint32_t count, size_t *total_bytes,
                   struct neuron_error *error);

#endif
