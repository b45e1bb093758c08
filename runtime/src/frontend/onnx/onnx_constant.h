/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors whose elements are known when a file is imported. */
#ifndef NEURON_FRONTEND_ONNX_ONNX_CONSTANT_H
#define NEURON_FRONTEND_ONNX_ONNX_CONSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "neuron/tensor.h"

/* Dense elements of any type. */
struct neuron_onnx_constant {
    struct neuron_tensor_shape shape;
    void *bytes; /* aligned as the graph wants constants; NULL where only the shape is known */
};

enum { NEURON_ONNX_ELEMENT_LIMIT = 1 << 28 /* most elements of what is computed at import */ };

/*
 * Gives a constant of this shape zeroed memory, which free() takes back.
 *
 * Returns NEURON_UNSUPPORTED_MODEL for a shape that no tensor has or that is above the limit, or
 * NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_constant_allocate(const struct neuron_tensor_shape *shape,
                              struct neuron_onnx_constant *constant, struct neuron_error *error);

/* Counts the elements of a constant, whose shape is valid. */
size_t
neuron_onnx_constant_count(const struct neuron_onnx_constant *constant);

/* Reads an element of any type; reals lose their fraction. */
int64_t
neuron_onnx_read_whole(const struct neuron_onnx_constant *constant, size_t index);

/* Reads an element of any type; int64 beyond 2^53 is rounded. */
double
neuron_onnx_read_real(const struct neuron_onnx_constant *constant, size_t index);

/* Writes a number into an element of any type, rounded; integers drop the fraction. */
void
neuron_onnx_write_real(const struct neuron_onnx_constant *constant, size_t index, double number);

/*
 * Reads a scalar or a list of integers of int64 or int32.
 *
 * numbers  room for NEURON_RANK_LIMIT.
 *
 * Returns NEURON_UNSUPPORTED_MODEL for another type, or more numbers.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_onnx_constant_list(const struct neuron_onnx_constant *constant, int64_t *numbers,
                          uint32_t *count, struct neuron_error *error);

#endif
