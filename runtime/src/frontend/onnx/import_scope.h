/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a graph under import, and its initializers. */
#ifndef NEURON_FRONTEND_ONNX_IMPORT_SCOPE_H
#define NEURON_FRONTEND_ONNX_IMPORT_SCOPE_H

#include "frontend/onnx/importer.h"

/* Gathers all names of the graph at hand; counts its inputs that are no initializers. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_scope_gather(struct neuron_onnx_importer *importer, uint32_t *input_count,
                         struct neuron_error *error);

/* Makes constants of its initializers. */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_scope_import_initializers(struct neuron_onnx_importer *importer,
                                      struct neuron_error *error);

#endif
