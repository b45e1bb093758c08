/* SPDX-License-Identifier: Apache-2.0 */
/* What of a job's outputs and options goes into its fingerprint. */
#ifndef NEURON_SCORE_JOB_IDENTITY_H
#define NEURON_SCORE_JOB_IDENTITY_H

#include "neuron/status.h"
#include "score/job_files.h"

/*
 * Adds what changes the results, beside model and inputs: rows, outputs and their files without
 * folders, what stands for rows that fail, columns that pass through.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_identify_outputs(const struct neuron_job_files *files, struct neuron_error *error);

#endif
