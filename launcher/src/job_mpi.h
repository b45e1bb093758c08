/* SPDX-License-Identifier: Apache-2.0 */
/* What a job learns from the server behind its MPI ranks. */
#ifndef NEURON_LAUNCHER_JOB_MPI_H
#define NEURON_LAUNCHER_JOB_MPI_H

#include <stdbool.h>

#include "job_body.h"

/*
 * Takes in all that the server has learnt: texts go to the user, and what stops the job is
 * MPI_Abort, or that ranks wait in MPI_Init for one that has ended.
 */
void
neuron_job_take_mpi(struct neuron_job *job);

/*
 * Says whether a rank that has ended has failed, after all that the server has learnt is taken in;
 * notes that it left MPI in the middle. Not where the job has been stopped for it by then.
 */
bool
neuron_job_has_failed(struct neuron_job *job, const struct neuron_rank *rank);

#endif
