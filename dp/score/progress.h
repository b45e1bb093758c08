/* SPDX-License-Identifier: Apache-2.0 */
/* Shows how far a job is: on a terminal in place, elsewhere a plain line now and then. */
#ifndef NEURON_SCORE_PROGRESS_H
#define NEURON_SCORE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/progress_lines.h"
#include "score/score_report.h"

/* When how many rows were done. */
struct neuron_progress_sample {
    double time_s;
    uint64_t done_rows;
};

/*
 * On a terminal a line of the job and, of several ranks, one of each below it, as many as fit,
 * drawn at most five times a second. Elsewhere a plain line after ten seconds, and every ten
 * seconds; earlier when a quarter of the rows is done, but not within five. Nothing on a file of
 * -1.
 *
 * The rate is that of the last seconds. Any copy is as good. One thread at a time.
 */
struct neuron_progress {
    int file;
    bool is_terminal;
    uint64_t rows;
    double start_s;
    double shown_s;                           /* when something was last written */
    unsigned shown_lines;                     /* on the terminal now */
    unsigned shown_quarter;                   /* of plain lines */
    struct neuron_progress_sample samples[8]; /* a second apart, the oldest first */
    unsigned sample_count;
};

/*
 * Starts to show progress on a file.
 *
 * start_s  the time now in seconds of a clock that never goes back, as in the later calls.
 */
struct neuron_progress
neuron_progress_start(int file, uint64_t rows, double start_s);

/*
 * Shows how far a job is, unless something was shown just now.
 *
 * report  its rows, those done and done before, and ranks.
 * now_ns  the time now since the epoch, which says what ranks are silent.
 */
void
neuron_progress_update(struct neuron_progress *progress, const struct neuron_score_report *report,
                       double now_s, int64_t now_ns);

/* The same for a process that works alone. */
void
neuron_progress_show(struct neuron_progress *progress, uint64_t done_rows, double now_s);

/* Wipes what stands on the terminal, so that others can write; an update draws it again. */
void
neuron_progress_stop(struct neuron_progress *progress);

#endif
