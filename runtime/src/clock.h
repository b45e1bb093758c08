/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that all of this library measures and waits by: CLOCK_MONOTONIC. */
#ifndef NEURON_CLOCK_H
#define NEURON_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t
neuron_clock_ns(void)
{
    struct timespec now = {.tv_sec = 0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* The same clock as it stood at the kernel's last tick, which comes every 1 to 10 ms: it costs some
   nanoseconds, for what is asked in every step. */
static inline uint64_t
neuron_clock_tick_ms(void)
{
    struct timespec now = {.tv_sec = 0};

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

#endif
