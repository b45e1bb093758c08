/* SPDX-License-Identifier: Apache-2.0 */
#include "score/real_clock.h"

#include <time.h>

#include "neuron/clock.h"

uint64_t
neuron_real_ns(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NEURON_NS_PER_S + (uint64_t)now.tv_nsec;
}
