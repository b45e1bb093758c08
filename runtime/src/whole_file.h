/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that appear under their name whole or not at all. A file is written beside its place, as
 * its part, and only takes its place when all of it is on the disk. Until then the part has no
 * name, where the file system has such files: of a writer that is killed, nothing stays behind.
 */
#ifndef NEURON_WHOLE_FILE_H
#define NEURON_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* A file on its way to its place. One thread at a time. */
struct neuron_whole_file {
    const char *path; /* where it is to be; the caller's, until close */
    char *part_path;  /* the name of the part; NULL until it has one */
    int descriptor;   /* -1 when not open */
    bool exists;      /* the part does, under that name */
};

/*
 * Opens a part, empty. All statuses of these calls are NEURON_SYSTEM with the path and the reason
 * in the text, or NEURON_OUT_OF_MEMORY.
 *
 * file  overwritten; to be closed, also on failure.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_open(struct neuron_whole_file *file, const char *path,
                       struct neuron_error *error);

/* The same with a part that has a name from the beginning. */
NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_open_named(struct neuron_whole_file *file, const char *path,
                             struct neuron_error *error);

/* Makes the file this long; what is not written is zero. */
NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_resize(const struct neuron_whole_file *file, uint64_t size_bytes,
                         struct neuron_error *error);

NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_write(const struct neuron_whole_file *file, const void *bytes, size_t size_bytes,
                        uint64_t offset, struct neuron_error *error);

/* Syncs the part to disk and gives it a name beside its place: what can fail for want of room,
   fails here. It can no longer be written. */
NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_settle(struct neuron_whole_file *file, struct neuron_error *error);

/* Puts a settled part into its place, which it replaces. */
NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_publish(struct neuron_whole_file *file, struct neuron_error *error);

/* Does all of this with a file that is in memory already. */
NEURON_MUST_CHECK enum neuron_status
neuron_whole_file_save(const char *path, const void *bytes, size_t size_bytes,
                       struct neuron_error *error);

/* Leaves nothing behind unless the part has taken its place. Accepts a zeroed one. */
void
neuron_whole_file_close(struct neuron_whole_file *file);

#endif
