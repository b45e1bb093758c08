/* SPDX-License-Identifier: Apache-2.0 */
/* A graph with every kind of operator and attribute, for tests of what stores graphs. */
#ifndef NEURON_TESTS_SAMPLE_GRAPH_H
#define NEURON_TESTS_SAMPLE_GRAPH_H

#include "graph/graph_body.h"
#include "neuron/trace.h"

/* Traces a function over one input "x" of four dimensions; fails the test where that fails. */
struct neuron_graph *
trace_sample(neuron_trace_fn *function, int64_t n, int64_t c, int64_t h, int64_t w);

/* A float32 constant of up to four dimensions, of which those of 0 are left out. */
struct neuron_value
sample_constant(struct neuron_trace *trace, int64_t a, int64_t b, int64_t c, int64_t d);

/* Inputs "image" float32[2,4,9,8] and "extra" int32[2]; outputs "classes" and "same". */
struct neuron_graph *
sample_graph(void);

#endif
