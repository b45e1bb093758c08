/* SPDX-License-Identifier: Apache-2.0 */
/* Where the kernel takes a process's memory from. */
#ifndef NEURON_LAUNCHER_MEMORY_POLICY_H
#define NEURON_LAUNCHER_MEMORY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum neuron_memory_policy {
    NEURON_MEMORY_POLICY_OURS,       /* nobody chose one: it may be set for ranks */
    NEURON_MEMORY_POLICY_CHOSEN,     /* by numactl, say, and ranks inherit it */
    NEURON_MEMORY_POLICY_UNAVAILABLE /* the kernel or a container has none */
};

/* Says what policy this process was started with. */
enum neuron_memory_policy
neuron_memory_policy_read(void);

/*
 * Prefers a memory node for this thread, and for whatever it starts or becomes from now on; when
 * the node is full, memory comes from others. Async-signal-safe.
 *
 * node  as the operating system numbers it.
 *
 * Returns false, with errno, where that cannot be.
 */
bool
neuron_memory_policy_prefer(uint32_t node);

#endif
