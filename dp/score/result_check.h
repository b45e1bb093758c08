/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of results that hold a NaN, and values that stand for results of rows that failed. */
#ifndef NEURON_SCORE_RESULT_CHECK_H
#define NEURON_SCORE_RESULT_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"
#include "score/command_line.h"

/*
 * Finds rows of which a float output holds a NaN. Whole numbers hold none.
 *
 * views  one an output; dimension 0 is the same for all of them.
 * from   the row to begin with.
 * rows   receives what is found, in ascending order; room for `limit`, at least 1.
 *
 * Returns how many were found. Where that is the limit, there may be more behind the last one.
 */
size_t
neuron_result_find_nan(const struct neuron_tensor_view *views, uint32_t output_count, uint64_t from,
                       uint64_t *rows, size_t limit);

/*
 * Fills a row of all outputs: with --fill, or NaN in floats and 0 in whole numbers without it.
 * What a type cannot hold becomes the nearest that it can: 300 is 255 in uint8, and NaN is 0.
 */
void
neuron_result_fill(const struct neuron_tensor_view *views, uint32_t output_count, uint64_t row,
                   const struct neuron_score_options *options);

#endif
