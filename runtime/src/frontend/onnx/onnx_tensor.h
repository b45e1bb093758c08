/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors of an ONNX file, inside of it or in files beside it, as constants. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_TENSOR_H
#define NEURON_FRONTEND_ONNX_ONNX_TENSOR_H

#include <onnx/onnx.pb-c.h>

#include "frontend/onnx/onnx_constant.h"
#include "frontend/onnx/onnx_report.h"
#include "neuron/status.h"

/* Where tensors may come from. */
struct neuron_onnx_source {
    int folder;              /* of the file; external data lies below it; -1 for no external data */
    uint64_t external_bytes; /* how much more of it may be read */
    struct neuron_onnx_report *report; /* learns which files are read */
};

/* The type of a code of ONNX; NEURON_NO_TYPE for one that we have no tensors of. */
enum neuron_type
neuron_onnx_type(int32_t code);

/*
 * Makes a constant of a tensor. Nothing is allocated before its bytes were found to be there.
 *
 * constant  receives the elements, which the caller frees. Unchanged on failure.
 *
 * Returns NEURON_UNSUPPORTED_MODEL, NEURON_DAMAGED_MODEL or NEURON_SYSTEM with what is to follow
 * the tensor's name, or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_tensor_read(const Neuron__Onnx__Tensor *tensor, struct neuron_onnx_source *source,
                        struct neuron_onnx_constant *constant, struct neuron_error *error);

#endif
