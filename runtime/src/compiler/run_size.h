/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a run of a graph can be at all. */
#ifndef NEURON_COMPILER_RUN_SIZE_H
#define NEURON_COMPILER_RUN_SIZE_H

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * Refuses a graph whose tensors do not fit the addresses of a process, or whose operations cannot
 * be counted: no machine could load it. What is too large for this machine may fit another one.
 *
 * Returns NEURON_INVALID_ARGUMENT with what is too large.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_run_size_check(const struct neuron_graph *graph, struct neuron_error *error);

#endif
