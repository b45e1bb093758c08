/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a journal: a record to text and back. */
#ifndef NEURON_SCORE_JOURNAL_RECORD_H
#define NEURON_SCORE_JOURNAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/journal.h"
#include "score/output_set.h"
#include "score/row_range.h"

enum {
    NEURON_JOURNAL_VERSION = 1,
    NEURON_RECORD_SEAL_BYTES = 10,          /* " #01234567" */
    NEURON_RECORD_LINE_LIMIT = 1024 * 1024, /* most bytes of a line, with its line end */
    NEURON_RECORD_SUM_LIMIT = 16384         /* sums of a line, which is one an output */
};

enum neuron_record_kind {
    NEURON_RECORD_VERSION = 0, /* version */
    NEURON_RECORD_ROWS = 1,    /* rows.count, sum_count: of the job */
    NEURON_RECORD_IS = 2,      /* text: a line of the fingerprint */
    NEURON_RECORD_LEASE = 3,   /* rows, rank: begun */
    NEURON_RECORD_COPY = 4,    /* rows, rank: begun, while another rank has them, too */
    NEURON_RECORD_BACK = 5,    /* rows, rank: a lease that the rank gave back */
    NEURON_RECORD_DONE = 6,    /* rows, rank, sums */
    NEURON_RECORD_BAD = 7,     /* failure */
    NEURON_RECORD_SEALED = 8,  /* text_sum */
    NEURON_RECORD_END = 9
};

/* What a line says. A kind leaves the fields of others zero. */
struct neuron_record {
    enum neuron_record_kind kind;
    uint64_t version;
    struct neuron_row_range rows;
    uint32_t rank;
    uint32_t sum_count;
    const struct neuron_piece_sum *sums; /* lent */
    const char *text;                    /* lent; no NUL behind it */
    size_t text_bytes;
    struct neuron_row_failure failure;
    uint64_t text_sum;
};

/* A text that grows by whole lines. Zeroed it is empty. */
struct neuron_record_text {
    char *bytes;
    size_t size_bytes;
    size_t limit_bytes;
};

/*
 * Adds the line of a record, with its checksum and line end. Control characters in texts become
 * question marks.
 *
 * Returns NEURON_INVALID_ARGUMENT for a line above the limit, or NEURON_OUT_OF_MEMORY; nothing is
 * added then.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_record_append(const struct neuron_record *record, struct neuron_record_text *text,
                     struct neuron_error *error);

/* Frees the bytes; zeroed afterwards. */
void
neuron_record_text_destroy(struct neuron_record_text *text);

/*
 * Checks the checksum at the end of a line, which is given without its line end.
 *
 * Returns the bytes of what stands before it; 0 for a damaged line.
 */
size_t
neuron_record_check(const char *line, size_t size_bytes);

/*
 * Parses what stands before the checksum. Only what neuron_record_append() writes is accepted.
 *
 * body  is lent to the record.
 * sums  room for NEURON_RECORD_SUM_LIMIT of them; lent to the record.
 */
bool
neuron_record_parse(const char *body, size_t size_bytes, struct neuron_piece_sum *sums,
                    struct neuron_record *record);

#endif
