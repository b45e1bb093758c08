/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of neuron/clock.h as it stood at the kernel's last tick, which comes every 1 to 10 ms:
   it costs some nanoseconds, for what is asked in every step. */
#ifndef NEURON_TICK_H
#define NEURON_TICK_H

#include <stdint.h>
#include <time.h>

#include "neuron/clock.h"

static inline uint64_t
neuron_clock_tick_ms(void)
{
    struct timespec now = {.tv_sec = 0};

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * (NEURON_NS_PER_S / NEURON_NS_PER_MS) +
           (uint64_t)now.tv_nsec / NEURON_NS_PER_MS;
}

#endif
