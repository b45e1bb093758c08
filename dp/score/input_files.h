/* SPDX-License-Identifier: Apache-2.0 */
/* What the value of --input names: one file, the files of a folder, or those of a pattern. */
#ifndef NEURON_SCORE_INPUT_FILES_H
#define NEURON_SCORE_INPUT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* What a file holds, by the ending of its name. */
enum neuron_input_kind {
    NEURON_INPUT_NPY = 0,
    NEURON_INPUT_NPZ = 1,
    NEURON_INPUT_CSV = 2,
    NEURON_INPUT_JSONL = 3,
    NEURON_INPUT_UNKNOWN = 4
};

enum { NEURON_INPUT_FILE_LIMIT = 1000000 }; /* most files of one input */

/* Files of one kind, sorted by the bytes of their paths. */
struct neuron_input_files {
    char **paths;
    uint32_t count;
    enum neuron_input_kind kind;
    char *path;   /* the value without a member */
    char *member; /* what "x.npz:member" names; NULL for none */
};

/* The kind of a path. */
enum neuron_input_kind
neuron_input_kind_of(const char *path);

/* The ending that names a kind: "npy". */
const char *
neuron_input_kind_name(enum neuron_input_kind kind);

/* Says whether the rows of a kind are lines of text. */
bool
neuron_input_kind_is_text(enum neuron_input_kind kind);

/*
 * Finds where the member of "x.npz:member" begins. Returns its name inside the value, or NULL.
 */
const char *
neuron_input_member_of(const char *value);

/*
 * Finds the files. Of a folder these are the files with a known ending; of a pattern as of glob(3),
 * all that match. Hidden ones and those that end in ".part" are left out. A single file of another
 * ending is taken for an npy file if it begins as one.
 *
 * files  overwritten; destroyed by the caller, also after a failure.
 *
 * Returns NEURON_INVALID_ARGUMENT when there is none, when they are of different kinds or of none;
 * NEURON_SYSTEM or NEURON_OUT_OF_MEMORY. The text starts with the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_input_files_find(const char *value, struct neuron_input_files *files,
                        struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_input_files_destroy(struct neuron_input_files *files);

#endif
