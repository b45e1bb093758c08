/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a journal to what the job has come to. */
#ifndef NEURON_SCORE_JOURNAL_READING_H
#define NEURON_SCORE_JOURNAL_READING_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/journal.h"
#include "score/journal_lost.h"
#include "score/journal_record.h"

/* A failure and where it stands. */
struct neuron_failure_line {
    struct neuron_row_failure failure;
    uint64_t line;
    uint64_t lease_line; /* of the last lease of its row; 0 for none */
};

/* What was read so far. Zeroed it is empty. Lists are in the order of the file until the end. */
struct neuron_journal_reading {
    struct neuron_journal_contents contents; /* complete after neuron_journal_reading_finish() */
    uint64_t line;                           /* how many there were */
    bool has_rows;
    bool has_work; /* the first lines are over */
    char *fingerprint;
    size_t fingerprint_bytes;
    size_t fingerprint_limit;
    struct neuron_row_set done;
    struct neuron_journal_piece *pieces;
    size_t piece_count;
    size_t piece_limit;
    struct neuron_piece_sum *sums; /* output_count a piece */
    size_t sum_count;
    size_t sum_limit;
    struct neuron_failure_line *failures;
    size_t failure_count;
    size_t failure_limit;
    struct neuron_row_failure *kept_failures;
    struct neuron_lease_line *leases;
    size_t lease_count;
    size_t lease_limit;
    struct neuron_lost_rows lost;
    struct neuron_piece_sum *line_sums; /* of the line that is being read */
};

/*
 * Takes the next line, without its line end; damaged ones are counted.
 *
 * path  for error texts.
 *
 * Returns NEURON_INVALID_ARGUMENT when the first line is not that of a journal, or of another
 * version; NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_reading_add_line(struct neuron_journal_reading *reading, const char *path,
                                const char *line, size_t size_bytes, struct neuron_error *error);

/* Takes what a good line says, from the second line on; what does not fit counts as damaged. */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_reading_add_record(struct neuron_journal_reading *reading,
                                  const struct neuron_record *record, struct neuron_error *error);

/* Completes the contents, after the last line. Returns NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_journal_reading_finish(struct neuron_journal_reading *reading, struct neuron_error *error);

/* Frees what it holds; zeroed afterwards. */
void
neuron_journal_reading_destroy(struct neuron_journal_reading *reading);

#endif
