/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of durations by size: buckets whose width grows with what they hold, so that any quantile
   is known to some percent, and adding one is a few instructions. */
#ifndef NEURON_COUNTERS_LATENCY_BUCKETS_H
#define NEURON_COUNTERS_LATENCY_BUCKETS_H

#include <stdint.h>

enum {
    NEURON_LATENCY_UNIT_BITS = 5, /* of a duration in stamps: what lies below is not told apart */
    NEURON_LATENCY_PART_BITS = 4, /* 16 buckets for each doubling: 6 % wide, 3 % off at most */
    NEURON_LATENCY_TOP_BITS = 37, /* of the largest that is told apart, in units: an hour */
    NEURON_LATENCY_BUCKETS = (NEURON_LATENCY_TOP_BITS - NEURON_LATENCY_PART_BITS + 1)
                             << NEURON_LATENCY_PART_BITS
};

/* The bucket of a duration in stamps; the last one for all that are longer. */
static inline uint32_t
neuron_latency_bucket(uint64_t stamps)
{
    const uint32_t parts = 1U << NEURON_LATENCY_PART_BITS;
    uint64_t units = stamps >> NEURON_LATENCY_UNIT_BITS;

    if (units < parts) {
        return (uint32_t)units;
    }
    uint32_t top = 63U - (uint32_t)__builtin_clzll(units);
    if (top >= NEURON_LATENCY_TOP_BITS) {
        return NEURON_LATENCY_BUCKETS - 1;
    }
    uint32_t octave = top - NEURON_LATENCY_PART_BITS + 1;
    uint32_t part = (uint32_t)(units >> (top - NEURON_LATENCY_PART_BITS)) & (parts - 1);
    return octave * parts + part;
}

/* The smallest duration in stamps of a bucket; of NEURON_LATENCY_BUCKETS the end of the last. */
uint64_t
neuron_latency_bucket_begin(uint32_t bucket);

/*
 * Finds a quantile of counted durations, in stamps: the middle of the bucket in which it lies.
 *
 * counts    of all buckets.
 * permille  from 0, the least, to 1000, the most.
 *
 * Returns 0 where nothing was counted.
 */
double
neuron_latency_quantile(const uint64_t *counts, uint32_t permille);

#endif
