/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a job, from what was noted of it. Functions from values to values. */
#ifndef NEURON_SCORE_SCORE_SUMMARY_H
#define NEURON_SCORE_SCORE_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/core_activity.h"
#include "score/score_report.h"

/* The phases of a job follow each other without a gap. One that was not reached has no length. */
enum neuron_score_phase {
    NEURON_PHASE_LAUNCH = 0,  /* until the first rank loads the model */
    NEURON_PHASE_LOAD = 1,    /* until the first lease */
    NEURON_PHASE_WARM_UP = 2, /* until the first lease is done */
    NEURON_PHASE_STEADY = 3,  /* until no row is free any more */
    NEURON_PHASE_TAIL = 4,    /* until all rows are done */
    NEURON_PHASE_COMMIT = 5,  /* until the outputs are in place */
    NEURON_PHASE_COUNT = 6
};

/* The percentiles of what leases took, from submission to results. */
enum neuron_score_percentile {
    NEURON_PERCENTILE_50 = 0,
    NEURON_PERCENTILE_90 = 1,
    NEURON_PERCENTILE_95 = 2,
    NEURON_PERCENTILE_99 = 3,
    NEURON_PERCENTILE_99_9 = 4,
    NEURON_PERCENTILE_100 = 5,
    NEURON_PERCENTILE_COUNT = 6
};

/* Times are nanoseconds since the epoch. What is not known is 0. */
struct neuron_score_summary {
    struct neuron_time_stretch time; /* of the whole job */
    struct neuron_time_stretch phases[NEURON_PHASE_COUNT];
    uint64_t rows; /* that this run has done */
    double seconds;
    double rows_per_s;        /* over the whole time */
    double steady_rows_per_s; /* in the steady phase; over all work where that has no length */
    uint64_t core_count;
    double core_rows_per_s; /* of one core while it works */
    /* The rows/s of the job over the rows/s that its cores would have if they worked all the time:
       which is the share of the cores' time in which they worked. */
    double efficiency;
    double steady_efficiency;
    double imbalance; /* of the ranks' busy times the longest over the mean; 1 is even */
    uint64_t chunk_ns[NEURON_PERCENTILE_COUNT];
    double chunk_mean_ns;
    uint64_t read_bytes;
    uint64_t written_bytes;
    uint64_t peak_memory_bytes; /* of the rank that had most */
};

/*
 * Finds the figures of a job that is over, or that runs.
 *
 * activity  of the same report.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_score_summary_find(const struct neuron_score_report *report,
                          const struct neuron_core_activity *activity,
                          struct neuron_score_summary *summary, struct neuron_error *error);

/* "launch", "load", "warm_up", "steady", "tail", "commit". */
const char *
neuron_score_phase_name(enum neuron_score_phase phase);

/* "p50" to "p99.9", "max". */
const char *
neuron_score_percentile_name(enum neuron_score_percentile percentile);

/* How a job is over, as a word: "complete", "complete_with_errors", "failed", "budget_spent",
   "broken", "interrupted". */
const char *
neuron_score_end_name(enum neuron_score_end end);

/* The rows per second of a rank since it joined; 0 where it has done none. */
double
neuron_report_rank_rows_per_s(const struct neuron_report_rank *rank);

#endif
