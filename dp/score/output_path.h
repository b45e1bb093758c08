/* SPDX-License-Identifier: Apache-2.0 */
/* Where the output goes, and under which name it is made. */
#ifndef NEURON_SCORE_OUTPUT_PATH_H
#define NEURON_SCORE_OUTPUT_PATH_H

#include <sys/stat.h>

#include "neuron/status.h"

/*
 * Names the part file of an output: the output's name with ".part" behind it.
 *
 * part_path  receives a text that the caller frees.
 *
 * Returns NEURON_INVALID_ARGUMENT for a name that is no file's, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_path_name_part(const char *path, char **part_path, struct neuron_error *error);

/*
 * Checks, before any work is done for it, that an output may be made here.
 *
 * path  of the output, or of its part file.
 * read  a file that is read, which neither may replace.
 * what  that file is: "the input".
 *
 * Returns NEURON_INVALID_ARGUMENT when something stands there that is no earlier output.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_output_path_check(const char *path, const struct stat *read, const char *what,
                         struct neuron_error *error);

#endif
