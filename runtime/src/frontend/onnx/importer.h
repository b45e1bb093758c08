/* SPDX-License-Identifier: Apache-2.0 */
/* An import under way. */
#ifndef NEURON_FRONTEND_ONNX_IMPORTER_H
#define NEURON_FRONTEND_ONNX_IMPORTER_H

#include <onnx/onnx.pb-c.h>

#include "frontend/onnx/onnx_names.h"
#include "frontend/onnx/onnx_report.h"
#include "frontend/onnx/onnx_tensor.h"
#include "frontend/trace_body.h"
#include "neuron/onnx.h"

/* Problems go to the report, and the import goes on; only want of memory ends it. */
struct neuron_onnx_importer {
    const Neuron__Onnx__Graph *graph;
    const struct neuron_onnx_options *options;
    struct neuron_onnx_report *report;
    struct neuron_onnx_names names;
    struct neuron_onnx_source source;
    struct neuron_trace trace; /* its graph is the result */
    int64_t opset;
    int64_t table_opset;     /* of the domain ai.onnx.ml; 0 where the file does not have it */
    uint64_t folded_cost;    /* what computing constants may still cost */
    bool has_misfit_options; /* some problem is one of the options, not of the file */
};

/* Fills in the inputs of the graph: those of the file that are no initializers. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_import_inputs(struct neuron_onnx_importer *importer, struct neuron_error *error);

/* Puts a node into the graph, or computes it. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_import_node(struct neuron_onnx_importer *importer, size_t index,
                        struct neuron_error *error);

#endif
