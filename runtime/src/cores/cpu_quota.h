/* SPDX-License-Identifier: Apache-2.0 */
/* How much CPU time the control groups of this process allow it. */
#ifndef NEURON_CORES_CPU_QUOTA_H
#define NEURON_CORES_CPU_QUOTA_H

#include <stdint.h>

/*
 * Reads the CPU quota of this process's control group and of all above it, version 1 and 2, and
 * returns the smallest in whole cores: rounded down, at least 1. UINT32_MAX where there is none, or
 * none that can be read.
 *
 * root  prefix of /proc and /sys, "" for those of the machine.
 */
uint32_t
neuron_cpu_quota_read(const char *root);

#endif
