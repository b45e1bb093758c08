/* SPDX-License-Identifier: Apache-2.0 */
#include "core_rate.h"

#include "neuron/clock.h"

enum { SLICE_COUNT = 5, SLICE_NS = 4000000 };

/* Returns the time; at least 1. */
static uint64_t
time_rounds(neuron_rounds_fn *work, void *argument, uint64_t rounds)
{
    uint64_t begin_ns = neuron_clock_ns();

    work(argument, rounds);
    uint64_t taken_ns = neuron_clock_ns() - begin_ns;
    return taken_ns == 0 ? 1 : taken_ns;
}

double
neuron_core_rate_measure(neuron_rounds_fn *work, void *argument)
{
    uint64_t rounds = 1;
    uint64_t taken_ns = time_rounds(work, argument, rounds);
    double best = 0.0;

    while (taken_ns < SLICE_NS) {
        rounds *= 2;
        taken_ns = time_rounds(work, argument, rounds);
    }
    for (int i = 0; i < SLICE_COUNT; i += 1) {
        double rate = (double)rounds / (double)time_rounds(work, argument, rounds);

        best = rate > best ? rate : best;
    }
    return best;
}
