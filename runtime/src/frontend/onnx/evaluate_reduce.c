/* SPDX-License-Identifier: Apache-2.0 */
/* Sums, products, least and largest elements of constants along axes. */
#include "frontend/onnx/evaluate.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/strided_copy.h"

/* Takes one more element into a total. Returns false for overflow. */
static bool
accumulate(const char *name, int64_t element, int64_t *total)
{
    if (strcmp(name, "ReduceSum") == 0) {
        return !__builtin_add_overflow(*total, element, total);
    }
    if (strcmp(name, "ReduceProd") == 0) {
        return !__builtin_mul_overflow(*total, element, total);
    }
    bool is_better = strcmp(name, "ReduceMin") == 0 ? element < *total : element > *total;
    *total = is_better ? element : *total;
    return true;
}

/* Walks over the elements, each of which goes into the total that `walk` stands at. */
static enum neuron_status
reduce(const struct neuron_onnx_call *call, const struct neuron_onnx_constant *from,
       struct neuron_strided_walk *walk, const struct neuron_onnx_constant *to, bool *is_begun)
{
    for (size_t i = 0; i < neuron_onnx_constant_count(from); i += 1) {
        size_t place = (size_t)walk->position;
        int64_t element = neuron_onnx_read_whole(from, i);
        int64_t total = is_begun[place] ? neuron_onnx_read_whole(to, place) : element;

        if ((is_begun[place] && !accumulate(call->node->operator_type, element, &total)) ||
            !neuron_onnx_write_whole(to, place, total)) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL, "a total overflows its type");
        }
        is_begun[place] = true;
        neuron_strided_walk_next(walk);
    }
    return NEURON_OK;
}

/* Drops the dimensions that were reduced to 1. */
static void
drop_axes(struct neuron_tensor_shape *shape, const struct neuron_onnx_axes *axes)
{
    struct neuron_tensor_shape kept = {.type = shape->type};

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        if (axes->count != 0 && !axes->has[i]) {
            kept.dims[kept.rank] = shape->dims[i];
            kept.rank += 1;
        }
    }
    *shape = kept;
}

enum neuron_status
neuron_onnx_evaluate_reduce(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    struct neuron_tensor_shape reduced = from->shape;
    struct neuron_strided_walk walk = {0};
    struct neuron_onnx_axes axes = {0};
    int64_t keeps_dims = 1;
    int64_t does_nothing = 0; /* where no axes are given: else all are meant */

    enum neuron_status status = neuron_onnx_call_axes(call, 1, from->shape.rank, &axes);
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "keepdims", &keeps_dims, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "noop_with_empty_axes", &does_nothing,
                                               call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (does_nothing != 0 && axes.count == 0) {
        result->same = call->inputs[0];
        return NEURON_OK;
    }
    if (neuron_onnx_type_is_real(from->shape.type) || neuron_onnx_constant_count(from) == 0) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "only integers, at least one, are reduced");
    }
    for (uint32_t i = 0; i < reduced.rank; i += 1) {
        reduced.dims[i] = axes.count == 0 || axes.has[i] ? 1 : reduced.dims[i];
    }
    neuron_strided_walk_broadcast(&walk, &reduced, &from->shape);
    status = neuron_onnx_constant_allocate(&reduced, &result->constant, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    bool *is_begun = calloc(neuron_onnx_constant_count(&result->constant) + 1, sizeof(*is_begun));
    if (is_begun == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    status = reduce(call, from, &walk, &result->constant, is_begun);
    free(is_begun);
    if (keeps_dims == 0) {
        drop_axes(&result->constant.shape, &axes);
    }
    return status;
}
