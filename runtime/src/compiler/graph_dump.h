/* SPDX-License-Identifier: Apache-2.0 */
/* Graphs as text for people, and as DOT for graphviz. */
#ifndef NEURON_COMPILER_GRAPH_DUMP_H
#define NEURON_COMPILER_GRAPH_DUMP_H

#include <stdio.h>

#include "graph/graph_body.h"

/* A folder that graphs are written to, one after another: 00-imported, 01-fold, ... */
struct neuron_graph_dump {
    const char *folder;
    uint32_t count; /* of graphs that are there */
};

/*
 * Makes the folder if it is not there.
 *
 * Returns NEURON_SYSTEM with the folder and the reason in the text.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_graph_dump_begin(struct neuron_graph_dump *dump, const char *folder,
                        struct neuron_error *error);

/*
 * Writes NN-<name>.txt and NN-<name>.dot, where NN counts.
 *
 * dump  a struct neuron_graph_dump: this is a neuron_pass_report_fn.
 *
 * Returns NEURON_SYSTEM with the file and the reason in the text.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_graph_dump_write(const struct neuron_graph *graph, const char *name, void *dump,
                        struct neuron_error *error);

/* Writes one line for each input, constant, node and output. */
void
neuron_graph_print_text(const struct neuron_graph *graph, FILE *file);

/* Writes a digraph. */
void
neuron_graph_print_dot(const struct neuron_graph *graph, FILE *file);

#endif
