/* SPDX-License-Identifier: Apache-2.0 */
/* The graph section of a NEFF file: a graph to bytes and back. */
#ifndef NEURON_NEFF_NEFF_GRAPH_H
#define NEURON_NEFF_NEFF_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "graph/graph_body.h"
#include "neuron/status.h"

enum {
    NEURON_NEFF_CONSTANT_ALIGNMENT = 64,
    NEURON_NEFF_GRAPH_LIMIT_BYTES = 8 << 20, /* more than a hundred thousand operators */
    NEURON_NEFF_PORT_LIMIT = 4096,           /* most inputs, and most outputs, of a graph */
    NEURON_NEFF_NODE_INPUT_LIMIT = 4096
};

/* A graph, and where each of its constants lies in the weights section. */
struct neuron_neff_placed_graph {
    const struct neuron_graph *graph;
    uint64_t *offsets; /* one per value; those of other values have no meaning */
};

/*
 * Says where each constant lies: one behind the other in the order of the graphs and of their
 * values, each aligned. One that a graph before has with the same bytes lies there.
 *
 * placed      graphs, whose offsets are filled in.
 * size_bytes  receives the size of the section.
 *
 * Returns NEURON_INVALID_ARGUMENT when the constants do not fit a file, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_place_constants(const struct neuron_neff_placed_graph *placed, uint32_t count,
                            uint64_t *size_bytes, struct neuron_error *error);

/* Bytes that were encoded, which the caller frees. */
struct neuron_neff_bytes {
    unsigned char *bytes;
    size_t size_bytes;
};

/*
 * Encodes a graph. The same graph gives the same bytes.
 *
 * buckets  its smaller buckets, encoded, largest first.
 *
 * Returns NEURON_INVALID_ARGUMENT for a graph above the limits, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_graph_encode(const struct neuron_neff_placed_graph *placed,
                         const struct neuron_neff_bytes *buckets, uint32_t bucket_count,
                         struct neuron_neff_bytes *bytes, struct neuron_error *error);

/* The two sections that a graph is read from. */
struct neuron_neff_sections {
    const unsigned char *graph;
    size_t graph_bytes;
    const unsigned char *weights; /* what the constants of the graph point into */
    size_t weights_bytes;
};

/*
 * Decodes a graph from bytes that anybody may have written: every number is checked, and every
 * shape is inferred anew and compared.
 *
 * graph  receives a graph that borrows the weights and that the caller destroys. Unchanged on
 *        failure.
 *
 * Returns NEURON_DAMAGED_MODEL, or NEURON_UNSUPPORTED_MODEL for an operator or a type that this
 * program does not know, with what is to follow the name of the file, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_neff_graph_decode(const struct neuron_neff_sections *sections, struct neuron_graph **graph,
                         struct neuron_error *error);

#endif
