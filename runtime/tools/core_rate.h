/* SPDX-License-Identifier: Apache-2.0 */
/* How often a core does a piece of work in a time. */
#ifndef NEURON_TOOLS_CORE_RATE_H
#define NEURON_TOOLS_CORE_RATE_H

#include <stdint.h>

/* Does the work `rounds` times. */
typedef void
neuron_rounds_fn(void *argument, uint64_t rounds);

/*
 * Finds a number of rounds that takes some milliseconds, does as many several times, and returns
 * the best of them in rounds a nanosecond: others may use the core's partner, or its clock may
 * still rise. Takes some 20 ms, or six rounds where these are longer.
 */
double
neuron_core_rate_measure(neuron_rounds_fn *work, void *argument);

#endif
