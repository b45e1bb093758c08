/* SPDX-License-Identifier: Apache-2.0 */
/* One process at a time has the file under a name: a record lock far behind its end. */
#ifndef NEURON_SCORE_JOURNAL_LOCK_H
#define NEURON_SCORE_JOURNAL_LOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "neuron/status.h"

/*
 * The kernel drops the lock of a process when it ends, of whatever cause, or when it closes any
 * descriptor of that file: a process opens it once. It holds between hosts on shared file systems
 * that pass record locks on, as NFS does.
 */

/*
 * Opens the file under a name, makes it if it is not there, and locks it; never waits.
 *
 * file    receives the descriptor; the file is still the one under the name. Unchanged on failure.
 * holder  receives the pid of the process that holds it, or -1 for one of another host. May be
 *         NULL.
 *
 * Returns NEURON_STOPPED when another process holds it; NEURON_INVALID_ARGUMENT for something that
 * is no regular file; NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_lock_open(const char *path, int *file, pid_t *holder, struct neuron_error *error);

/* What a file is to hold. */
struct neuron_journal_bytes {
    const char *bytes;
    size_t size_bytes;
};

/*
 * Gives the name to another file, which is made whole, locked and synced before. The old one stays
 * locked until then: who opened it is kept out, and finds afterwards that it is not in place.
 *
 * file      the locked one; receives the new one. On failure it is the one under the name.
 * new_path  where the new file is made, in the same folder; what stands there goes away.
 *
 * Returns NEURON_SYSTEM; where only the folder could not be synced, the new file has the name.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_lock_replace(int *file, const char *path, const char *new_path,
                            const struct neuron_journal_bytes *content, struct neuron_error *error);

/* Says whether a file is still the one under the name. */
bool
neuron_journal_lock_is_in_place(int file, const char *path);

#endif
