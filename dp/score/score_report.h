/* SPDX-License-Identifier: Apache-2.0 */
/* What a job did, for people and programs: as JSON, as a page, as metrics. */
#ifndef NEURON_SCORE_SCORE_REPORT_H
#define NEURON_SCORE_SCORE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/command_line.h"
#include "score/journal.h"
#include "score/lease_message.h"

/* Times are nanoseconds since the epoch, durations nanoseconds. */

/* A rank, as the server knows it. */
struct neuron_report_rank {
    uint32_t rank;
    char host[NEURON_LEASE_HOST_BYTES];
    char cores[64];
    int64_t pid;
    uint32_t core_count;
    int64_t start_ns;
    int64_t joined_ns; /* its hello */
    int64_t last_done_ns;
    int64_t heard_ns;      /* its latest message; 0 where that is not noted */
    uint64_t lease_count;  /* that counted */
    uint64_t rows;         /* in these */
    uint64_t running_rows; /* now, in its leases */
    uint32_t loss_count;   /* how often it died or fell silent */
    bool is_alive;
    struct neuron_rank_counters counters;
};

/* A piece of work on a core. */
struct neuron_report_span {
    uint32_t rank;
    struct neuron_lease_span span;
};

/* Growing lists of a job; the server fills them, and the report owns nothing. */
struct neuron_score_report {
    const char *version;
    const struct neuron_score_options *options;
    const char *fingerprint;
    enum neuron_score_end end;
    const char *end_text; /* the line of the end, without "neuron-score: " */
    uint64_t rows;
    uint64_t rows_before; /* done by earlier runs of the job */
    uint64_t done_rows;
    uint64_t failure_count;
    const struct neuron_row_failure *failures;
    uint64_t output_row_bytes;
    uint64_t input_row_bytes;
    int64_t start_ns; /* the first rank started */
    int64_t first_lease_ns;
    int64_t first_done_ns; /* warm-up ends with the first lease that is done */
    int64_t tail_ns;       /* the last free row was leased */
    int64_t last_done_ns;  /* all rows are done */
    int64_t end_ns;        /* outputs are in place */
    const struct neuron_report_rank *ranks;
    uint32_t rank_count;
    const struct neuron_report_span *spans; /* in the order of their arrival */
    size_t span_count;
    size_t dropped_spans;     /* beyond what is kept */
    const uint64_t *chunk_ns; /* of each lease that was done, unordered */
    size_t chunk_count;
    uint64_t lost_lease_count;
    uint64_t copy_count;
    uint64_t audit_count;
    uint64_t audit_difference_count;
    double accuracy;            /* of --labels; below 0 for none */
    double mean_absolute_error; /* of --labels of regression; below 0 for none */
    double mean_squared_error;
};

/*
 * Writes the report as JSON: version, end, phases (launch, load, warm_up, steady, tail, commit, in
 * seconds), rows/s steady and in all, latency percentiles of chunks, a table of the ranks,
 * imbalance, bytes, peak memory, efficiency against one core, errors, fingerprint. The file appears
 * whole or not at all.
 *
 * Returns NEURON_SYSTEM or NEURON_OUT_OF_MEMORY; the text names the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_report_write_json(const struct neuron_score_report *report, const char *path,
                               struct neuron_error *error);

/* Writes one self-contained page: throughput over time, a timeline of each core, the tables. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_report_write_html(const struct neuron_score_report *report, const char *path,
                               struct neuron_error *error);

/* Writes metrics in the text format of Prometheus, for a node exporter's folder; again and again
 * while the job runs. */
NEURON_MUST_CHECK enum neuron_status
neuron_score_report_write_metrics(const struct neuron_score_report *report, const char *path,
                                  struct neuron_error *error);

#endif
