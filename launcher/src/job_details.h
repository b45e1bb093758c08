/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a rank's failure beside its one line. */
#ifndef NEURON_LAUNCHER_JOB_DETAILS_H
#define NEURON_LAUNCHER_JOB_DETAILS_H

#include "exit_report.h"
#include "job_body.h"

/*
 * Says, a line each, what there is to say: what the rank wrote last to its standard error, what
 * lacked memory, where the core dump is, how often the job was started again.
 */
void
neuron_job_report_details(const struct neuron_job *job, const struct neuron_exit_report *report);

#endif
