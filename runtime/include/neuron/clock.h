/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that deadlines and durations are told by. */
#ifndef NEURON_CLOCK_H
#define NEURON_CLOCK_H

#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NEURON_NS_PER_MS = 1000000, NEURON_NS_PER_S = 1000000000 };

/* The time of CLOCK_MONOTONIC in nanoseconds. Any thread. */
NEURON_API uint64_t
neuron_clock_ns(void);

#ifdef __cplusplus
}
#endif

#endif
