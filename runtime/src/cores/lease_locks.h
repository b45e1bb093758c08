/* SPDX-License-Identifier: Apache-2.0 */
/* The locks that a lease sets on the files of its cores. */
#ifndef NEURON_CORES_LEASE_LOCKS_H
#define NEURON_CORES_LEASE_LOCKS_H

#include <stdint.h>
#include <sys/types.h>

#include "neuron/core_lease.h"
#include "neuron/status.h"

#include "cores/lease_files.h"

/* What kind of locks, and where in the files: the same for all cores of a lease. */
struct neuron_lease_locks {
    enum neuron_core_lease_kind kind;
    uint32_t depth; /* of nesting; 0 outside of any reservation */
    struct neuron_core_lease_parent parent;
};

/* A core that is held, by the descriptor that the lock hangs on: closing it gives the core back. */
struct neuron_held_core {
    uint32_t core;
    int file;
};

/* How trying to lock one core ended. */
enum neuron_lock_outcome { NEURON_LOCK_TAKEN, NEURON_LOCK_HELD_BY_OTHER, NEURON_LOCK_FAILED };

/*
 * Opens and locks the file of one core. The caller keeps other claims out.
 *
 * core    must not be held by this process already (neuron_lease_files_is_own()).
 * held    receives the locked core. Unchanged unless it was taken.
 * holder  receives who has the core when somebody else does; 0 for a process that this one cannot
 *         see. Unchanged otherwise.
 *
 * Fails when a parent is named that does not hold the core, or on an error of the system.
 */
enum neuron_lock_outcome
neuron_lease_locks_take(const struct neuron_lease_locks *locks,
                        const struct neuron_lease_files *files, uint32_t core,
                        struct neuron_held_core *held, pid_t *holder, struct neuron_error *error);

#endif
