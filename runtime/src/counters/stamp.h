/* SPDX-License-Identifier: Apache-2.0 */
/* The clock that runs are timed by: the processor's own counter where it is as good as the kernel's
   clock, as two readings of that one cost more than all else that counting a run takes. */
#ifndef NEURON_COUNTERS_STAMP_H
#define NEURON_COUNTERS_STAMP_H

#include <stdint.h>

#include "neuron/clock.h"

/* Where stamps come from. Who reads them finds their rate by two pairs of stamp and time. */
enum neuron_stamp_source {
    NEURON_STAMP_CLOCK = 0,    /* neuron_clock_ns() */
    NEURON_STAMP_PROCESSOR = 1 /* one counter for all cores, at a constant rate */
};

/* Finds the best source of this machine: the processor's, where the kernel tells time by it. */
enum neuron_stamp_source
neuron_stamp_find_source(void);

/* A stamp of a source that neuron_stamp_find_source() gave on this machine. Never 0. Any thread. */
static inline uint64_t
neuron_stamp_now(enum neuron_stamp_source source)
{
#if defined(__x86_64__)
    if (source == NEURON_STAMP_PROCESSOR) {
        return __builtin_ia32_rdtsc();
    }
#elif defined(__aarch64__)
    if (source == NEURON_STAMP_PROCESSOR) {
        uint64_t stamp = 0;

        __asm__ volatile("mrs %0, cntvct_el0" : "=r"(stamp));
        return stamp;
    }
#endif
    (void)source;
    return neuron_clock_ns();
}

#endif
