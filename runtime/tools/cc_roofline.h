/* SPDX-License-Identifier: Apache-2.0 */
/* The limits of the core that a benchmark runs on: kept from an earlier one, or measured. */
#ifndef NEURON_TOOLS_CC_ROOFLINE_H
#define NEURON_TOOLS_CC_ROOFLINE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "graph/graph_body.h"
#include "roofline.h"

struct neuron_cc_roofline {
    struct neuron_cpu cpu;
    char path[PATH_MAX]; /* empty where no folder is named */
    struct neuron_roofline limits;
    bool is_kept;               /* the limits stand in the file */
    bool is_measured;           /* they were measured now */
    struct neuron_error unkept; /* why they were not kept */
};

/*
 * Reads what is kept on this machine.
 *
 * folder     for caches; NULL for none.
 * remeasure  leaves what is kept unread.
 */
void
neuron_cc_roofline_find(const char *folder, bool remeasure, struct neuron_cc_roofline *roofline);

/*
 * Measures, unless the limits are known. Called on the core.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_roofline_complete(struct neuron_cc_roofline *roofline, struct neuron_error *error);

/* Keeps what was measured. What cannot be kept is measured the next time; that is no failure. */
void
neuron_cc_roofline_keep(struct neuron_cc_roofline *roofline);

/* Prints the limits, and where they are from. */
void
neuron_cc_roofline_print(FILE *stream, const struct neuron_cc_roofline *roofline);

/* In what a node computes: its operator and its attributes decide. */
enum neuron_arithmetic
neuron_cc_node_arithmetic(const struct neuron_node *node);

/* The fastest arithmetic that a graph uses here: what its operations a second are held against. */
enum neuron_arithmetic
neuron_cc_graph_arithmetic(const struct neuron_graph *graph);

#endif
