/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt of a job: all ranks from their start to their end. */
#ifndef NEURON_LAUNCHER_JOB_ATTEMPT_H
#define NEURON_LAUNCHER_JOB_ATTEMPT_H

#include <stdbool.h>

#include "job_body.h"

/*
 * Starts all ranks, waits until all have ended, kills what they left behind, and writes what they
 * printed. Why it ended stands in the job's order.
 */
void
neuron_job_attempt(struct neuron_job *job);

/*
 * Decides whether there is another attempt. Where there is, says so, waits for its time, and makes
 * the job ready for it. A signal, the time-out or a closed output ends the wait, and is then the
 * cause of the job's end.
 *
 * Returns whether to start again.
 */
bool
neuron_job_prepare_restart(struct neuron_job *job);

#endif
