/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is written from its beginning to its end, and is only then under its name. */
#ifndef NEURON_SCORE_NEW_FILE_H
#define NEURON_SCORE_NEW_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/piece_sum.h"

/* One thread at a time. What goes wrong while bytes are put is told when it is settled. */
struct neuron_new_file {
    const char *path; /* where it is to be; the caller's, as is part_path */
    const char *part_path;
    int descriptor; /* -1 when not open */
    char *buffer;
    size_t used_bytes;
    int failure; /* errno of the first write that failed */
    struct neuron_summer *summer;
};

/* What is put at once at most. */
enum { NEURON_NEW_FILE_ROOM_BYTES = 4096 };

/*
 * Makes a file afresh under a temporary name.
 *
 * file  overwritten; closed by the caller, also after a failure.
 *
 * Returns NEURON_SYSTEM with the path, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_new_file_open(struct neuron_new_file *file, const char *path, const char *part_path,
                     struct neuron_error *error);

/* Room for bytes to be put, NEURON_NEW_FILE_ROOM_BYTES of them; and puts as many as there are. */
char *
neuron_new_file_room(struct neuron_new_file *file);
void
neuron_new_file_took(struct neuron_new_file *file, size_t size_bytes);

/* Puts bytes, of any number. */
void
neuron_new_file_put(struct neuron_new_file *file, const void *bytes, size_t size_bytes);

/* Has everything on disk, and closes the part, which stays. Returns NEURON_SYSTEM. */
NEURON_MUST_CHECK enum neuron_status
neuron_new_file_settle(struct neuron_new_file *file, struct neuron_error *error);

/* The XXH3 of all that a settled file holds. */
uint64_t
neuron_new_file_sum(const struct neuron_new_file *file);

/* Gives a settled part its name, on disk. Returns NEURON_SYSTEM, or NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_new_file_publish(const struct neuron_new_file *file, struct neuron_error *error);

/* Frees it, and removes a part that was not settled. Accepts a closed one. */
void
neuron_new_file_close(struct neuron_new_file *file);

#endif
