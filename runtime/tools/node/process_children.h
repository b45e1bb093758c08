/* SPDX-License-Identifier: Apache-2.0 */
/* The children of a process, whichever of its threads has started them. */
#ifndef NEURON_TOOLS_NODE_PROCESS_CHILDREN_H
#define NEURON_TOOLS_NODE_PROCESS_CHILDREN_H

#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

/* Owned by whoever made it zeroed. */
struct neuron_process_children {
    pid_t *pids;
    uint32_t count;
    uint32_t room;
};

/*
 * Adds the children of a process to a list; none where it has ended or the kernel does not tell.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_process_children_add(pid_t pid, struct neuron_process_children *children,
                            struct neuron_error *error);

/* Frees what the list owns, and zeroes it. */
void
neuron_process_children_clear(struct neuron_process_children *children);

#endif
