/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the user how a job and its ranks end, and decides on the exit code. */
#ifndef NEURON_LAUNCHER_JOB_REPORT_H
#define NEURON_LAUNCHER_JOB_REPORT_H

#include <stdint.h>

#include "exit_report.h"
#include "job_body.h"
#include "output_relay.h"
#include "rank_table.h"

/*
 * Says why the job ended, where it did not just succeed: one line, and what else is known of the
 * rank below it. The line is the job's end_text, too, also where the user wants nothing said.
 *
 * Returns the exit code.
 */
int
neuron_job_report_end(struct neuron_job *job);

/* What there is to say of a rank's end. Points into the job. */
struct neuron_exit_report
neuron_job_rank_report(const struct neuron_job *job, const struct neuron_rank *rank);

/* Says at once that a rank failed where the others go on. */
void
neuron_job_report_failure(const struct neuron_job *job, const struct neuron_rank *rank);

/* Says where each rank runs, and which program it is where the job has several. */
void
neuron_job_report_start(const struct neuron_job *job);

/* Says a line as neuronrun. */
void
neuron_job_say(struct neuron_output_relay *relay, const char *text);

#endif
