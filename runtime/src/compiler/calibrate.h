/* SPDX-License-Identifier: Apache-2.0 */
/* Finds how large the operands of 8-bit products become. */
#ifndef NEURON_COMPILER_CALIBRATE_H
#define NEURON_COMPILER_CALIBRATE_H

#include "graph/graph_body.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

/*
 * Runs a graph in float32 on rows, and notes in each node of 8 bits the largest magnitude that its
 * first input had.
 *
 * rows  as neuron_sample_rows_check() wants them.
 *
 * Returns what that returns, and what running a graph returns; NEURON_INVALID_ARGUMENT when an
 * operand holds what is no number.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_calibrate(struct neuron_graph *graph, const struct neuron_tensor_view *rows,
                 struct neuron_error *error);

#endif
