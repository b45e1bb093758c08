/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows failed, as an array: --mask. */
#ifndef NEURON_SCORE_MASK_FILE_H
#define NEURON_SCORE_MASK_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/journal.h"

/*
 * Writes an npy file of bool [rows]: true where a row failed, as masked arrays of numpy have it. It
 * appears whole, on disk, or not at all, in place of an earlier one.
 *
 * failures  in ascending order, each below `rows`.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY; NEURON_INVALID_ARGUMENT for a name that is no
 * file's.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_mask_file_write(const char *path, uint64_t rows, const struct neuron_row_failure *failures,
                       size_t failure_count, struct neuron_error *error);

#endif
