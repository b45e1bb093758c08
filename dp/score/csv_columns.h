/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of csv files: their names, and which of them a list names. */
#ifndef NEURON_SCORE_CSV_COLUMNS_H
#define NEURON_SCORE_CSV_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"

enum { NEURON_CSV_COLUMN_LIMIT = 4 << 20 /* most columns of a file, and of a list */ };

/* What the first record of a file says. Zeroed there is none. */
struct neuron_csv_header {
    uint32_t column_count;
    const char **names; /* NULL when the first record is a row: nothing but numbers */
    char *text;         /* what the names point into */
};

/* Numbers of columns, from 0. */
struct neuron_csv_selection {
    uint32_t *columns;
    size_t count;
    size_t room;
};

/*
 * Takes the first record of a file for names, unless all of its fields are numbers or empty.
 *
 * header  zeroed; destroyed by the caller, also after a failure.
 *
 * Returns NEURON_INVALID_SYNTAX for a record that is damaged, NEURON_INVALID_ARGUMENT for too many
 * columns, or NEURON_OUT_OF_MEMORY. Errors are texts to follow the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_csv_header_read(const char *record, size_t size_bytes, struct neuron_csv_header *header,
                       struct neuron_error *error);

/* Finds a column by its name, or, where none has it, by its position. */
bool
neuron_csv_header_find(const struct neuron_csv_header *header, const char *name, uint32_t *column);

/* Writes the first few names, or how many columns there are, and returns the text. */
const char *
neuron_csv_header_summary(const struct neuron_csv_header *header, char *text, size_t size_bytes);

/* Accepts a zeroed one. */
void
neuron_csv_header_destroy(struct neuron_csv_header *header);

/*
 * Selects what a list names: "age,income,4-7", names or positions from 0 or ranges of these.
 *
 * selection  zeroed; destroyed by the caller, also after a failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for a column that is not there, or NEURON_OUT_OF_MEMORY. Errors
 * are texts to follow the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_csv_select_list(const struct neuron_csv_header *header, const char *list,
                       struct neuron_csv_selection *selection, struct neuron_error *error);

/* The same for all columns, in their order. */
NEURON_MUST_CHECK enum neuron_status
neuron_csv_select_all(const struct neuron_csv_header *header,
                      struct neuron_csv_selection *selection, struct neuron_error *error);

/*
 * The same for the columns that neuron-score writes for a tensor: NAME for one value a row, else
 * NAME_0 to NAME_k.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_csv_select_tensor(const struct neuron_csv_header *header, const char *name, size_t elements,
                         struct neuron_csv_selection *selection, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_csv_selection_destroy(struct neuron_csv_selection *selection);

#endif
