/* SPDX-License-Identifier: Apache-2.0 */
/* The time of day, which processes on several hosts can compare. */
#ifndef NEURON_SCORE_REAL_CLOCK_H
#define NEURON_SCORE_REAL_CLOCK_H

#include <stdint.h>

/* Nanoseconds since the epoch. Any thread. */
uint64_t
neuron_real_ns(void);

#endif
