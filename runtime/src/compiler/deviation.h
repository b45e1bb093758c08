/* SPDX-License-Identifier: Apache-2.0 */
/* How far a graph that computes with fewer bits is from the one that it was compiled from. */
#ifndef NEURON_COMPILER_DEVIATION_H
#define NEURON_COMPILER_DEVIATION_H

#include "graph/graph_body.h"
#include "neuron/status.h"
#include "neuron/tensor.h"

struct neuron_deviation {
    double largest;  /* between two numbers, of all outputs of floating point */
    double relative; /* the length of the difference over that of the output, of the worst one */
    char output[NEURON_NAME_LIMIT_BYTES]; /* that the largest one is in; empty where none differs */
};

/*
 * Runs both graphs on the same rows, and compares the outputs.
 *
 * exact     whose outputs count as right; it has the same inputs and outputs as `compiled`.
 * rows      as neuron_sample_rows_check() wants them; NULL for made-up numbers.
 *
 * Returns what that returns, and what running a graph returns.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_deviation_measure(const struct neuron_graph *exact, const struct neuron_graph *compiled,
                         const struct neuron_tensor_view *rows, struct neuron_deviation *deviation,
                         struct neuron_error *error);

#endif
