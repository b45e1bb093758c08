/* SPDX-License-Identifier: Apache-2.0 */
/* A number that is odd while what it guards is being changed, by one writer at a time; who reads
   takes the number before and after, and reads again where they differ or are odd. */
#ifndef NEURON_COUNTERS_SEQUENCE_H
#define NEURON_COUNTERS_SEQUENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The writer, around its stores. */
static inline void
neuron_sequence_begin(_Atomic uint32_t *sequence)
{
    uint32_t number = atomic_load_explicit(sequence, memory_order_relaxed);

    atomic_store_explicit(sequence, number + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release); /* the number before what follows */
}

static inline void
neuron_sequence_end(_Atomic uint32_t *sequence)
{
    uint32_t number = atomic_load_explicit(sequence, memory_order_relaxed);

    atomic_store_explicit(sequence, number + 1, memory_order_release);
}

/* A reader, before its loads. */
static inline uint32_t
neuron_sequence_read(const _Atomic uint32_t *sequence)
{
    return atomic_load_explicit(sequence, memory_order_acquire);
}

/* Says whether what was loaded since is of one moment. */
static inline bool
neuron_sequence_holds(const _Atomic uint32_t *sequence, uint32_t before)
{
    atomic_thread_fence(memory_order_acquire); /* the loads before the number */
    return before % 2 == 0 && atomic_load_explicit(sequence, memory_order_relaxed) == before;
}

#endif
