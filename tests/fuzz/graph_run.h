/* SPDX-License-Identifier: Apache-2.0 */
/* A run of a graph that a fuzzer made: whatever inference lets through, the kernels can run. */
#ifndef NEURON_TESTS_FUZZ_GRAPH_RUN_H
#define NEURON_TESTS_FUZZ_GRAPH_RUN_H

#include <stdint.h>

#include "graph/graph_body.h"

/*
 * Plans a graph and runs it once over inputs whose bytes depend on the seed, in memory that ends
 * where each tensor ends. Leaves graphs alone that would take a fuzzer too long.
 */
void
graph_run(const struct neuron_graph *graph, uint32_t seed);

#endif
