/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace_move.h"

#include <string.h>

#include "frontend/trace_axis.h"
#include "frontend/trace_body.h"
#include "graph/operator.h"

/* An end of a slice, counted from the front and brought into the dimension. */
static int64_t
clamp(int64_t position, int64_t dim, int64_t least, int64_t most)
{
    int64_t front = position < 0 ? position + dim : position;

    if (front < least) {
        return least;
    }
    return front > most ? most : front;
}

/* Brings a cut into its dimension. */
static void
settle_cut(const struct neuron_slice_cut *cut, uint32_t axis, int64_t dim,
           struct neuron_attributes *attributes)
{
    bool is_backward = cut->step < 0;
    int64_t start = clamp(cut->start, dim, 0, is_backward ? dim - 1 : dim);
    int64_t end = clamp(cut->end, dim, is_backward ? -1 : 0, is_backward ? dim - 1 : dim);
    int64_t distance = is_backward ? start - end : end - start;
    /* The smallest number has no opposite. */
    int64_t step = cut->step == INT64_MIN ? -INT64_MAX : cut->step;
    int64_t pace = is_backward ? -step : step;

    attributes->starts[axis] = start;
    attributes->steps[axis] = step;
    attributes->dims[axis] = distance > 0 && pace > 0 ? (distance - 1) / pace + 1 : 0;
}

/* Says whether a slice is all of its input. */
static bool
is_whole(const struct neuron_attributes *attributes, const struct neuron_tensor_shape *shape)
{
    for (uint32_t i = 0; i < shape->rank; i += 1) {
        if (attributes->starts[i] != 0 || attributes->steps[i] != 1 ||
            attributes->dims[i] != shape->dims[i]) {
            return false;
        }
    }
    return true;
}

struct neuron_value
neuron_slice(struct neuron_trace *trace, struct neuron_value input,
             const struct neuron_slice_cut *cuts, uint32_t cut_count)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    struct neuron_attributes attributes = {0};
    uint32_t seen = 0;

    for (uint32_t i = 0; i < shape.rank; i += 1) {
        attributes.steps[i] = 1;
        attributes.dims[i] = shape.dims[i];
    }
    for (uint32_t i = 0; trace->status == NEURON_OK && i < cut_count; i += 1) {
        uint32_t axis = neuron_trace_axis_index(trace, input, cuts[i].axis);

        if (axis >= shape.rank || (seen & 1U << axis) != 0 || cuts[i].step == 0) {
            return neuron_trace_refuse(trace, "slice", input,
                                       "an axis is not there or named twice, or a step is 0");
        }
        seen |= 1U << axis;
        settle_cut(&cuts[i], axis, shape.dims[axis], &attributes);
    }
    if (trace->status == NEURON_OK && input.id != 0 && is_whole(&attributes, &shape)) {
        return input;
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_SLICE, &attributes, &input, 1);
}

/* Says whether parts add up to a dimension. */
static bool
adds_up(const int64_t *sizes, uint32_t part_count, int64_t dim)
{
    int64_t left = dim;

    for (uint32_t i = 0; i < part_count; i += 1) {
        if (sizes[i] < 0 || sizes[i] > left) {
            return false;
        }
        left -= sizes[i];
    }
    return left == 0;
}

void
neuron_split(struct neuron_trace *trace, struct neuron_value input, int32_t axis,
             const int64_t *sizes, uint32_t part_count, struct neuron_value *parts)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    uint32_t front = neuron_trace_axis_index(trace, input, axis);
    struct neuron_slice_cut cut = {.axis = axis, .step = 1};

    if (trace->status == NEURON_OK &&
        (front >= shape.rank || !adds_up(sizes, part_count, shape.dims[front]))) {
        (void)neuron_trace_refuse(trace, "split", input,
                                  "there is no such axis, or its parts do not add up to it");
    }
    for (uint32_t i = 0; i < part_count; i += 1) {
        cut.end = cut.start + (trace->status == NEURON_OK ? sizes[i] : 0);
        parts[i] = neuron_slice(trace, input, &cut, 1);
        cut.start = cut.end;
    }
}

struct neuron_value
neuron_expand(struct neuron_trace *trace, struct neuron_value input, const int64_t *dims,
              uint32_t rank)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    struct neuron_attributes attributes = {.rank = rank};

    if (rank <= NEURON_RANK_LIMIT && rank > 0) {
        memcpy(attributes.dims, dims, rank * sizeof(*dims));
    }
    if (trace->status == NEURON_OK && input.id != 0 && rank == shape.rank &&
        memcmp(attributes.dims, shape.dims, sizeof(shape.dims)) == 0) {
        return input;
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_EXPAND, &attributes, &input, 1);
}

struct neuron_value
neuron_tile(struct neuron_trace *trace, struct neuron_value input, const int64_t *times)
{
    struct neuron_attributes attributes = {.rank = neuron_value_shape(trace, input).rank};

    if (attributes.rank > 0) {
        memcpy(attributes.dims, times, attributes.rank * sizeof(*times));
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_TILE, &attributes, &input, 1);
}

struct neuron_value
neuron_pad(struct neuron_trace *trace, struct neuron_value input, struct neuron_value constant,
           const struct neuron_pad_options *options)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    struct neuron_attributes attributes = {.mode = (uint32_t)options->mode};
    const struct neuron_value inputs[2] = {input, constant};

    for (uint32_t i = 0; i < shape.rank; i += 1) {
        attributes.starts[i] = options->before[i];
        if (__builtin_add_overflow(shape.dims[i], options->before[i], &attributes.dims[i]) ||
            __builtin_add_overflow(attributes.dims[i], options->after[i], &attributes.dims[i])) {
            return neuron_trace_refuse(trace, "pad", input, "the result is too large");
        }
    }
    return neuron_trace_record(trace, NEURON_OPERATOR_PAD, &attributes, inputs,
                               constant.id == 0 ? 1 : 2);
}

static struct neuron_value
record_triangle(struct neuron_trace *trace, struct neuron_value input, bool is_upper,
                int64_t diagonal)
{
    const struct neuron_attributes attributes = {.mode = is_upper ? 1 : 0, .starts = {diagonal}};

    return neuron_trace_record(trace, NEURON_OPERATOR_TRILU, &attributes, &input, 1);
}

struct neuron_value
neuron_tril(struct neuron_trace *trace, struct neuron_value input, int64_t diagonal)
{
    return record_triangle(trace, input, false, diagonal);
}

struct neuron_value
neuron_triu(struct neuron_trace *trace, struct neuron_value input, int64_t diagonal)
{
    return record_triangle(trace, input, true, diagonal);
}

struct neuron_value
neuron_reverse_sequence(struct neuron_trace *trace, struct neuron_value input,
                        struct neuron_value lengths, int32_t time_axis, int32_t batch_axis)
{
    const struct neuron_attributes attributes = {
        .axis = neuron_trace_axis(trace, input, time_axis),
        .starts = {neuron_trace_axis(trace, input, batch_axis)}};
    const struct neuron_value inputs[2] = {input, lengths};

    return neuron_trace_record(trace, NEURON_OPERATOR_REVERSE_SEQUENCE, &attributes, inputs, 2);
}

struct neuron_value
neuron_depth_to_space(struct neuron_trace *trace, struct neuron_value input, int64_t block,
                      enum neuron_depth_mode mode)
{
    static const uint32_t orders[2][6] = {{0, 3, 4, 1, 5, 2}, {0, 1, 4, 2, 5, 3}};
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    int64_t area = 0;

    if (shape.rank != 4 || block < 1 || __builtin_mul_overflow(block, block, &area) ||
        shape.dims[1] % area != 0) {
        return neuron_trace_refuse(trace, "depth_to_space", input,
                                   "is not [N,C,H,W] with channels for whole blocks");
    }
    int64_t depth = shape.dims[1] / area;
    bool is_block_first = mode == NEURON_DEPTH_BLOCK_FIRST;
    const int64_t split[6] = {shape.dims[0], is_block_first ? block : depth,
                              block,         is_block_first ? depth : block,
                              shape.dims[2], shape.dims[3]};
    struct neuron_value parts = neuron_reshape(trace, input, split, 6);
    struct neuron_value moved = neuron_transpose(trace, parts, orders[is_block_first ? 0 : 1]);
    struct neuron_tensor_shape wide = neuron_value_shape(trace, moved);
    /* The reshape was not refused, so that these products fit. */
    const int64_t joined[4] = {wide.dims[0], wide.dims[1], wide.dims[2] * wide.dims[3],
                               wide.dims[4] * wide.dims[5]};
    return neuron_reshape(trace, moved, joined, 4);
}

struct neuron_value
neuron_space_to_depth(struct neuron_trace *trace, struct neuron_value input, int64_t block)
{
    static const uint32_t order[6] = {0, 3, 5, 1, 2, 4};
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);

    if (shape.rank != 4 || block < 1 || shape.dims[2] % block != 0 || shape.dims[3] % block != 0) {
        return neuron_trace_refuse(trace, "space_to_depth", input,
                                   "is not [N,C,H,W] of whole blocks");
    }
    const int64_t split[6] = {shape.dims[0], shape.dims[1],         shape.dims[2] / block,
                              block,         shape.dims[3] / block, block};
    struct neuron_value moved =
        neuron_transpose(trace, neuron_reshape(trace, input, split, 6), order);
    struct neuron_tensor_shape deep = neuron_value_shape(trace, moved);
    const int64_t joined[4] = {deep.dims[0], deep.dims[1] * deep.dims[2] * deep.dims[3],
                               deep.dims[4], deep.dims[5]};
    return neuron_reshape(trace, moved, joined, 4);
}
