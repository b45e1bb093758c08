/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of one --input: files of one kind that follow each other, for one input or several. */
#ifndef NEURON_SCORE_ROW_STREAM_H
#define NEURON_SCORE_ROW_STREAM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/csv_columns.h"
#include "score/csv_rows.h"
#include "score/input_files.h"
#include "score/jsonl_rows.h"
#include "score/row_block.h"
#include "score/row_file.h"
#include "score/row_range.h"
#include "score/row_target.h"

enum { NEURON_OPEN_FILE_LIMIT = 4 /* most files of a stream that are open without a block */ };

struct neuron_row_stream {
    const char *value; /* of --input; borrowed */
    struct neuron_input_files files;
    struct neuron_row_file *shards; /* one a file */
    uint64_t rows;
    struct neuron_row_target *targets; /* arrays have one, texts one or several */
    uint32_t target_count;
    char *header_line; /* of the first csv file that is not empty; NULL without names */
    size_t header_bytes;
    struct neuron_csv_header header;
    struct neuron_csv_rows *csv;
    struct neuron_jsonl_rows *jsonl;
    uint32_t open_count;
    uint64_t clock; /* counts uses of files */
};

/* What a stream is opened for. */
struct neuron_stream_plan {
    const char *model_path;
    const volatile sig_atomic_t *stop_signal;
};

/*
 * Opens all files of a stream, whose files and targets are set, and counts their rows.
 *
 * Returns as neuron_row_source_open().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_stream_open(struct neuron_row_stream *stream, const struct neuron_stream_plan *plan,
                       struct neuron_error *error);

/* Finds the file that a row stands in. */
struct neuron_row_file *
neuron_row_stream_find(const struct neuron_row_stream *stream, uint64_t row);

/* Has a file open, and closes one that was not used for long where there are too many. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_stream_use(struct neuron_row_stream *stream, struct neuron_row_file *file,
                      struct neuron_error *error);

/* What ends the records of the files. */
enum neuron_text_form
neuron_row_stream_form(const struct neuron_row_stream *stream);

/*
 * Fills the inputs of a stream in a block with rows that stand in one file.
 *
 * base  what is taken off a row's number to have that of the source.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_stream_fill(struct neuron_row_stream *stream, struct neuron_row_range rows,
                       uint64_t base, struct neuron_row_block *block, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_row_stream_destroy(struct neuron_row_stream *stream);

#endif
