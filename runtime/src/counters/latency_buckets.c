/* SPDX-License-Identifier: Apache-2.0 */
#include "counters/latency_buckets.h"

uint64_t
neuron_latency_bucket_begin(uint32_t bucket)
{
    const uint32_t parts = 1U << NEURON_LATENCY_PART_BITS;
    uint64_t units = bucket;

    if (bucket >= parts) {
        uint32_t octave = bucket / parts;

        units = (uint64_t)(parts + bucket % parts) << (octave - 1);
    }
    return units << NEURON_LATENCY_UNIT_BITS;
}

double
neuron_latency_quantile(const uint64_t *counts, uint32_t permille)
{
    const uint64_t whole = 1000;
    uint64_t total = 0;
    uint64_t before = 0;
    uint32_t bucket = 0;

    for (uint32_t i = 0; i < NEURON_LATENCY_BUCKETS; i += 1) {
        total += counts[i];
    }
    if (total == 0) {
        return 0;
    }
    /* The rank of the nearest one, from 1: no quantile lies between two that were counted. */
    uint64_t rank = total / whole * permille + (total % whole * permille + whole - 1) / whole;
    rank = rank == 0 ? 1 : rank;
    while (before + counts[bucket] < rank) {
        before += counts[bucket];
        bucket += 1;
    }
    uint64_t begin = neuron_latency_bucket_begin(bucket);
    uint64_t width = neuron_latency_bucket_begin(bucket + 1) - begin;
    return (double)begin + (double)width / 2;
}
