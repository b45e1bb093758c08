/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds cores of this machine. */
#ifndef NEURON_CORE_HOLDERS_H
#define NEURON_CORE_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/core_lease.h"
#include "neuron/core_set.h"
#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A process and its cores. */
struct neuron_core_holder {
    pid_t pid; /* 0 for processes that this one cannot see, in another container */
    enum neuron_core_lease_kind kind;
    uint32_t depth;                /* 0, or how many reservations of others are around it */
    bool is_invented;              /* cores of an invented machine */
    uint64_t machine;              /* which of the invented ones; 0 for the real one */
    struct neuron_core_set *cores; /* the list's */
};

struct neuron_core_holders {
    struct neuron_core_holder *holders; /* by the number of their first core, as it was found */
    uint32_t count;
};

/*
 * Reads who holds cores at this moment, of all users and of invented machines, too; of leases
 * inside each other the outermost.
 *
 * directory  where the lock files live; NULL for the machine's usual place.
 * holders    receives a list, which the caller clears; empty where no lock file was ever made.
 *            Unchanged on failure.
 *
 * Returns NEURON_SYSTEM where the files cannot be read, or NEURON_OUT_OF_MEMORY.
 * One thread at a time, in a process that holds no cores: it would lose them.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_holders_read(const char *directory, struct neuron_core_holders *holders,
                         struct neuron_error *error);

/*
 * Reads the same of all leases, those inside of reservations, too: workers of a launcher besides
 * the launcher. An entry is what a process holds in one way at one depth; by their depth, then by
 * the number of their first core. Those who share a core are all listed where the kernel lists its
 * locks, else one of them; that takes the kernel some milliseconds, in which nobody on the machine
 * gets a lock, and is done only where a core is shared.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_holders_read_all(const char *directory, struct neuron_core_holders *holders,
                             struct neuron_error *error);

/* Says which machine the holders of a topology's cores name; 0 for the real one. Any thread. */
struct neuron_topology;
NEURON_API uint64_t
neuron_core_holders_machine(const struct neuron_topology *topology);

/* Frees what the list owns, not the list. */
NEURON_API void
neuron_core_holders_clear(struct neuron_core_holders *holders);

#ifdef __cplusplus
}
#endif

#endif
