/* SPDX-License-Identifier: Apache-2.0 */
/* Branches on a condition that is known at import. */
#ifndef NEURON_FRONTEND_ONNX_IMPORT_BRANCH_H
#define NEURON_FRONTEND_ONNX_IMPORT_BRANCH_H

#include "frontend/onnx/onnx_call.h"

/* Imports the nodes of the branch that is taken, in the place of the node. */
neuron_onnx_operator_fn neuron_onnx_import_branch;

#endif
