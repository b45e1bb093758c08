/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of csv files as values of a model's inputs. */
#ifndef NEURON_SCORE_CSV_ROWS_H
#define NEURON_SCORE_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/csv_columns.h"
#include "score/row_target.h"

/* How a record becomes values. One thread at a time. */
struct neuron_csv_rows;

/*
 * Settles which columns go where.
 *
 * header   of the files; borrowed until destroy.
 * targets  the inputs that are read from these files; borrowed until destroy.
 * rows     receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT when columns are not there, or are not as many as the values of a
 * row; or NEURON_OUT_OF_MEMORY. Errors are texts to follow the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_csv_rows_create(const struct neuron_csv_header *header,
                       const struct neuron_row_target *targets, uint32_t target_count,
                       struct neuron_csv_rows **rows, struct neuron_error *error);

/*
 * Reads a record.
 *
 * values  where each target's row goes.
 * fault   receives why it is no row.
 *
 * Returns whether it is one. Some values are written even if not.
 */
bool
neuron_csv_rows_read(const struct neuron_csv_rows *rows, const char *record, size_t size_bytes,
                     unsigned char *const *values, struct neuron_row_fault *fault);

/* Accepts NULL. */
void
neuron_csv_rows_destroy(struct neuron_csv_rows *rows);

#endif
