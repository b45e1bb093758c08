/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs that the engine runs once, on the thread of the test. */
#ifndef NEURON_TESTS_ENGINE_RUN_H
#define NEURON_TESTS_ENGINE_RUN_H

#include "graph/graph_body.h"

/* Runs a graph on dense tensors of its shapes; fails the test where that fails. */
void
engine_run(const struct neuron_graph *graph, void *const *inputs, void *const *outputs);

/* Runs a graph of one output of float32. The caller frees the result. */
float *
engine_run_to_floats(const struct neuron_graph *graph, void *const *inputs);

/* Says how many elements a value of a graph has. */
size_t
count_elements(const struct neuron_tensor_shape *shape);

#endif
