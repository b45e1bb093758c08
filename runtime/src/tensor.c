/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/tensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is known of each type, by its code. */
static const struct {
    const char *name;
    size_t size_bytes;
} types[] = {
    [NEURON_NO_TYPE] = {"no type", 0}, [NEURON_FLOAT32] = {"float32", 4},
    [NEURON_FLOAT64] = {"float64", 8}, [NEURON_BFLOAT16] = {"bfloat16", 2},
    [NEURON_FLOAT16] = {"float16", 2}, [NEURON_INT8] = {"int8", 1},
    [NEURON_UINT8] = {"uint8", 1},     [NEURON_INT32] = {"int32", 4},
    [NEURON_INT64] = {"int64", 8},     [NEURON_BOOL] = {"bool", 1},
};

static bool
is_type(enum neuron_type type)
{
    return (size_t)type < sizeof(types) / sizeof(types[0]);
}

size_t
neuron_type_size_bytes(enum neuron_type type)
{
    return is_type(type) ? types[type].size_bytes : 0;
}

const char *
neuron_type_name(enum neuron_type type)
{
    return is_type(type) ? types[type].name : "unknown type";
}

bool
neuron_tensor_shape_element_count(const struct neuron_tensor_shape *shape, size_t *count)
{
    size_t elements = 1;
    size_t bytes = 0;
    bool is_empty = false;

    if (shape->rank > NEURON_RANK_LIMIT) {
        return false;
    }
    for (uint32_t i = 0; i < shape->rank; i += 1) {
        if (shape->dims[i] < 0) {
            return false;
        }
        if (shape->dims[i] == 0) {
            is_empty = true;
        } else if (__builtin_mul_overflow(elements, (size_t)shape->dims[i], &elements)) {
            return false;
        }
    }
    if (__builtin_mul_overflow(elements, neuron_type_size_bytes(shape->type), &bytes)) {
        return false;
    }
    *count = is_empty ? 0 : elements;
    return true;
}

size_t
neuron_tensor_shape_size_bytes(const struct neuron_tensor_shape *shape)
{
    size_t count = 0;

    if (!neuron_tensor_shape_element_count(shape, &count)) {
        return 0;
    }
    return count * neuron_type_size_bytes(shape->type);
}

bool
neuron_tensor_shape_equals(const struct neuron_tensor_shape *left,
                           const struct neuron_tensor_shape *right)
{
    if (left->type != right->type || left->rank != right->rank || left->rank > NEURON_RANK_LIMIT) {
        return false;
    }
    return memcmp(left->dims, right->dims, left->rank * sizeof(left->dims[0])) == 0;
}

const char *
neuron_tensor_shape_format(const struct neuron_tensor_shape *shape, char *text, size_t size_bytes)
{
    uint32_t rank = shape->rank > NEURON_RANK_LIMIT ? NEURON_RANK_LIMIT : shape->rank;
    char whole[32 + NEURON_RANK_LIMIT * 22] = "";
    int length = snprintf(whole, sizeof(whole), "%s[", neuron_type_name(shape->type));

    for (uint32_t i = 0; i < rank; i += 1) {
        length += snprintf(whole + length, sizeof(whole) - (size_t)length, "%s%" PRId64,
                           i == 0 ? "" : ",", shape->dims[i]);
    }
    (void)snprintf(whole + length, sizeof(whole) - (size_t)length, "]");
    (void)snprintf(text, size_bytes, "%s", whole);
    return text;
}

struct neuron_tensor_shape
neuron_tensor_view_shape(const struct neuron_tensor_view *view)
{
    struct neuron_tensor_shape shape = {.type = view->type, .rank = view->rank};

    memcpy(shape.dims, view->shape, sizeof(shape.dims));
    return shape;
}

struct neuron_tensor_view
neuron_tensor_view_of(const struct neuron_tensor_shape *shape, void *data)
{
    struct neuron_tensor_view view = {.type = shape->type, .rank = shape->rank, .data = data};

    memcpy(view.shape, shape->dims, sizeof(view.shape));
    return view;
}
