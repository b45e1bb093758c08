/* SPDX-License-Identifier: Apache-2.0 */
/* How many processes the kernel has killed for lack of memory. */
#ifndef NEURON_MEMORY_KILLS_H
#define NEURON_MEMORY_KILLS_H

#include <stdint.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Counts that only grow; UINT64_MAX where the kernel does not tell. */
struct neuron_memory_kills {
    uint64_t group;   /* in the control group of this process (in version 2 and below it) */
    uint64_t machine; /* anywhere */
};

/*
 * Reads the counts. Who reads them before and after something knows whether it happened meanwhile.
 *
 * root  prefix of /proc and /sys, "" for those of the machine.
 *
 * Any thread.
 */
NEURON_API struct neuron_memory_kills
neuron_memory_kills_read(const char *root);

#ifdef __cplusplus
}
#endif

#endif
