/* SPDX-License-Identifier: Apache-2.0 */
/* How deep the graphs of a file stand inside each other, found before anything recurses. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_NESTING_H
#define NEURON_FRONTEND_ONNX_ONNX_NESTING_H

#include <stdbool.h>
#include <stddef.h>

enum { NEURON_ONNX_NESTING_LIMIT = 8 /* most graphs around a graph */ };

enum neuron_onnx_nesting {
    NEURON_ONNX_NESTING_FINE = 0,
    NEURON_ONNX_NESTING_TOO_DEEP,
    NEURON_ONNX_NESTING_DAMAGED /* the bytes are no message */
};

/* Looks through the bytes of a model. */
enum neuron_onnx_nesting
neuron_onnx_nesting_check(const void *bytes, size_t size_bytes);

#endif
