/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/latency_histogram.h"

#include "neuron/clock.h"

void
neuron_latency_histogram_add(const struct neuron_latency_sample *sample, double ns_per_stamp,
                             struct neuron_latency_histogram *histogram)
{
    const double s_per_stamp = ns_per_stamp / NEURON_NS_PER_S;
    uint32_t bound = 0;

    for (uint32_t i = 0; i < NEURON_LATENCY_BUCKETS; i += 1) {
        double begin_s = (double)neuron_latency_bucket_begin(i) * s_per_stamp;
        double end_s = (double)neuron_latency_bucket_begin(i + 1) * s_per_stamp;
        /* The last bucket has no end. */
        double bound_s = i + 1 == NEURON_LATENCY_BUCKETS
                             ? 2 * neuron_histogram_bounds_s[NEURON_HISTOGRAM_BOUNDS - 1]
                             : end_s;

        while (bound < NEURON_HISTOGRAM_BOUNDS && neuron_histogram_bounds_s[bound] < bound_s) {
            bound += 1;
        }
        histogram->counts[bound] += sample->counts[i];
        histogram->sum_s += (double)sample->counts[i] * (begin_s + end_s) / 2;
    }
}
