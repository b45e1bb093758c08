/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the rows of a batch through a graph. */
#ifndef NEURON_GRAPH_BATCH_ROWS_H
#define NEURON_GRAPH_BATCH_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "graph/graph_body.h"

/*
 * Finds which values of a graph have rows: each row of their dimension 0 is computed from the same
 * row of the inputs that carry a batch, and from the others, alone.
 *
 * carries_batch  one per input; those that do have this many rows in dimension 0.
 * has_rows       receives a word on each value; undefined on failure.
 *
 * Returns NEURON_UNSUPPORTED_MODEL with the first operator that mixes rows.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_batch_rows_follow(const struct neuron_graph *graph, const bool *carries_batch,
                         int64_t batch_rows, bool *has_rows, struct neuron_error *error);

#endif
