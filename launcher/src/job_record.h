/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a job as a JSON text, and its file; docs/ends.md has its fields. */
#ifndef NEURON_LAUNCHER_JOB_RECORD_H
#define NEURON_LAUNCHER_JOB_RECORD_H

#include "neuron/json_text.h"
#include "neuron/status.h"

#include "job_body.h"

/* What is known only once the job has ended. */
struct neuron_job_record_end {
    int exit_code;
    uint64_t now_ms;      /* of the job's clock, when it ended */
    uint64_t wall_now_ms; /* the same moment, since 1970 */
};

/*
 * Adds the report of a job to a text, which is empty.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_job_record_format(const struct neuron_job *job, const struct neuron_job_record_end *end,
                         struct neuron_json_text *text, struct neuron_error *error);

/*
 * Writes the report to the file of --report.
 *
 * Returns NEURON_OUT_OF_MEMORY or NEURON_SYSTEM, and leaves the file as it was then.
 */
enum neuron_status
neuron_job_record_write(const struct neuron_job *job, int exit_code, struct neuron_error *error);

#endif
