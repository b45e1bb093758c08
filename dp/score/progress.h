/* SPDX-License-Identifier: Apache-2.0 */
/* The line on a terminal that says how far the work is, and how long it will take. */
#ifndef NEURON_SCORE_PROGRESS_H
#define NEURON_SCORE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEURON_PROGRESS_LINE_BYTES = 96 };

/*
 * Writes how far the work is, in as many words as fit the columns of a terminal: from
 * "12%" to "12% 2400/20000 rows, 16207 rows/s, 0:01 left". Returns the length in columns.
 *
 * columns  the width of the terminal; its last column stays free.
 * text     receives at most NEURON_PROGRESS_LINE_BYTES bytes with the terminator.
 */
size_t
neuron_progress_format(uint64_t done_rows, uint64_t rows, double seconds, unsigned columns,
                       char *text);

/* A line that is rewritten in place, at most five times a second. Any copy is as good. */
struct neuron_progress {
    int terminal; /* -1 for none: then nothing is ever shown */
    uint64_t rows;
    double start_s;
    double shown_s;       /* when the line was last written; before start_s at first */
    size_t shown_columns; /* how long it is */
};

/*
 * Starts to show progress on a file, when it is a terminal.
 *
 * start_s  the time now in seconds of a clock that never goes back, as in the later calls.
 */
struct neuron_progress
neuron_progress_start(int file, uint64_t rows, double start_s);

/* Shows that rows are done, unless the line was written just now. */
void
neuron_progress_show(struct neuron_progress *progress, uint64_t done_rows, double now_s);

/* Wipes the line, so that others can be written. */
void
neuron_progress_stop(struct neuron_progress *progress);

#endif
