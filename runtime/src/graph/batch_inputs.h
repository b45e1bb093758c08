/* SPDX-License-Identifier: Apache-2.0 */
/* Which inputs of a graph carry a batch, and which are the same for all rows of it. */
#ifndef NEURON_GRAPH_BATCH_INPUTS_H
#define NEURON_GRAPH_BATCH_INPUTS_H

#include <stdint.h>

#include "graph/graph_body.h"

enum { NEURON_BATCH_INPUT_LIMIT = 10 /* most inputs that may be either, for a search */ };

/*
 * Says whether each row of dimension 0 of every output is computed from the same row of the inputs
 * that carry a batch alone: of all but those that are marked as shared (see
 * neuron_model_check_batchable()).
 *
 * Returns NEURON_UNSUPPORTED_MODEL with what stands in the way, or which inputs to declare as
 * shared; or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_graph_check_batchable(const struct neuron_graph *graph, struct neuron_error *error);

/*
 * Marks inputs as shared where that is the only way in which a batch can be cut, in each of the
 * graphs: which are of one network, for different shapes.
 *
 * A mark that is there stays, and so does everything where a batch can be cut already. Otherwise
 * each choice of inputs is tried that have as many rows as the outputs. Where two of them are
 * proved to keep rows apart, nobody but the user knows which is meant, and none is marked.
 *
 * Returns NEURON_OUT_OF_MEMORY. To find nothing is no failure.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_graphs_find_shared_inputs(struct neuron_graph *const *graphs, uint32_t count,
                                 struct neuron_error *error);

#endif
