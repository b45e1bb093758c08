/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a job writes to no file twice, and to none that it reads. */
#ifndef NEURON_SCORE_WRITTEN_FILES_H
#define NEURON_SCORE_WRITTEN_FILES_H

#include "neuron/status.h"
#include "score/job_files.h"

/*
 * Checks all that a job writes (outputs, what stands beside them meanwhile and at the end, mask,
 * reports, metrics) against each other and against what it reads, however the paths are spelled,
 * and that the folders are there.
 *
 * files  opened and named.
 *
 * Returns NEURON_INVALID_ARGUMENT, with both files, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_written_files_check(const struct neuron_job_files *files, struct neuron_error *error);

#endif
