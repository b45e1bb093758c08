/* SPDX-License-Identifier: Apache-2.0 */
/* Latencies as a histogram of Prometheus: values to values. */
#ifndef NEURON_TOOLS_MONITOR_LATENCY_HISTOGRAM_H
#define NEURON_TOOLS_MONITOR_LATENCY_HISTOGRAM_H

#include <stdint.h>

#include "counters/counter_reader.h"

enum { NEURON_HISTOGRAM_BOUNDS = 22 };

/* Upper bounds in seconds; a last bucket holds the rest. */
static const double neuron_histogram_bounds_s[NEURON_HISTOGRAM_BOUNDS] = {
    1e-6, 2.5e-6, 5e-6,  1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3,
    5e-3, 0.01,   0.025, 0.05, 0.1,    0.25, 0.5,  1.0,    2.5,  5.0,  10.0};

struct neuron_latency_histogram {
    uint64_t counts[NEURON_HISTOGRAM_BOUNDS + 1]; /* of each bucket alone */
    double sum_s;
};

/*
 * Adds durations. A counted bucket goes where it is certain to be within the bound, so what is told
 * of a bound is never more than there was. With the same `ns_per_stamp` each time, no count ever
 * falls.
 */
void
neuron_latency_histogram_add(const struct neuron_latency_sample *sample, double ns_per_stamp,
                             struct neuron_latency_histogram *histogram);

#endif
