/* SPDX-License-Identifier: Apache-2.0 */
/* The graphs of one network for several shapes, compiled and put together. */
#ifndef NEURON_COMPILER_COMPILE_BUCKETS_H
#define NEURON_COMPILER_COMPILE_BUCKETS_H

#include "neuron/compiler.h"
#include "neuron/graph.h"
#include "neuron/status.h"

/*
 * Compiles graphs, of which the largest has the others as its buckets.
 *
 * compiled  receives that one, which the caller destroys; constants are borrowed from the graphs.
 *
 * Returns as neuron_compile_buckets() does before it writes.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_compile_bucket_graphs(const struct neuron_graph *const *graphs, uint32_t count,
                             const struct neuron_compiler_options *options,
                             struct neuron_graph **compiled, struct neuron_error *error);

#endif
