/* SPDX-License-Identifier: Apache-2.0 */
/* The file beside an output that says where the lease server is. */
#ifndef NEURON_SCORE_LEASE_PLACE_FILE_H
#define NEURON_SCORE_LEASE_PLACE_FILE_H

#include <sys/types.h>

#include "neuron/status.h"
#include "score/lease_place.h"

/* Which file it is, whatever stands at its path later. */
struct neuron_lease_file_mark {
    dev_t device;
    ino_t number;
};

/* Says who this process is: all of a place but the key and the addresses. */
void
neuron_lease_place_fill(const char *job_id, struct neuron_lease_place *place);

/*
 * Writes a file that its user alone may read, under a name of its own, and renames it: it takes the
 * place of what a dead server left, also of a symbolic link, which is not followed.
 *
 * mark  receives which file it is.
 *
 * Returns NEURON_INVALID_ARGUMENT as neuron_lease_place_format(), and where a key would be readable
 * by others, as on a file system without permissions; NEURON_SYSTEM. Nothing is left then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_place_file_write(const char *path, const struct neuron_lease_place *place,
                              struct neuron_lease_file_mark *mark, struct neuron_error *error);

/*
 * Reads the file; a symbolic link is not followed, and a key is taken only from a file that nobody
 * else could read or write.
 *
 * place  zeroed on failure.
 *
 * Returns NEURON_PEER_LOST when there is none; NEURON_INVALID_SYNTAX for what is no such file;
 * NEURON_INVALID_ARGUMENT for a key that others know; NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_lease_place_file_read(const char *path, struct neuron_lease_place *place,
                             struct neuron_error *error);

/* Removes the file that was written, unless another server's has taken its place. */
void
neuron_lease_place_file_remove(const char *path, const struct neuron_lease_file_mark *mark);

#endif
