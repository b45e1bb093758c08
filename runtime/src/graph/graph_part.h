/* SPDX-License-Identifier: Apache-2.0 */
/* Consecutive nodes of a graph as a graph of their own. */
#ifndef NEURON_GRAPH_GRAPH_PART_H
#define NEURON_GRAPH_GRAPH_PART_H

#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

/*
 * The inputs of a part are what its nodes read and other nodes make, or the whole graph is given.
 * Its outputs are those of the whole graph that it makes, in their order, and then what later nodes
 * read. An output of the whole graph that no node makes, being an input or a constant, is one of
 * the part with the first node.
 */
struct neuron_graph_part {
    struct neuron_graph *graph; /* owned */
    uint32_t *input_values;     /* by input: the value of the whole graph that it is */
    uint32_t *output_values;    /* by output: likewise */
    uint32_t *output_ports;     /* by output: that of the whole graph; UINT32_MAX for none */
};

/*
 * Makes a part of the nodes from `first` up to `end`, which is above and not counted in.
 *
 * whole  not changed. Constants of the part are borrowed from it, and it lives longer.
 * part   receives the part, to be destroyed. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_graph_part_create(const struct neuron_graph *whole, uint32_t first, uint32_t end,
                         struct neuron_graph_part *part, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_graph_part_destroy(struct neuron_graph_part *part);

/*
 * Says how many bytes go over a cut before each node: of all values that nodes before it make and
 * nodes from it on read. What the whole graph is given, and its constants, are everywhere.
 *
 * crossing_bytes  an array of one per node, and one more; the first and the last are 0. Sums that
 *                 do not fit stay at the largest number.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_graph_count_crossing(const struct neuron_graph *graph, uint64_t *crossing_bytes,
                            struct neuron_error *error);

#endif
