/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that say what was done. */
#ifndef NEURON_SCORE_REPORT_H
#define NEURON_SCORE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/core_set.h"
#include "neuron/status.h"
#include "score/row_range.h"

enum { NEURON_REPORT_LINE_BYTES = 5120 }; /* room for the longest path */

/* What one rank did. */
struct neuron_rank_report {
    struct neuron_row_range rows;
    double seconds;
    const struct neuron_core_set *cores; /* the machine's numbers */
};

/* What all ranks of a job did together. */
struct neuron_job_report {
    uint64_t rows;
    double seconds; /* since the first rank started */
    uint64_t core_count;
    uint32_t world_size;
    const char *output_path;
};

/*
 * Writes "rank 0: rows 0-9999 in 1.1 s, 9090 rows/s on core 0 (machine)". Returns the text, cut
 * where it does not fit.
 */
const char *
neuron_rank_report_format(const struct neuron_rank_report *report, uint32_t rank, char *text,
                          size_t size_bytes);

/* Writes "20000 rows in 1.234 s, 16207 rows/s on 2 cores (2 ranks): y.npy". Returns the text. */
const char *
neuron_job_report_format(const struct neuron_job_report *report, char *text, size_t size_bytes);

/*
 * Writes "neuron-score: " and a text as a line to standard output, in one piece, so that the lines
 * of several ranks stay whole. Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_report_print(const char *text, struct neuron_error *error);

#endif
