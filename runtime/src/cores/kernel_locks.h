/* SPDX-License-Identifier: Apache-2.0 */
/* The record locks of a machine, as the kernel lists them. */
#ifndef NEURON_CORES_KERNEL_LOCKS_H
#define NEURON_CORES_KERNEL_LOCKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

/* A lock that a process holds on a part of a file. */
struct neuron_kernel_lock {
    pid_t pid;
    bool is_shared;
    uint32_t device_major;
    uint32_t device_minor;
    uint64_t inode;
    uint64_t first_byte;
};

struct neuron_kernel_locks {
    struct neuron_kernel_lock *locks;
    uint32_t count;
    uint32_t room;
};

/*
 * Lists the record locks of all processes that this one can see; none where the kernel does not
 * tell.
 *
 * locks  zeroed; freed by neuron_kernel_locks_clear(), also after a failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_kernel_locks_read(struct neuron_kernel_locks *locks, struct neuron_error *error);

/* Frees what the list owns, not the list. */
void
neuron_kernel_locks_clear(struct neuron_kernel_locks *locks);

#endif
