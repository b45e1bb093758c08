/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the user how a job ended, and decides on the exit code. */
#ifndef NEURON_LAUNCHER_JOB_REPORT_H
#define NEURON_LAUNCHER_JOB_REPORT_H

#include <stdint.h>

#include "neuron/status.h"

#include "exit_report.h"
#include "job.h"
#include "output_relay.h"
#include "rank_table.h"
#include "stop_order.h"

/* How a job ended. Borrowed for the call. */
struct neuron_job_outcome {
    const struct neuron_job_request *request;
    const struct neuron_stop_order *order;
    const struct neuron_rank_table *ranks;
    const struct neuron_rank *failed;  /* with NEURON_STOP_RANK_FAILED */
    uint32_t failed_count;             /* ranks that failed by themselves */
    uint32_t stopped_count;            /* ranks that were stopped because of it */
    const struct neuron_error *error;  /* with NEURON_STOP_START_FAILED */
    struct neuron_output_relay *relay; /* says it */
};

/* Says why the job ended, where it did not just succeed. Returns the exit code. */
int
neuron_job_report_end(const struct neuron_job_outcome *outcome);

/* What there is to say of a rank's end. Points into what is passed. */
struct neuron_exit_report
neuron_job_rank_report(const struct neuron_job_request *request,
                       const struct neuron_rank_table *ranks, const struct neuron_rank *rank,
                       uint32_t stopped_count);

/* Says at once that a rank failed where the others go on. */
void
neuron_job_report_failure(const struct neuron_job_request *request,
                          const struct neuron_rank_table *ranks, const struct neuron_rank *rank,
                          struct neuron_output_relay *relay);

/* Says where each rank runs. */
void
neuron_job_report_start(const struct neuron_rank_table *ranks, struct neuron_output_relay *relay);

/* Says a line as neuronrun. */
void
neuron_job_say(struct neuron_output_relay *relay, const char *text);

#endif
