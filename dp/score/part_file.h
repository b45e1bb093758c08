/* SPDX-License-Identifier: Apache-2.0 */
/* The unfinished output: where the ranks of a job meet; it becomes the output when all are done. */
#ifndef NEURON_SCORE_PART_FILE_H
#define NEURON_SCORE_PART_FILE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/rank_identity.h"

struct neuron_part_file;

/* What a rank knows of the output before it starts. All of it is borrowed for the call. */
struct neuron_part_plan {
    const char *path;   /* of the part file, in the folder of the output */
    const char *header; /* what the output starts with: the header of an npy file */
    size_t header_bytes;
    uint64_t payload_bytes; /* of the whole output */
    uint64_t rows;          /* of the whole output */
    uint64_t fingerprint;   /* of what the rows are made from: the same for all ranks of a job */
    int64_t start_ns;       /* since the epoch: when this rank started */
    const struct neuron_rank_identity *identity;
    const volatile sig_atomic_t *stop_signal; /* not 0 once a signal asked to stop; may be NULL */
};

/* How the job stands after a rank is done. */
struct neuron_part_outcome {
    bool is_complete;    /* this rank was the last: the output is there */
    int64_t start_ns;    /* since the epoch: when the job's first rank started */
    uint64_t core_count; /* of all ranks that are done */
};

/*
 * Takes part in writing the output. The first rank of a job makes the part file at its full size,
 * so that a disk without room is known before any work is done; later ranks find it there. What
 * a job that died has left behind is started afresh.
 *
 * part  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_STOPPED when another job is writing the file, or this rank is there already, with
 * the process that is in the way; NEURON_INVALID_ARGUMENT when the live ranks of this job write
 * something else, or a file of that name was made by something else; NEURON_CANCELLED; or
 * NEURON_SYSTEM, with the bytes needed and those that are free for a full disk.
 * Blocks while another rank makes the file.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_part_file_join(const struct neuron_part_plan *plan, struct neuron_part_file **part,
                      struct neuron_error *error);

/* Writes a piece of the payload; pieces come in ascending order. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_part_file_write(struct neuron_part_file *part, uint64_t payload_offset_bytes,
                       const void *bytes, size_t size_bytes, struct neuron_error *error);

/* Returns NEURON_PEER_LOST once the file was removed, as a rank that fails does. */
NEURON_MUST_CHECK enum neuron_status
neuron_part_file_check(const struct neuron_part_file *part, struct neuron_error *error);

/*
 * Declares that all rows of this rank are written. The last rank to do so puts the output under
 * its name, synced to disk.
 *
 * core_count  how many cores this rank used.
 *
 * Returns NEURON_PEER_LOST when a rank of the job failed or died, or NEURON_SYSTEM.
 * Blocks while the disk takes the data.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_part_file_finish(struct neuron_part_file *part, uint32_t core_count, const char *output_path,
                        struct neuron_part_outcome *outcome, struct neuron_error *error);

/* Removes the file, when it is still the one that was joined: what a rank does that fails. */
void
neuron_part_file_abandon(struct neuron_part_file *part);

/* The same for a rank that failed before it could join: removes the part file of its own job. */
void
neuron_part_file_abandon_job(const char *path, const char *job_id);

/* Closes the file, which frees the rank's place. Accepts NULL. */
void
neuron_part_file_destroy(struct neuron_part_file *part);

#endif
