/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of the whole machine: processor time by CPU, and memory. */
#ifndef NEURON_TOOLS_NODE_HOST_STATS_H
#define NEURON_TOOLS_NODE_HOST_STATS_H

#include <stdint.h>

#include "neuron/status.h"

/* Time that a CPU has spent, or all together; nanoseconds since the machine started. */
struct neuron_cpu_times {
    uint32_t cpu; /* the operating system's number */
    uint64_t user_ns;
    uint64_t nice_ns;
    uint64_t system_ns;
    uint64_t idle_ns;
    uint64_t io_wait_ns;
    uint64_t irq_ns;
    uint64_t soft_irq_ns;
};

/* Owned by whoever made it zeroed; used again and again, cleared at the end. */
struct neuron_host_stats {
    struct neuron_cpu_times all;
    struct neuron_cpu_times *cpus; /* those that are online */
    uint32_t cpu_count;
    uint64_t memory_total_bytes;
    uint64_t memory_available_bytes;
    uint64_t swap_total_bytes;
    uint64_t swap_free_bytes;
};

/*
 * Reads /proc/stat and /proc/meminfo.
 *
 * Returns NEURON_SYSTEM where they cannot be read, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_host_stats_read(struct neuron_host_stats *stats, struct neuron_error *error);

/* Frees what it owns, and zeroes it. */
void
neuron_host_stats_clear(struct neuron_host_stats *stats);

#endif
