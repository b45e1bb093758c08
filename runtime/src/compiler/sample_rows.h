/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that a user gives for a graph to be tried on, cut into runs. */
#ifndef NEURON_COMPILER_SAMPLE_ROWS_H
#define NEURON_COMPILER_SAMPLE_ROWS_H

#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/*
 * Checks tensors against the inputs of a graph: each has the type, the rank and all dimensions of
 * its input but the first, of which all have the same number, at least 1; those without a batch
 * have the shape of the input.
 *
 * run_count  receives how many runs take all rows.
 *
 * Returns NEURON_INVALID_ARGUMENT with the input and both shapes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_sample_rows_check(const struct neuron_graph *graph, const struct neuron_tensor_view *rows,
                         uint64_t *run_count, struct neuron_error *error);

/* Copies the rows of a run. Behind the last row comes the first again, so that every run is full.
 */
void
neuron_sample_rows_copy(const struct neuron_graph *graph, const struct neuron_tensor_view *rows,
                        uint64_t run, void *const *inputs);

#endif
