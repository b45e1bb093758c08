/* SPDX-License-Identifier: Apache-2.0 */
/* What passes do to traced functions, and that the numbers stay the same. */
#ifndef NEURON_TESTS_PASS_CHECK_H
#define NEURON_TESTS_PASS_CHECK_H

#include "compiler/pass.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"

/*
 * Traces a function over one input [n,c,h,w] with one output, runs the graph, then the pass and the
 * removal of what is left over, and runs it again: fails the test where the results differ. A pass
 * of NULL stands for all passes. The caller destroys the graph.
 */
struct neuron_graph *
pass_check(neuron_pass_fn *pass, neuron_trace_fn *function, void *user, const int64_t dims[4]);

/* How many nodes of a kind a graph has. */
uint32_t
pass_count_kind(const struct neuron_graph *graph, enum neuron_operator kind);

/* Fails the test unless the pass leaves so many nodes, of which the last is of this kind. */
void
pass_expect(neuron_pass_fn *pass, neuron_trace_fn *function, void *user, uint32_t node_count,
            enum neuron_operator last);

#endif
