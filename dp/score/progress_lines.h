/* SPDX-License-Identifier: Apache-2.0 */
/* The lines that say how far a job is. Functions from values to values. */
#ifndef NEURON_SCORE_PROGRESS_LINES_H
#define NEURON_SCORE_PROGRESS_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "score/score_report.h"

enum { NEURON_PROGRESS_LINE_BYTES = 160 };

/* How far a job is. */
struct neuron_progress_state {
    uint64_t done_rows;
    uint64_t rows;
    double rows_per_s; /* of late; 0 where it is not known */
};

/*
 * Writes how far the job is, in as many words as fit the columns of a terminal: from "12%" to
 * "12% 2400/20000 rows, 16207 rows/s, 0:01 left". Returns the length in columns.
 *
 * columns  the width of the terminal; its last column stays free.
 * text     receives at most NEURON_PROGRESS_LINE_BYTES bytes with the terminator.
 */
size_t
neuron_progress_line(const struct neuron_progress_state *state, unsigned columns, char *text);

/* What a rank is at. The higher, the more it deserves attention. */
enum neuron_lane_state {
    NEURON_LANE_RUNNING = 0,
    NEURON_LANE_WAITING = 1, /* for rows */
    NEURON_LANE_SILENT = 2,  /* it has rows, but was not heard for some seconds */
    NEURON_LANE_LOST = 3
};

/* now_ns  the time since the epoch. */
enum neuron_lane_state
neuron_lane_state_of(const struct neuron_report_rank *rank, int64_t now_ns);

/* The lanes that are shown of a job. */
struct neuron_lane_choice {
    uint32_t *indices;  /* of the ranks, ascending */
    uint32_t count;     /* shown */
    uint32_t rest;      /* not shown: one line tells of all of them */
    uint32_t bad_count; /* of the rest: silent or lost */
    double rest_rows_per_s;
    uint64_t most_rows; /* of any rank */
    uint64_t all_rows;  /* of all ranks */
};

/*
 * Chooses which ranks have a line: all of them where there is room, else those that are lost,
 * silent or waiting, and the slowest.
 *
 * limit   how many lines there are, that of the rest included; at least 1.
 * choice  its indices have room for `limit` numbers; the rest is overwritten.
 */
void
neuron_lane_choose(const struct neuron_score_report *report, int64_t now_ns, uint32_t limit,
                   struct neuron_lane_choice *choice);

/*
 * Writes the line of a rank: "rank 3 [#######     ]  12.5%  51234 rows/s  running  node01", or less
 * of it; the bar compares it with the rank that has done most. Returns the length in columns.
 */
size_t
neuron_lane_line(const struct neuron_report_rank *rank, const struct neuron_lane_choice *choice,
                 int64_t now_ns, unsigned columns, char *text);

/* Writes the line of the ranks that have none: "25 more ranks: 410000 rows/s, 2 silent or lost". */
size_t
neuron_lane_rest_line(const struct neuron_lane_choice *choice, unsigned columns, char *text);

#endif
