/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a text input as they stand there, row by row: what passes through to the output. */
#ifndef NEURON_SCORE_COLUMN_READER_H
#define NEURON_SCORE_COLUMN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_source.h"

/* Reads the rows of a source in order, from any one on. One thread at a time. */
struct neuron_column_reader;

/* A value as it stood in the file. Lives until the next row. */
struct neuron_column_text {
    const char *text; /* csv: the field, unquoted; jsonl: the value as JSON */
    size_t size_bytes;
    bool is_json;
};

/*
 * Opens a reader of columns of the csv or jsonl input of a source, which outlives it.
 *
 * names   of the columns, or their positions from 0; borrowed for the call.
 * first   the row that is read first.
 * reader  receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for a column that is not there, or inputs that have no columns;
 * NEURON_SYSTEM or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_column_reader_open(struct neuron_row_source *source, const char *const *names,
                          uint32_t name_count, uint64_t first, struct neuron_column_reader **reader,
                          struct neuron_error *error);

/*
 * Reads the next row. A column that the row lacks is an empty text.
 *
 * texts  receives one text a column.
 *
 * Returns NEURON_SYSTEM. Not called behind the last row.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_column_reader_next(struct neuron_column_reader *reader, struct neuron_column_text *texts,
                          struct neuron_error *error);

/* Closes it. Accepts NULL. */
void
neuron_column_reader_destroy(struct neuron_column_reader *reader);

#endif
