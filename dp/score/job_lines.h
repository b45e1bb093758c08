/* SPDX-License-Identifier: Apache-2.0 */
/* The lines on standard output that say what a job has done. */
#ifndef NEURON_SCORE_JOB_LINES_H
#define NEURON_SCORE_JOB_LINES_H

#include <stdbool.h>

#include "neuron/status.h"
#include "score/labels.h"
#include "score/score_report.h"

/* All of it is borrowed. */
struct neuron_job_lines {
    const struct neuron_score_report *report; /* of a job that is complete */
    bool was_done;                            /* before this run */
    const char *output_path;
    const struct neuron_label_result *labels; /* NULL for none */
};

/*
 * Prints a line a rank, where there are several; how well results match labels; and what the job
 * did: "20000 rows in 1.234 s, 16207 rows/s on 2 cores (2 ranks): y.npy". Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_lines_print(const struct neuron_job_lines *lines, struct neuron_error *error);

#endif
