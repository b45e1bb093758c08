/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory the control groups of this process allow it. */
#ifndef NEURON_CORES_MEMORY_LIMIT_H
#define NEURON_CORES_MEMORY_LIMIT_H

#include <stdint.h>

/*
 * Reads the memory limit of this process's control group and of all above it, version 1 and 2, and
 * returns the smallest in bytes. UINT64_MAX where there is none, or none that can be read.
 *
 * root  prefix of /proc and /sys, "" for those of the machine.
 */
uint64_t
neuron_memory_limit_read(const char *root);

#endif
