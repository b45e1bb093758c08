/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a text file, one after another, from any place on where one begins. */
#ifndef NEURON_SCORE_TEXT_RECORDS_H
#define NEURON_SCORE_TEXT_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

/* What ends a record. */
enum neuron_text_form {
    NEURON_TEXT_LINES = 0, /* each line end */
    NEURON_TEXT_CSV = 1    /* a line end outside of quotes */
};

enum { NEURON_TEXT_RECORD_LIMIT_BYTES = 64 << 20 /* longest record that is read */ };

/* A walk over a file. Zeroed it may be destroyed. One thread at a time. */
struct neuron_text_records {
    int file;         /* borrowed */
    const char *path; /* borrowed; for error texts */
    enum neuron_text_form form;
    uint64_t file_bytes; /* nothing behind them is read */
    uint64_t offset;     /* in the file, of the record that comes next */
    uint64_t read_bytes; /* of the file, so far */
    char *buffer;
    size_t room_bytes;
    size_t start, end; /* of what the buffer has from `offset` on */
};

/* A record without its line end. Lives until the next one is read. */
struct neuron_text_record {
    const char *text;
    size_t size_bytes;
    uint64_t offset;
};

/* Goes to a place of the file where a record begins. */
void
neuron_text_records_seek(struct neuron_text_records *records, uint64_t offset);

/*
 * Reads the next record.
 *
 * is_found  receives false at the end of the file.
 *
 * Returns NEURON_SYSTEM when the file cannot be read or is shorter than it was;
 * NEURON_INVALID_SYNTAX for a record that is too long, or a quote that is not closed; or
 * NEURON_OUT_OF_MEMORY. The text starts with the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_text_records_next(struct neuron_text_records *records, struct neuron_text_record *record,
                         bool *is_found, struct neuron_error *error);

/* Frees the buffer. The file stays open. */
void
neuron_text_records_destroy(struct neuron_text_records *records);

#endif
