/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_latency.h"

#include <stdlib.h>

static int
compare_times(const void *left, const void *right)
{
    const uint64_t *first = left;
    const uint64_t *second = right;

    return (*first > *second) - (*first < *second);
}

static uint64_t
percentile_of(const uint64_t *sorted_ns, size_t count, size_t percent)
{
    return sorted_ns[(count * percent + 99) / 100 - 1];
}

struct neuron_cc_latency
neuron_cc_latency_of(uint64_t *times_ns, size_t count)
{
    struct neuron_cc_latency latency = {0};

    qsort(times_ns, count, sizeof(*times_ns), compare_times);
    for (size_t i = 0; i < count; i += 1) {
        latency.total_ns += times_ns[i];
    }
    latency.least_ns = times_ns[0];
    latency.p50_ns = percentile_of(times_ns, count, 50);
    latency.p90_ns = percentile_of(times_ns, count, 90);
    latency.p99_ns = percentile_of(times_ns, count, 99);
    latency.most_ns = times_ns[count - 1];
    return latency;
}
