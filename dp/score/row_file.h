/* SPDX-License-Identifier: Apache-2.0 */
/* One file of rows: open while it is read, and known again when it is opened later. */
#ifndef NEURON_SCORE_ROW_FILE_H
#define NEURON_SCORE_ROW_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "neuron/status.h"
#include "score/array_file.h"
#include "score/deflated_member.h"
#include "score/text_index.h"
#include "score/text_records.h"

struct neuron_row_file {
    const char *path;   /* borrowed */
    struct stat status; /* when it was opened first */
    bool is_known;      /* it was opened before */
    bool was_changed;   /* seen when it was closed */
    uint64_t first;     /* its first row, of all rows of its input */
    uint64_t rows;
    struct neuron_npz_place place;  /* of arrays */
    struct neuron_text_index index; /* of texts */
    uint64_t text_start;            /* where the rows of a text begin, or its header line */
    /* While it is open: */
    int descriptor; /* -1 when it is not */
    struct neuron_array_mapping mapping;
    struct neuron_deflated_member *member;
    struct neuron_text_records records;
    uint64_t next_row;                /* that `records` comes to */
    uint32_t use_count;               /* of blocks that lie in the mapping */
    size_t wanted_from, wanted_until; /* of the mapping, was asked for last */
    uint64_t last_use;
};

/*
 * Opens a file, or does nothing where it is open.
 *
 * Returns NEURON_SYSTEM when it cannot be opened, or was changed since it was opened first;
 * NEURON_INVALID_ARGUMENT for what is no regular file. The text starts with the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_row_file_open(struct neuron_row_file *file, struct neuron_error *error);

/* Returns NEURON_SYSTEM when a file was changed since it was opened first. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_file_check(const struct neuron_row_file *file, struct neuron_error *error);

/* Makes the records of an open text file ready: behind its byte order mark, if it has one. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_file_start_text(struct neuron_row_file *file, enum neuron_text_form form,
                           struct neuron_error *error);

/* Brings the records of an open text file to a row of its own. Returns as
   neuron_text_records_next(). */
NEURON_MUST_CHECK enum neuron_status
neuron_row_file_seek(struct neuron_row_file *file, enum neuron_text_form form, uint64_t row,
                     struct neuron_error *error);

/* Reads the row that the records come to. NEURON_SYSTEM also where there is none any more. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_file_next(struct neuron_row_file *file, struct neuron_text_record *record,
                     struct neuron_error *error);

/* Closes what is open. What is known of the file stays. */
void
neuron_row_file_close(struct neuron_row_file *file);

/* Closes it, and forgets what is known. */
void
neuron_row_file_destroy(struct neuron_row_file *file);

#endif
