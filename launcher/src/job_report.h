/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the user how a job and its ranks end, and decides on the exit code. */
#ifndef NEURON_LAUNCHER_JOB_REPORT_H
#define NEURON_LAUNCHER_JOB_REPORT_H

#include <stddef.h>

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

/*
 * Names a rank that failed at once, where others go on (--on-failure continue); the job's counts
 * hold it already. One that is the only one to fail, and the last to end, is left to the end.
 */
void
neuron_job_report_failure(const struct neuron_job *job, struct neuron_rank *rank);

/*
 * The line to say of a job that failed: `line`, the sentence about the rank that is the cause;
 * where that rank was named before, only how many ranks failed, written to `text`.
 */
const char *
neuron_job_choose_line(const struct neuron_job *job, const char *line, char *text,
                       size_t size_bytes);

/* Says where each rank runs, and which program it is where the job has several. */
void
neuron_job_report_start(const struct neuron_job *job);

/* Says a line as neuronrun. */
void
neuron_job_say(struct neuron_output_relay *relay, const char *text);

#endif
