/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that choose, join and repeat elements. */
#include "frontend/onnx/evaluate.h"

#include <inttypes.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "frontend/onnx/strided_copy.h"

/* Allocates the walk's result and copies it. */
static enum neuron_status
finish_walk(const struct neuron_onnx_call *call, const struct neuron_onnx_constant *from,
            struct neuron_strided_walk *walk, struct neuron_onnx_constant *result)
{
    enum neuron_status status = neuron_onnx_constant_allocate(&walk->shape, result, call->error);

    if (status == NEURON_OK) {
        neuron_strided_copy(walk, from->bytes, result->bytes, neuron_onnx_constant_count(result));
    }
    return status;
}

/* Multiplies up dimensions `from` to before `to`; what is valid does not overflow. */
static size_t
multiply_dims(const struct neuron_tensor_shape *shape, uint32_t from, uint32_t to)
{
    size_t product = 1;

    for (uint32_t i = from; i < to; i += 1) {
        product *= (size_t)shape->dims[i];
    }
    return product;
}

/* Brings an index to the front. Returns false for one that is outside. */
static bool
settle_index(int64_t extent, int64_t *index)
{
    if (*index < -extent || *index >= extent) {
        return false;
    }
    *index += *index < 0 ? extent : 0;
    return true;
}

/* Copies the slices that the indices name, out of each block of dimensions before the axis. */
static enum neuron_status
gather_slices(const struct neuron_onnx_constant *from, const struct neuron_onnx_constant *indices,
              uint32_t axis, const struct neuron_onnx_constant *to, struct neuron_error *error)
{
    size_t slice_bytes = multiply_dims(&from->shape, axis + 1, from->shape.rank) *
                         neuron_type_size_bytes(from->shape.type);
    size_t index_count = neuron_onnx_constant_count(indices);
    size_t copies = multiply_dims(&from->shape, 0, axis) * index_count;
    int64_t extent = from->shape.dims[axis];
    unsigned char *next = to->bytes;

    for (size_t i = 0; i < copies; i += 1) {
        int64_t index = neuron_onnx_read_whole(indices, i % index_count);

        if (!settle_index(extent, &index)) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "index %" PRId64 " is outside of %" PRId64 " elements", index,
                               extent);
        }
        size_t slice = i / index_count * (size_t)extent + (size_t)index;
        memcpy(next, (const unsigned char *)from->bytes + slice * slice_bytes, slice_bytes);
        next += slice_bytes;
    }
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_evaluate_gather(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    const struct neuron_onnx_constant *indices = neuron_onnx_call_known(call, 1);
    struct neuron_tensor_shape shape = {.type = from->shape.type};
    uint32_t axis = 0;

    enum neuron_status status = neuron_onnx_call_axis(call, 0, from->shape.rank, &axis);
    if (status != NEURON_OK) {
        return status;
    }
    shape.rank = from->shape.rank - 1 + indices->shape.rank;
    if (shape.rank > NEURON_RANK_LIMIT || neuron_onnx_type_is_real(indices->shape.type)) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the indices are no integers, or the result has %u dimensions",
                           shape.rank);
    }
    for (uint32_t i = 0; i < shape.rank; i += 1) {
        uint32_t behind = i < axis + indices->shape.rank ? 0 : i - indices->shape.rank + 1;

        shape.dims[i] = i < axis      ? from->shape.dims[i]
                        : behind == 0 ? indices->shape.dims[i - axis]
                                      : from->shape.dims[behind];
    }
    status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    if (status == NEURON_OK && neuron_onnx_constant_count(&result->constant) > 0) {
        status = gather_slices(from, indices, axis, &result->constant, call->error);
    }
    return status;
}

/* Finds the shape of the joined inputs. */
static enum neuron_status
join_shapes(const struct neuron_onnx_call *call, uint32_t axis, struct neuron_tensor_shape *shape)
{
    *shape = *neuron_onnx_call_shape(call, 0);
    for (uint32_t i = 1; i < call->input_count; i += 1) {
        const struct neuron_tensor_shape *other = neuron_onnx_call_shape(call, i);
        bool fits = other->type == shape->type && other->rank == shape->rank;

        for (uint32_t j = 0; fits && j < shape->rank; j += 1) {
            fits = j == axis || other->dims[j] == shape->dims[j];
        }
        if (!fits ||
            __builtin_add_overflow(shape->dims[axis], other->dims[axis], &shape->dims[axis])) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                               "input %u does not join the ones before it", i);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_evaluate_concat(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_tensor_shape shape = {0};
    uint32_t axis = 0;

    enum neuron_status status =
        neuron_onnx_call_axis(call, 0, neuron_onnx_call_shape(call, 0)->rank, &axis);
    if (status == NEURON_OK) {
        status = join_shapes(call, axis, &shape);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    unsigned char *next = result->constant.bytes;
    size_t blocks =
        neuron_onnx_constant_count(&result->constant) == 0 ? 0 : multiply_dims(&shape, 0, axis);
    for (size_t block = 0; block < blocks; block += 1) {
        for (uint32_t i = 0; i < call->input_count; i += 1) {
            const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, i);
            size_t part_bytes =
                multiply_dims(&from->shape, axis, shape.rank) * neuron_type_size_bytes(shape.type);

            memcpy(next, (const unsigned char *)from->bytes + block * part_bytes, part_bytes);
            next += part_bytes;
        }
    }
    return NEURON_OK;
}

/* What a slice takes of one dimension. */
struct cut {
    int64_t start;
    int64_t end;
    int64_t step;
};

/* Brings an index into the range that a slice can name. */
static int64_t
clamp_index(int64_t index, int64_t extent, int64_t least, int64_t most)
{
    int64_t front = index < 0 ? index + extent : index;

    if (front < least) {
        return least;
    }
    return front > most ? most : front;
}

/* Narrows one dimension of a walk. */
static enum neuron_status
apply_cut(struct neuron_strided_walk *walk, uint32_t axis, struct cut cut,
          struct neuron_error *error)
{
    int64_t extent = walk->shape.dims[axis];
    bool is_forward = cut.step > 0;

    if (cut.step == 0 || cut.step < -INT64_MAX) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL, "a step is 0, or out of range");
    }
    int64_t start = is_forward ? clamp_index(cut.start, extent, 0, extent)
                               : clamp_index(cut.start, extent, -1, extent - 1);
    int64_t end = is_forward ? clamp_index(cut.end, extent, 0, extent)
                             : clamp_index(cut.end, extent, -1, extent - 1);
    int64_t distance = is_forward ? end - start : start - end;
    int64_t pace = is_forward ? cut.step : -cut.step;

    walk->shape.dims[axis] = distance <= 0 ? 0 : (distance - 1) / pace + 1;
    /* A step beyond the extent takes one element, so that the stride is never walked. */
    walk->position += distance <= 0 ? 0 : start * walk->strides[axis];
    walk->strides[axis] *= walk->shape.dims[axis] > 1 ? cut.step : 0;
    return NEURON_OK;
}

/* Reads starts, ends, steps or axes from an input or, in old files, an attribute. */
static enum neuron_status
read_slice_list(const struct neuron_onnx_call *call, uint32_t input, const char *name,
                int64_t *numbers, uint32_t *count)
{
    if (call->opset < 10) {
        return neuron_onnx_attribute_list(call->node, name, numbers, count, call->error);
    }
    if (!neuron_onnx_call_has(call, input)) {
        return NEURON_OK;
    }
    return neuron_onnx_constant_list(neuron_onnx_call_known(call, input), numbers, count,
                                     call->error);
}

enum neuron_status
neuron_onnx_evaluate_slice(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    struct neuron_strided_walk walk = {.shape = from->shape};
    struct neuron_onnx_axes axes = {0};
    int64_t lists[3][NEURON_RANK_LIMIT] = {{0}}; /* starts, ends, steps */
    uint32_t counts[3] = {0};

    enum neuron_status status = read_slice_list(call, 1, "starts", lists[0], &counts[0]);
    if (status == NEURON_OK) {
        status = read_slice_list(call, 2, "ends", lists[1], &counts[1]);
    }
    if (status == NEURON_OK) {
        status = read_slice_list(call, 4, "steps", lists[2], &counts[2]);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_call_axes(call, 3, from->shape.rank, &axes);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (counts[0] != counts[1] || (counts[2] != 0 && counts[2] != counts[0]) ||
        (axes.is_given ? axes.count != counts[0] : counts[0] > from->shape.rank)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "starts, ends, axes and steps are not equally many");
    }
    neuron_strides_of(&from->shape, walk.strides);
    for (uint32_t i = 0; status == NEURON_OK && i < counts[0]; i += 1) {
        const struct cut cut = {lists[0][i], lists[1][i], counts[2] == 0 ? 1 : lists[2][i]};

        status = apply_cut(&walk, axes.is_given ? (uint32_t)axes.list[i] : i, cut, call->error);
    }
    return status == NEURON_OK ? finish_walk(call, from, &walk, &result->constant) : status;
}

enum neuron_status
neuron_onnx_evaluate_transpose(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    uint32_t rank = from->shape.rank;
    struct neuron_strided_walk walk = {.shape = from->shape};
    int64_t order[NEURON_RANK_LIMIT] = {0};
    int64_t dense[NEURON_RANK_LIMIT] = {0};
    uint32_t count = rank;
    uint32_t seen = 0;

    for (uint32_t i = 0; i < rank; i += 1) {
        order[i] = rank - 1 - i;
    }
    enum neuron_status status =
        neuron_onnx_attribute_list(call->node, "perm", order, &count, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    neuron_strides_of(&from->shape, dense);
    for (uint32_t i = 0; i < rank && count == rank; i += 1) {
        if (order[i] < 0 || order[i] >= rank || (seen & (1U << order[i])) != 0) {
            break;
        }
        seen |= 1U << order[i];
        walk.shape.dims[i] = from->shape.dims[order[i]];
        walk.strides[i] = dense[order[i]];
    }
    if (seen != (1U << rank) - 1) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "perm does not name each dimension once");
    }
    return finish_walk(call, from, &walk, &result->constant);
}

enum neuron_status
neuron_onnx_evaluate_expand(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    struct neuron_tensor_shape wanted = {.type = from->shape.type};
    struct neuron_tensor_shape shape = {.type = from->shape.type};
    struct neuron_strided_walk walk = {0};

    enum neuron_status status = neuron_onnx_constant_list(neuron_onnx_call_known(call, 1),
                                                          wanted.dims, &wanted.rank, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    if (!neuron_broadcast_shapes(&from->shape, &wanted, &shape)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "the shapes do not broadcast");
    }
    neuron_strided_walk_broadcast(&walk, &from->shape, &shape);
    return finish_walk(call, from, &walk, &result->constant);
}

/* Multiplies dimensions. Returns false where they do not fit. */
static bool
repeat_shape(const int64_t *repeats, uint32_t count, struct neuron_tensor_shape *shape)
{
    bool fits = count == shape->rank;

    for (uint32_t i = 0; fits && i < count; i += 1) {
        fits =
            repeats[i] >= 0 && !__builtin_mul_overflow(shape->dims[i], repeats[i], &shape->dims[i]);
    }
    return fits;
}

/* Copies all elements of a result that repeats `from`. */
static void
copy_tiles(const struct neuron_onnx_constant *from, const struct neuron_onnx_constant *to)
{
    size_t element_bytes = neuron_type_size_bytes(to->shape.type);
    struct neuron_strided_walk walk = {.shape = to->shape};
    int64_t dense[NEURON_RANK_LIMIT] = {0};

    neuron_strides_of(&from->shape, dense);
    for (size_t i = 0; i < neuron_onnx_constant_count(to); i += 1) {
        int64_t position = 0;

        for (uint32_t j = 0; j < to->shape.rank; j += 1) {
            position += walk.index[j] % from->shape.dims[j] * dense[j];
        }
        memcpy((unsigned char *)to->bytes + i * element_bytes,
               (const unsigned char *)from->bytes + (size_t)position * element_bytes,
               element_bytes);
        neuron_strided_walk_next(&walk);
    }
}

enum neuron_status
neuron_onnx_evaluate_tile(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_onnx_constant *from = neuron_onnx_call_known(call, 0);
    struct neuron_tensor_shape shape = from->shape;
    int64_t repeats[NEURON_RANK_LIMIT] = {0};
    uint32_t count = 0;

    enum neuron_status status =
        neuron_onnx_constant_list(neuron_onnx_call_known(call, 1), repeats, &count, call->error);
    if (status != NEURON_OK) {
        return status;
    }
    if (!repeat_shape(repeats, count, &shape)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the repeats do not fit the dimensions");
    }
    status = neuron_onnx_constant_allocate(&shape, &result->constant, call->error);
    if (status == NEURON_OK) {
        copy_tiles(from, &result->constant);
    }
    return status;
}
