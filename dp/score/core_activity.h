/* SPDX-License-Identifier: Apache-2.0 */
/* What each core did when, from the spans of a report. Functions from values to values. */
#ifndef NEURON_SCORE_CORE_ACTIVITY_H
#define NEURON_SCORE_CORE_ACTIVITY_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/score_report.h"

/* A stretch of time, in nanoseconds since the epoch. */
struct neuron_time_stretch {
    int64_t begin_ns;
    int64_t end_ns; /* not before begin_ns */
};

/* A core's work for a lease. Spans of a core may overlap, as it may have several leases. */
struct neuron_core_span {
    struct neuron_time_stretch time;
    uint64_t rows;
    uint32_t rank;
    uint32_t nc;
    uint32_t core; /* the machine's */
};

/* A core that did something: where its spans are. */
struct neuron_core_lane {
    uint32_t rank;
    uint32_t nc;
    uint32_t core;
    size_t first_span;
    size_t span_count;
    uint64_t rows;
    uint64_t busy_ns; /* time with at least one span */
};

/* Lanes by rank and core; their spans one lane after the other, as they began. */
struct neuron_core_activity {
    struct neuron_core_span *spans;
    size_t span_count;
    struct neuron_core_lane *lanes;
    size_t lane_count;
    uint64_t rows;
    uint64_t busy_ns; /* of all lanes */
};

/*
 * Sorts the spans of a report. Spans that end before they begin have no length.
 *
 * activity  overwritten; destroyed by the caller. Zeroed on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_core_activity_create(const struct neuron_score_report *report,
                            struct neuron_core_activity *activity, struct neuron_error *error);

/* How long the cores were busy in a stretch of time, all together. */
uint64_t
neuron_core_activity_busy_ns(const struct neuron_core_activity *activity,
                             struct neuron_time_stretch stretch);

/* How many rows were done in it, where a span does its rows at an even pace. */
double
neuron_core_activity_rows(const struct neuron_core_activity *activity,
                          struct neuron_time_stretch stretch);

/*
 * Cuts a stretch of time into equal bins, and says how many rows were done in each.
 *
 * rows  receives bin_count numbers.
 */
void
neuron_core_activity_bin_rows(const struct neuron_core_activity *activity,
                              struct neuron_time_stretch stretch, double *rows, size_t bin_count);

/*
 * The same for one lane, of which it says what share of each bin it was busy in.
 *
 * shares  receives bin_count numbers from 0 to 1.
 */
void
neuron_core_activity_bin_lane(const struct neuron_core_activity *activity, size_t lane,
                              struct neuron_time_stretch stretch, double *shares, size_t bin_count);

/* Frees it. Accepts a zeroed one. */
void
neuron_core_activity_destroy(struct neuron_core_activity *activity);

#endif
