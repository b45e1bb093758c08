/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move elements without changing them. */
#include "frontend/onnx/translate.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_move.h"

/* Gives the first input a new shape; one dimension may be -1: what is left over. */
static enum neuron_status
give_shape(struct neuron_onnx_call *call, const struct neuron_tensor_shape *shape,
           struct neuron_onnx_result *result)
{
    result->traced =
        neuron_reshape(call->trace, neuron_onnx_call_value(call, 0), shape->dims, shape->rank);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_reshape(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    const struct neuron_onnx_constant *wanted = neuron_onnx_call_known(call, 1);
    struct neuron_tensor_shape shape = {.type = input->type};
    int64_t allows_zero = 0;

    if (wanted == NULL) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the new shape");
    }
    enum neuron_status status =
        neuron_onnx_constant_list(wanted, shape.dims, &shape.rank, call->error);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "allowzero", &allows_zero, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < shape.rank && allows_zero == 0; i += 1) {
        if (shape.dims[i] == 0 && i >= input->rank) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                               "dimension %u of the new shape is to be kept, and there is none", i);
        }
        shape.dims[i] = shape.dims[i] == 0 ? input->dims[i] : shape.dims[i];
    }
    return give_shape(call, &shape, result);
}

enum neuron_status
neuron_onnx_translate_flatten(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    struct neuron_tensor_shape shape = {.type = input->type, .rank = 2, .dims = {1, 1}};
    int64_t axis = 1;

    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "axis", &axis, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    axis += axis < 0 ? (int64_t)input->rank : 0;
    if (axis < 0 || axis > (int64_t)input->rank) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "there is no such axis in %u dimensions", input->rank);
    }
    for (uint32_t i = 0; i < input->rank; i += 1) {
        int64_t *side = &shape.dims[i < axis ? 0 : 1];

        if (__builtin_mul_overflow(*side, input->dims[i], side)) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "the result is too large");
        }
    }
    return give_shape(call, &shape, result);
}

enum neuron_status
neuron_onnx_translate_squeeze(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    struct neuron_tensor_shape shape = {.type = input->type};
    struct neuron_onnx_axes axes = {0};

    enum neuron_status status = neuron_onnx_call_axes(call, 1, input->rank, &axes);
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < input->rank; i += 1) {
        if (axes.has[i] && input->dims[i] != 1) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                               "dimension %u is not 1 and cannot be taken away", i);
        }
        if (axes.is_given ? !axes.has[i] : input->dims[i] != 1) {
            shape.dims[shape.rank] = input->dims[i];
            shape.rank += 1;
        }
    }
    return give_shape(call, &shape, result);
}

enum neuron_status
neuron_onnx_translate_unsqueeze(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    struct neuron_tensor_shape shape = {.type = input->type};
    struct neuron_onnx_axes axes = {0};
    uint32_t next = 0;

    /* The axes are those of the result, whose rank is known from their count only. */
    enum neuron_status status = neuron_onnx_call_axes_grown(call, 1, input->rank, &axes);
    if (status != NEURON_OK) {
        return status;
    }
    shape.rank = input->rank + axes.count;
    for (uint32_t i = 0; i < shape.rank; i += 1) {
        shape.dims[i] = axes.has[i] ? 1 : input->dims[next];
        next += axes.has[i] ? 0 : 1;
    }
    return give_shape(call, &shape, result);
}

enum neuron_status
neuron_onnx_translate_transpose(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    uint32_t rank = neuron_onnx_call_shape(call, 0)->rank;
    int64_t given[NEURON_RANK_LIMIT] = {0};
    uint32_t order[NEURON_RANK_LIMIT] = {0};
    uint32_t count = UINT32_MAX;

    enum neuron_status status =
        neuron_onnx_attribute_list(call->node, "perm", given, &count, call->error);
    if (status == NEURON_OK && count != UINT32_MAX && count != rank) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "perm names %u of %u dimensions",
                           count, rank);
    }
    for (uint32_t i = 0; i < rank; i += 1) {
        bool is_small = given[i] >= 0 && given[i] < NEURON_RANK_LIMIT;

        order[i] = is_small ? (uint32_t)given[i] : NEURON_RANK_LIMIT; /* the latter is refused */
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_transpose(call->trace, neuron_onnx_call_value(call, 0),
                                      count == UINT32_MAX ? NULL : order);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_concat(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_value *values = calloc((size_t)call->input_count + 1, sizeof(*values));
    uint32_t axis = 0;

    if (values == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    enum neuron_status status =
        neuron_onnx_call_axis(call, 0, neuron_onnx_call_shape(call, 0)->rank, &axis);
    for (uint32_t i = 0; i < call->input_count; i += 1) {
        values[i] = neuron_onnx_call_value(call, i);
    }
    if (status == NEURON_OK) {
        result->traced = neuron_concat(call->trace, values, call->input_count, (int32_t)axis);
        status = neuron_onnx_call_status(call);
    }
    free(values);
    return status;
}

enum neuron_status
neuron_onnx_translate_identity(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    result->same = call->inputs[0];
    return NEURON_OK;
}

/* What a dropout keeps in inference: everything. */
static struct neuron_value
record_full_mask(const struct neuron_onnx_call *call)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, 0);
    struct neuron_value one =
        neuron_cast(call->trace, neuron_scalar(call->trace, 1.0F), NEURON_BOOL);

    return neuron_expand(call->trace, one, shape->dims, shape->rank);
}

enum neuron_status
neuron_onnx_translate_dropout(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *mode = neuron_onnx_call_known(call, 2);

    if (neuron_onnx_call_has(call, 2) && (mode == NULL || neuron_onnx_constant_count(mode) != 1 ||
                                          neuron_onnx_read_whole(mode, 0) != 0)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "it is in training mode; export the model for inference");
    }
    result->same = call->inputs[0];
    if (call->node->n_outputs > 1 && call->node->outputs[1][0] != '\0') {
        result->more[0] = record_full_mask(call);
    }
    return neuron_onnx_call_status(call);
}
