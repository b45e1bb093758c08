/* SPDX-License-Identifier: Apache-2.0 */
/* The import of a file that lies in memory; neuron/onnx.h has that of a file by its path. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_IMPORT_H
#define NEURON_FRONTEND_ONNX_ONNX_IMPORT_H

#include <stddef.h>

#include "neuron/onnx.h"

/* A file in memory, borrowed for the call. */
struct neuron_onnx_bytes {
    const void *bytes;
    size_t size_bytes;
    uint64_t folded_cost; /* what computing constants may cost, in bytes moved and operations */
};

/* Does as neuron_onnx_import(). A model in memory has no folder, and so no external data. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_import_bytes(const struct neuron_onnx_bytes *bytes,
                         const struct neuron_onnx_options *options, struct neuron_graph **graph,
                         struct neuron_onnx_report **report, struct neuron_error *error);

/* Some seconds of work; the weights of a large network, transposed, take a tenth of it. */
#define NEURON_ONNX_FOLDED_COST ((uint64_t)8 << 30)

#endif
