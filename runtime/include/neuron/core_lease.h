/* SPDX-License-Identifier: Apache-2.0 */
/* The exclusive claim of a process on its cores, kept by the kernel, gone with the process. */
#ifndef NEURON_CORE_LEASE_H
#define NEURON_CORE_LEASE_H

#include <stdint.h>
#include <sys/types.h>

#include "neuron/core_set.h"
#include "neuron/status.h"
#include "neuron/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A lease is a set of record locks, one per core, in files that every process of the machine sees.
 * The kernel drops them when the process ends, of whatever cause. A child made by fork() inherits
 * the memory of a lease, but not the lease: releasing it there does nothing.
 *
 * Leases nest as launches do. A launcher reserves cores at some depth; the workers it starts, and
 * nobody else, may claim cores of that reservation one level deeper. Whoever claims names the
 * reservation (the lease parent), and the kernel is asked whether that process holds the core.
 *
 * One process may hold several leases; they exclude each other too.
 *
 * A process that uses cores may lend them to one that works in its place. A borrowed lease locks
 * nothing: it is as good as that of the lender, of which the kernel is asked once, and who borrows
 * ends with the lender.
 */
struct neuron_core_lease;

/* What a lease permits to others. */
enum neuron_core_lease_kind {
    NEURON_CORE_LEASE_USE = 0,         /* nobody else may use the cores */
    NEURON_CORE_LEASE_RESERVATION = 1, /* own children may claim them, one level deeper */
    NEURON_CORE_LEASE_SHARED = 2,      /* others of the same parent may hold them shared, too */
    NEURON_CORE_LEASE_BORROWED = 3     /* of a process that uses them, and lends them to this one */
};

/*
 * The lease inside which a claim is made: a reservation, or for a borrowed one the lease that uses
 * the cores. A zeroed one means none: the whole machine.
 */
struct neuron_core_lease_parent {
    pid_t pid;      /* who holds it; 0 for none */
    uint32_t depth; /* how deep it is: 0 for that of a process that was started by hand */
};

/* Every field may be left zero. */
struct neuron_core_lease_options {
    enum neuron_core_lease_kind kind;
    struct neuron_core_lease_parent parent;
    const char *directory; /* where the lock files live; NULL for the machine's usual place */
};

/*
 * Claims exactly these cores, all or none.
 *
 * cores    cores of the machine, at least one, allowed to this process.
 * options  borrowed for the call. May be NULL for all defaults.
 * lease    receives a new lease, which the caller releases. Unchanged on failure.
 * error    receives the reason on failure. May be NULL.
 *
 * Returns NEURON_CORES_TAKEN when somebody holds one of them: the text names the cores, and the
 * pid, command and start time of the first holder; NEURON_PEER_LOST when the lease parent does not
 * hold them (any more); NEURON_NO_SUCH_CORE; NEURON_SYSTEM when the lock files cannot be used;
 * NEURON_INVALID_ARGUMENT for a shared or borrowed lease without a parent, or no core;
 * NEURON_OUT_OF_MEMORY.
 * Any thread. Blocks while another claim of the machine is being decided, some microseconds; where
 * that takes ten seconds, returns NEURON_TIMED_OUT.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_lease_claim(const struct neuron_topology *topology, const struct neuron_core_set *cores,
                        const struct neuron_core_lease_options *options,
                        struct neuron_core_lease **lease, struct neuron_error *error);

/*
 * Claims the first run of free cores that is contiguous (neuron_topology_is_contiguous) and as long
 * as asked: no fitting run is missed.
 *
 * within  the cores to search. NULL for all that are allowed.
 * count   how many cores; 0 for all of `within`, or as many as the quota allows.
 *
 * Else as neuron_core_lease_claim(). NEURON_CORES_TAKEN names the longest free run, too.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_lease_claim_run(const struct neuron_topology *topology,
                            const struct neuron_core_set *within, uint32_t count,
                            const struct neuron_core_lease_options *options,
                            struct neuron_core_lease **lease, struct neuron_error *error);

/*
 * Lists the cores that a claim with these options would get at this moment, and claims none of
 * them. Others may be quicker: the claim that follows can still fail.
 *
 * within  the cores to ask about.
 * cores   receives a new set, which the caller destroys. Unchanged on failure.
 *
 * Else as neuron_core_lease_claim(), but for NEURON_CORES_TAKEN: the set is empty then.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_core_lease_list_free(const struct neuron_topology *topology,
                            const struct neuron_core_set *within,
                            const struct neuron_core_lease_options *options,
                            struct neuron_core_set **cores, struct neuron_error *error);

/* The cores of the machine that a lease holds. Lives as long as the lease. Any thread. */
NEURON_API const struct neuron_core_set *
neuron_core_lease_cores(const struct neuron_core_lease *lease);

/*
 * What workers need to claim inside a reservation: the pid of its holder, and its depth.
 * Any thread.
 */
NEURON_API struct neuron_core_lease_parent
neuron_core_lease_as_parent(const struct neuron_core_lease *lease);

/*
 * Fills in the options by which another process claims cores of this lease in the place of this
 * one, as long as this one holds them: borrowed, or shared where the lease is; as a worker's where
 * it is a reservation. Its texts live as long as the lease. Any thread.
 */
NEURON_API void
neuron_core_lease_lend(const struct neuron_core_lease *lease,
                       struct neuron_core_lease_options *options);

/*
 * Releases the cores and destroys the lease. Accepts NULL. In a forked child it only frees memory.
 * Any thread.
 */
NEURON_API void
neuron_core_lease_release(struct neuron_core_lease *lease);

#ifdef __cplusplus
}
#endif

#endif
