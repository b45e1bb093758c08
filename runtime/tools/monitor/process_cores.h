/* SPDX-License-Identifier: Apache-2.0 */
/* What a process does on each core of the machine, of all its runtimes together. */
#ifndef NEURON_TOOLS_MONITOR_PROCESS_CORES_H
#define NEURON_TOOLS_MONITOR_PROCESS_CORES_H

#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"

#include "node/node_watch.h"

struct neuron_process_core {
    bool is_used; /* a runtime of the process has it */
    uint32_t device;
    double busy;                               /* part of the time between the looks, 0 to 1 */
    double busy_s;                             /* since its runtimes were made */
    uint64_t memory_bytes[NEURON_MEMORY_USES]; /* monitor/memory_share.h */
};

/* Owned by whoever made it zeroed; used again and again, cleared at the end. */
struct neuron_process_cores {
    struct neuron_process_core *cores; /* by the machine's number */
    uint32_t count;
    uint64_t (*shares)[NEURON_MEMORY_USES]; /* of one owner, while they are added */
    uint32_t share_count;
};

/*
 * Says what a stamp of a runtime is in nanoseconds.
 *
 * stamp_ns  what one of the processor's counter is, for those that use it; 0 for what the look at
 *           each knows.
 */
double
neuron_monitor_stamp_ns(const struct neuron_counter_sample *runtime, double stamp_ns);

/*
 * Finds what a process does. Cores that the machine lacks are left out.
 *
 * before      an earlier look; an empty one for the time since its runtimes began.
 * process     of the later look.
 * core_count  of the machine.
 * stamp_ns    as for neuron_monitor_stamp_ns().
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_process_cores_find(const struct neuron_node_sample *before,
                          const struct neuron_node_process *process, uint32_t core_count,
                          double stamp_ns, struct neuron_process_cores *cores,
                          struct neuron_error *error);

/* Frees what it owns, and zeroes it. */
void
neuron_process_cores_clear(struct neuron_process_cores *cores);

#endif
