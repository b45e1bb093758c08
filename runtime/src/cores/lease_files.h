/* SPDX-License-Identifier: Apache-2.0 */
/* The lock files behind core leases: where they are, what a lock in them means. */
#ifndef NEURON_CORES_LEASE_FILES_H
#define NEURON_CORES_LEASE_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/core_lease.h"
#include "neuron/status.h"
#include "neuron/topology.h"

enum {
    NEURON_LEASE_DEPTH_LIMIT = 8 /* reservations inside reservations */
};

/* The folder of one machine's lock files, opened. Closed files are -1. */
struct neuron_lease_files {
    int directory;
    int claims; /* locked while a claim or a release is being decided */
    int owners; /* who holds what, by core and depth: for finding our own leases */
    char prefix[40];
    char path[200]; /* of the folder, for error texts */
};

/* The machine's usual place for the folder. */
const char *
neuron_lease_files_place(void);

/* Opens the folder, and makes it where it is missing, open to all users of the machine. */
enum neuron_status
neuron_lease_files_open(struct neuron_lease_files *files, const struct neuron_topology *topology,
                        const char *directory, struct neuron_error *error);

/* Closes what is open. */
void
neuron_lease_files_close(struct neuron_lease_files *files);

/*
 * Waits until no other thread of the machine decides on a claim, and keeps the others out. Returns
 * NEURON_TIMED_OUT after ten seconds: a process that was stopped in the middle.
 */
enum neuron_status
neuron_lease_files_enter(const struct neuron_lease_files *files, struct neuron_error *error);
void
neuron_lease_files_leave(const struct neuron_lease_files *files);

/* Opens a core's lock file; returns -1 and fills the error on failure. */
int
neuron_lease_files_open_core(const struct neuron_lease_files *files, uint32_t core,
                             struct neuron_error *error);

/*
 * Notes that this process holds a core at a depth, or holds it no more. Only ever read back by the
 * same process; a failure is no reason to fail a claim.
 */
void
neuron_lease_files_note_owner(const struct neuron_lease_files *files, uint32_t core,
                              uint32_t depth);
void
neuron_lease_files_forget_owner(const struct neuron_lease_files *files, uint32_t core,
                                uint32_t depth);

/* Says whether this process has noted the core at any depth. */
bool
neuron_lease_files_is_own(const struct neuron_lease_files *files, uint32_t core);

#endif
