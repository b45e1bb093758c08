/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a core reads. */
#ifndef NEURON_TOOLS_CORE_BANDWIDTH_H
#define NEURON_TOOLS_CORE_BANDWIDTH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Measures the calling thread's core with sums over a buffer, again and again, so that it stays in
 * the smallest cache that it fits into. Returns 10^9 bytes a second.
 *
 * bytes       aligned to 64, and written before.
 * size_bytes  at least 4096.
 * features    of neuron_cpu_read(), or some of them.
 */
double
neuron_core_bandwidth_measure(const void *bytes, size_t size_bytes, uint32_t features);

#endif
