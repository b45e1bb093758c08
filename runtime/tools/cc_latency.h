/* SPDX-License-Identifier: Apache-2.0 */
/* What many times of one thing come to. */
#ifndef NEURON_TOOLS_CC_LATENCY_H
#define NEURON_TOOLS_CC_LATENCY_H

#include <stddef.h>
#include <stdint.h>

struct neuron_cc_latency {
    uint64_t total_ns;
    uint64_t least_ns;
    uint64_t p50_ns; /* that half of them stay within */
    uint64_t p90_ns;
    uint64_t p99_ns;
    uint64_t most_ns;
};

/*
 * Sums up times. A percentile is one of the times: the shortest that so many per cent do not
 * exceed.
 *
 * times_ns  sorted by the call.
 * count     at least 1.
 */
struct neuron_cc_latency
neuron_cc_latency_of(uint64_t *times_ns, size_t count);

#endif
