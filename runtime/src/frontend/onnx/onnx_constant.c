/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/onnx_constant.h"

#include <math.h>
#include <string.h>

#include "frontend/onnx/half_float.h"
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

bool
neuron_onnx_type_is_real(enum neuron_type type)
{
    return type == NEURON_FLOAT32 || type == NEURON_FLOAT64 || type == NEURON_FLOAT16 ||
           type == NEURON_BFLOAT16;
}

int64_t
neuron_onnx_read_whole(const struct neuron_onnx_constant *constant, size_t index)
{
    switch ((int)constant->shape.type) {
    case NEURON_INT64:
        return ((const int64_t *)constant->bytes)[index];
    case NEURON_INT32:
        return ((const int32_t *)constant->bytes)[index];
    case NEURON_INT8:
        return ((const int8_t *)constant->bytes)[index];
    case NEURON_UINT8:
        return ((const uint8_t *)constant->bytes)[index];
    case NEURON_BOOL:
        return ((const uint8_t *)constant->bytes)[index] != 0 ? 1 : 0;
    default:
        return 0;
    }
}

double
neuron_onnx_read_real(const struct neuron_onnx_constant *constant, size_t index)
{
    switch ((int)constant->shape.type) {
    case NEURON_FLOAT64:
        return ((const double *)constant->bytes)[index];
    case NEURON_FLOAT32:
        return (double)((const float *)constant->bytes)[index];
    case NEURON_FLOAT16:
        return (double)neuron_float16_to_float(((const uint16_t *)constant->bytes)[index]);
    case NEURON_BFLOAT16:
        return (double)neuron_bfloat16_to_float(((const uint16_t *)constant->bytes)[index]);
    default:
        return (double)neuron_onnx_read_whole(constant, index);
    }
}

bool
neuron_onnx_write_whole(const struct neuron_onnx_constant *constant, size_t index, int64_t number)
{
    switch ((int)constant->shape.type) {
    case NEURON_INT64:
        ((int64_t *)constant->bytes)[index] = number;
        return true;
    case NEURON_INT32:
        ((int32_t *)constant->bytes)[index] = (int32_t)number;
        return number >= INT32_MIN && number <= INT32_MAX;
    case NEURON_INT8:
        ((int8_t *)constant->bytes)[index] = (int8_t)number;
        return number >= INT8_MIN && number <= INT8_MAX;
    case NEURON_UINT8:
        ((uint8_t *)constant->bytes)[index] = (uint8_t)number;
        return number >= 0 && number <= UINT8_MAX;
    case NEURON_BOOL:
        ((uint8_t *)constant->bytes)[index] = number != 0 ? 1 : 0;
        return true;
    default:
        return neuron_onnx_write_real(constant, index, (double)number);
    }
}

bool
neuron_onnx_write_real(const struct neuron_onnx_constant *constant, size_t index, double number)
{
    switch ((int)constant->shape.type) {
    case NEURON_FLOAT64:
        ((double *)constant->bytes)[index] = number;
        return true;
    case NEURON_FLOAT32:
        ((float *)constant->bytes)[index] = (float)number;
        return true;
    case NEURON_FLOAT16:
    case NEURON_BFLOAT16:
        return false; /* read only: nothing that a float32 network needs writes them */
    case NEURON_BOOL:
        return neuron_onnx_write_whole(constant, index, number != 0.0 ? 1 : 0);
    default:
        /* Written so that what is no number fails, too. */
        return number > -9.2e18 && number < 9.2e18 &&
               neuron_onnx_write_whole(constant, index, (int64_t)number);
    }
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
