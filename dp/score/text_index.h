/* SPDX-License-Identifier: Apache-2.0 */
/* Where the rows of a text file stand: a few of them, from which any other is found soon. */
#ifndef NEURON_SCORE_TEXT_INDEX_H
#define NEURON_SCORE_TEXT_INDEX_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/text_records.h"

enum { NEURON_TEXT_MARK_LIMIT = 65536 /* most marks of a file: 1 MiB */ };

/* A row and where it begins. */
struct neuron_text_mark {
    uint64_t row;
    uint64_t offset;
};

/*
 * Marks at least so many bytes apart. When there are too many, every second one is given up, and
 * they stand twice as far apart from there on. Zeroed it is empty.
 */
struct neuron_text_index {
    struct neuron_text_mark *marks; /* ascending; the first is row 0 */
    uint32_t count;
    uint32_t room;
    uint64_t step_bytes;
    uint64_t rows; /* without blank lines at the end of the file */
};

/*
 * Counts the rows from where the records stand to the end of the file.
 *
 * stop_signal  not 0 ends the pass; may be NULL.
 * index        zeroed; destroyed by the caller, also after a failure.
 *
 * Returns NEURON_CANCELLED, or as neuron_text_records_next(). Blocks while the file is read.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_text_index_build(struct neuron_text_records *records,
                        const volatile sig_atomic_t *stop_signal, struct neuron_text_index *index,
                        struct neuron_error *error);

/*
 * Notes where the next row begins, which is marked if it is far enough behind the last mark.
 * Returns whether there was memory for it.
 */
bool
neuron_text_index_note(struct neuron_text_index *index, uint64_t row, uint64_t offset);

/* The last mark that is not behind a row. `row` is below the count of rows. */
const struct neuron_text_mark *
neuron_text_index_find(const struct neuron_text_index *index, uint64_t row);

/* Accepts a zeroed one. */
void
neuron_text_index_destroy(struct neuron_text_index *index);

/* Says whether there is nothing but blanks. */
bool
neuron_text_is_blank(const char *text, size_t size_bytes);

#endif
