/* SPDX-License-Identifier: Apache-2.0 */
/* The lists in which a file describes trees. */
#ifndef NEURON_FRONTEND_ONNX_TREE_LISTS_H
#define NEURON_FRONTEND_ONNX_TREE_LISTS_H

#include "frontend/onnx/onnx_call.h"
#include "neuron/trace_tabular.h"

/*
 * Reads the trees of a node, whose weights stand in lists that begin with this word: "target" or
 * "class". `ensemble` has the number of targets already; neuron_onnx_tree_drop() takes back its
 * memory, also after a failure.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_tree_read(const struct neuron_onnx_call *call, const char *weights,
                      struct neuron_tree_ensemble *ensemble);

void
neuron_onnx_tree_drop(struct neuron_tree_ensemble *ensemble);

#endif
