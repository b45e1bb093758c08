/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of jobs that never were, for tests of what shows them. The same calls make the same. */
#ifndef NEURON_TEST_MADE_REPORT_H
#define NEURON_TEST_MADE_REPORT_H

#include "score/score_report.h"

/* Rows are done in leases that grow shorter toward the end. */
struct made_job {
    uint32_t rank_count;
    uint32_t cores_per_rank;
    uint32_t leases_per_core;
    uint32_t failure_count;
    const char *text; /* what stands where text from outside stands: file names, hosts, reasons */
};

struct made_report {
    struct neuron_score_options options;
    struct neuron_named_text input;
    struct neuron_named_text output;
    struct neuron_report_rank *ranks;
    struct neuron_report_span *spans;
    uint64_t *chunk_ns;
    struct neuron_row_failure *failures;
    struct neuron_score_report report; /* points into the rest */
};

/* Makes a report, which the caller destroys. Ends the program without memory. */
struct made_report *
made_report_create(const struct made_job *job);

void
made_report_destroy(struct made_report *made);

#endif
