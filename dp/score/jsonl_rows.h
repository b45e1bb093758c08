/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of jsonl files as values of a model's inputs. */
#ifndef NEURON_SCORE_JSONL_ROWS_H
#define NEURON_SCORE_JSONL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_target.h"

/*
 * How a line becomes values. A line is an object with a field of the name of each input, whose
 * value is nested arrays of just the shape of a row, or a plain number where a row is one value;
 * or --columns names one field for all of it, or one for each number. A line may be the bare value
 * where there is one input without --columns. Other fields may hold anything. One thread at a time.
 */
struct neuron_jsonl_rows;

/*
 * Settles which fields go where.
 *
 * targets  the inputs that are read from these files; borrowed until destroy.
 * rows     receives a new object, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_INVALID_ARGUMENT for fields that are not as many as the values of a row, or
 * NEURON_OUT_OF_MEMORY. Errors are texts to follow the path.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_jsonl_rows_create(const struct neuron_row_target *targets, uint32_t target_count,
                         struct neuron_jsonl_rows **rows, struct neuron_error *error);

/*
 * Reads a line.
 *
 * values  where each target's row goes.
 * fault   receives why it is no row.
 *
 * Returns whether it is one. Some values are written even if not.
 */
bool
neuron_jsonl_rows_read(struct neuron_jsonl_rows *rows, const char *line, size_t size_bytes,
                       unsigned char *const *values, struct neuron_row_fault *fault);

/* Accepts NULL. */
void
neuron_jsonl_rows_destroy(struct neuron_jsonl_rows *rows);

#endif
