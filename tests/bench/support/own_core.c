/* SPDX-License-Identifier: Apache-2.0 */
#include "own_core.h"

#include <sched.h>
#include <stddef.h>

void
bind_to_core(uint32_t index)
{
    cpu_set_t allowed;
    cpu_set_t own;

    CPU_ZERO(&allowed);
    CPU_ZERO(&own);
    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) == 0) {
        return;
    }
    uint32_t left = index % (uint32_t)CPU_COUNT(&allowed);
    size_t cpu = 0;
    while (!CPU_ISSET(cpu, &allowed) || left > 0) {
        left -= CPU_ISSET(cpu, &allowed) ? 1 : 0;
        cpu += 1;
    }
    CPU_SET(cpu, &own);
    (void)sched_setaffinity(0, sizeof(own), &own);
}
