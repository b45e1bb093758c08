/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays in files, whose dimension 0 are rows: where they stand, and a mapping of them. */
#ifndef NEURON_SCORE_ARRAY_FILE_H
#define NEURON_SCORE_ARRAY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "neuron/npz.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/* An array in a file. */
struct neuron_array_place {
    struct neuron_tensor_shape shape;
    struct neuron_npz_place place; /* of an npy file: one member, which is the whole file */
};

/*
 * Reads the header of an npy file.
 *
 * file    open for reading.
 * status  of the file.
 *
 * Returns NEURON_SYSTEM, or as neuron_npy_parse(). The text starts with the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_array_find_in_npy(int file, const char *path, const struct stat *status,
                         struct neuron_array_place *array, struct neuron_error *error);

/*
 * Finds an array of an npz file.
 *
 * member  its name, or NULL: then it is the only one of the file, or the one named as the input.
 *
 * Returns as neuron_npz_load(), or NEURON_INVALID_ARGUMENT when there is no such array.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_array_find_in_npz(const char *path, const char *member, const char *input_name,
                         struct neuron_array_place *array, struct neuron_error *error);

/* Chooses an array of an open npz file, as above. */
NEURON_MUST_CHECK enum neuron_status
neuron_array_choose_member(const struct neuron_npz *npz, const char *path, const char *member,
                           const char *input_name, uint32_t *index, struct neuron_error *error);

/* A file that is mapped. Zeroed it is none. One thread at a time. */
struct neuron_array_mapping {
    unsigned char *bytes;
    size_t size_bytes;
    size_t unneeded_from; /* what is to be let go of, and is not yet */
    size_t unneeded_until;
};

/* Maps a file of this size. Returns NEURON_SYSTEM; the text starts with the path. */
NEURON_MUST_CHECK enum neuron_status
neuron_array_map(int file, const char *path, size_t size_bytes,
                 struct neuron_array_mapping *mapping, struct neuron_error *error);

/* Has a part of the file read ahead. Without effect where the kernel does not take it. */
void
neuron_array_want(const struct neuron_array_mapping *mapping, size_t from, size_t until);

/*
 * Lets go of the memory of a part of the file, which is read again when it is needed. So are
 * neighbours that came with it: a page that is read brings up to 64 KiB around it. Parts that
 * follow each other are let go of together, some megabytes at a time: each time all cores are
 * interrupted.
 */
void
neuron_array_forget(struct neuron_array_mapping *mapping, size_t from, size_t until);

/* Accepts a zeroed one. */
void
neuron_array_unmap(struct neuron_array_mapping *mapping);

#endif
