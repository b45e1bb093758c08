/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/clock.h"

#include <time.h>

uint64_t
neuron_clock_ns(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NEURON_NS_PER_S + (uint64_t)now.tv_nsec;
}
