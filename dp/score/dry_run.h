/* SPDX-License-Identifier: Apache-2.0 */
/* --dry-run: what a job would read, write and take, without doing it. */
#ifndef NEURON_SCORE_DRY_RUN_H
#define NEURON_SCORE_DRY_RUN_H

#include "neuron/status.h"
#include "score/score_job.h"

/*
 * Opens and checks what the job would, and prints on standard output: shapes, files, rows, disk,
 * whether an unfinished job would go on, cores, memory, and the time that it would take, from a
 * probe of its first rows. Writes nothing. Of several ranks the first prints.
 *
 * Returns what would stand in the way of the job.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_dry_run(const struct neuron_score_job *job, struct neuron_error *error);

#endif
