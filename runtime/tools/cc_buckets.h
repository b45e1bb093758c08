/* SPDX-License-Identifier: Apache-2.0 */
/* Several shapes in one compiled file: from the command line, from the network, and as a print. */
#ifndef NEURON_TOOLS_CC_BUCKETS_H
#define NEURON_TOOLS_CC_BUCKETS_H

#include <stdio.h>

#include "cc_command_line.h"
#include "graph/graph_body.h"
#include "neuron/onnx.h"
#include "neuron/status.h"

/* The same network, imported for each bucket. */
struct neuron_cc_imports {
    struct neuron_graph **graphs;
    uint32_t count;
    struct neuron_onnx_report *report; /* of the last import */
};

/*
 * Imports a network for each bucket of the options, or once where there are none.
 *
 * imports  receives them, also on failure; to be closed.
 *
 * Returns as neuron_onnx_import(); the report is that of the import that failed.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_cc_imports_open(const struct neuron_cc_options *options, struct neuron_cc_imports *imports,
                       struct neuron_error *error);

/* The one of the largest shapes, as the compiled file has it first. */
const struct neuron_graph *
neuron_cc_imports_largest(const struct neuron_cc_imports *imports);

/* Accepts zeroed ones. */
void
neuron_cc_imports_close(struct neuron_cc_imports *imports);

/* Prints a line for each bucket, and for each dimension that is padded; nothing for one shape. */
void
neuron_cc_print_buckets(FILE *stream, const struct neuron_graph *graph);

#endif
