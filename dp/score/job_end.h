/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a job: outputs into place, lists of what failed, reports. */
#ifndef NEURON_SCORE_JOB_END_H
#define NEURON_SCORE_JOB_END_H

#include <signal.h>
#include <stdbool.h>

#include "neuron/status.h"
#include "score/desk_books.h"
#include "score/job_files.h"
#include "score/journal.h"
#include "score/labels.h"
#include "score/score_report.h"

/* All of it is borrowed. */
struct neuron_job_end {
    const struct neuron_job_files *files;
    struct neuron_journal *journal;
    struct neuron_desk_books *books;
    struct neuron_score_report *report;
    struct neuron_label_result *labels; /* receives how well results match; zeroed before */
    bool was_done;                      /* by an earlier run, to the last rename */
    const volatile sig_atomic_t *stop_signal;
};

/*
 * Puts the outputs in place, in an order that may be cut off anywhere and be done again: outputs
 * complete and on disk, what goes with them, seal, renames, end.
 *
 * Returns what stood in the way. The report says how far it came.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_job_end_complete(const struct neuron_job_end *end, struct neuron_error *error);

/* Writes what goes with a job that is not complete: rows that failed so far, and reports. */
NEURON_MUST_CHECK enum neuron_status
neuron_job_end_unfinished(const struct neuron_job_end *end, struct neuron_error *error);

#endif
