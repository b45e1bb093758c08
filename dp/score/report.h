/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that say what was done. */
#ifndef NEURON_SCORE_REPORT_H
#define NEURON_SCORE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum { NEURON_REPORT_LINE_BYTES = 9216 }; /* room for the longest path, twice */

/* What one rank did. */
struct neuron_rank_report {
    uint64_t rows;
    uint64_t lease_count;
    double seconds; /* with rows under way */
    uint32_t core_count;
    const char *cores; /* the machine's numbers: "4-7" */
};

/* What all ranks of a job did together. */
struct neuron_job_report {
    uint64_t rows;
    uint64_t rows_before;   /* of them, done by earlier runs of the job */
    uint64_t failure_count; /* rows that were given up */
    double seconds;         /* since the first rank started */
    uint64_t core_count;
    uint32_t world_size;
    const char *output_path;
};

/*
 * Writes "rank 0: 1000 rows in 12 leases, 1.100 s, 909 rows/s on core 0 (machine)". Returns the
 * text, cut where it does not fit.
 */
const char *
neuron_rank_report_format(const struct neuron_rank_report *report, uint32_t rank, char *text,
                          size_t size_bytes);

/*
 * Writes "20000 rows in 1.234 s, 16207 rows/s on 2 cores (2 ranks): y.npy"; the rate is that of the
 * rows of this run. Of a job that went on, ", 12000 done before" stands before the colon; rows that
 * failed are added as ", 3 rows failed: y.npy.errors.jsonl". Returns the text, cut where it does
 * not fit.
 */
const char *
neuron_job_report_format(const struct neuron_job_report *report, char *text, size_t size_bytes);

/*
 * Writes "neuron-score: " and a text as a line to standard output, in one piece, so that the lines
 * of several ranks stay whole. Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_report_print(const char *text, struct neuron_error *error);

#endif
