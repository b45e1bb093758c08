/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_constant.h"

#include <string.h>

#include "engine/kernels/strip.h"
#include "graph/graph_body.h"

enum neuron_status
neuron_onnx_constant_allocate(const struct neuron_tensor_shape *shape,
                              struct neuron_onnx_constant *constant, struct neuron_error *error)
{
    size_t count = 0;

    if (!neuron_tensor_shape_element_count(shape, &count) || count > NEURON_ONNX_ELEMENT_LIMIT) {
        char text[96] = "";

        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%s is no shape, or has more than the %d elements that are computed "
                           "when a file is imported",
                           neuron_tensor_shape_format(shape, text, sizeof(text)),
                           NEURON_ONNX_ELEMENT_LIMIT);
    }
    void *bytes = neuron_graph_allocate_constant(shape);
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a constant of %zu bytes",
                           neuron_tensor_shape_size_bytes(shape));
    }
    memset(bytes, 0, neuron_tensor_shape_size_bytes(shape));
    *constant = (struct neuron_onnx_constant){.shape = *shape, .bytes = bytes};
    return NEURON_OK;
}

size_t
neuron_onnx_constant_count(const struct neuron_onnx_constant *constant)
{
    size_t count = 0;

    return neuron_tensor_shape_element_count(&constant->shape, &count) ? count : 0;
}

int64_t
neuron_onnx_read_whole(const struct neuron_onnx_constant *constant, size_t index)
{
    int64_t number = 0;

    neuron_strip_load_whole(constant->shape.type,
                            (const unsigned char *)constant->bytes +
                                index * neuron_type_size_bytes(constant->shape.type),
                            1, 1, &number);
    return number;
}

double
neuron_onnx_read_real(const struct neuron_onnx_constant *constant, size_t index)
{
    double number = 0.0;

    neuron_strip_load_real(constant->shape.type,
                           (const unsigned char *)constant->bytes +
                               index * neuron_type_size_bytes(constant->shape.type),
                           1, 1, &number);
    return number;
}

void
neuron_onnx_write_real(const struct neuron_onnx_constant *constant, size_t index, double number)
{
    neuron_strip_store_real(constant->shape.type,
                            (unsigned char *)constant->bytes +
                                index * neuron_type_size_bytes(constant->shape.type),
                            1, &number);
}

enum neuron_status
neuron_onnx_constant_list(const struct neuron_onnx_constant *constant, int64_t *numbers,
                          uint32_t *count, struct neuron_error *error)
{
    size_t elements = neuron_onnx_constant_count(constant);

    if ((constant->shape.type != NEURON_INT64 && constant->shape.type != NEURON_INT32) ||
        constant->shape.rank > 1 || elements > NEURON_RANK_LIMIT) {
        char text[96] = "";

        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL, "%s is no list of at most %d integers",
                           neuron_tensor_shape_format(&constant->shape, text, sizeof(text)),
                           NEURON_RANK_LIMIT);
    }
    for (size_t i = 0; i < elements; i += 1) {
        numbers[i] = neuron_onnx_read_whole(constant, i);
    }
    *count = (uint32_t)elements;
    return NEURON_OK;
}
