/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that choose, repeat or rearrange elements by what is known at import. */
#include "frontend/onnx/translate.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "graph/infer.h"
#include "neuron/trace_move.h"

/*
 * Reads a list of integers from an input, or where the node does not have it from an attribute.
 * `count` stays where both are left out.
 */
static enum neuron_status
read_list(const struct neuron_onnx_call *call, uint32_t input, const char *attribute,
          int64_t *numbers, uint32_t *count)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

    if (!neuron_onnx_call_has(call, input)) {
        return neuron_onnx_attribute_list(call->node, attribute, numbers, count, call->error);
    }
    return known == NULL ? neuron_onnx_call_refuse_unknown(call, input, attribute)
                         : neuron_onnx_constant_list(known, numbers, count, call->error);
}

/* Reads one whole number from an input that must be known. */
static enum neuron_status
read_number(const struct neuron_onnx_call *call, uint32_t input, const char *what, int64_t *number)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

    if (known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, input, what);
    }
    if (neuron_onnx_constant_count(known) != 1) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "%s is not one number", what);
    }
    *number = neuron_onnx_read_whole(known, 0);
    return NEURON_OK;
}

/* The lists of a slice. */
struct slice_lists {
    int64_t starts[NEURON_RANK_LIMIT];
    int64_t ends[NEURON_RANK_LIMIT];
    int64_t axes[NEURON_RANK_LIMIT];
    int64_t steps[NEURON_RANK_LIMIT];
    uint32_t count;
};

static enum neuron_status
read_slice(const struct neuron_onnx_call *call, struct slice_lists *lists)
{
    uint32_t counts[4] = {0, 0, UINT32_MAX, UINT32_MAX};
    enum neuron_status status = read_list(call, 1, "starts", lists->starts, &counts[0]);

    if (status == NEURON_OK) {
        status = read_list(call, 2, "ends", lists->ends, &counts[1]);
    }
    if (status == NEURON_OK) {
        status = read_list(call, 3, "axes", lists->axes, &counts[2]);
    }
    if (status == NEURON_OK) {
        status = read_list(call, 4, "steps", lists->steps, &counts[3]);
    }
    lists->count = counts[0];
    for (uint32_t i = 0; status == NEURON_OK && i < 4; i += 1) {
        bool is_left_out = i >= 2 && counts[i] == UINT32_MAX;

        if (!is_left_out && counts[i] != lists->count) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                               "starts, ends, axes and steps are not equally many");
        }
    }
    for (uint32_t i = 0; i < lists->count; i += 1) {
        lists->axes[i] = counts[2] == UINT32_MAX ? (int64_t)i : lists->axes[i];
        lists->steps[i] = counts[3] == UINT32_MAX ? 1 : lists->steps[i];
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_slice(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct slice_lists lists = {.count = 0};
    struct neuron_slice_cut cuts[NEURON_RANK_LIMIT] = {{0}};
    enum neuron_status status = read_slice(call, &lists);

    for (uint32_t i = 0; status == NEURON_OK && i < lists.count; i += 1) {
        bool is_axis = lists.axes[i] >= -NEURON_RANK_LIMIT && lists.axes[i] < NEURON_RANK_LIMIT;

        cuts[i] = (struct neuron_slice_cut){
            .axis = is_axis ? (int32_t)lists.axes[i] : NEURON_RANK_LIMIT, /* which is refused */
            .start = lists.starts[i],
            .end = lists.ends[i],
            .step = lists.steps[i]};
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_slice(call->trace, neuron_onnx_call_value(call, 0), cuts, lists.count);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_expand(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct neuron_tensor_shape shape = {.type = NEURON_NO_TYPE};
    enum neuron_status status = read_list(call, 1, "shape", shape.dims, &shape.rank);

    if (status != NEURON_OK) {
        return status;
    }
    /* The shape may have dimensions of 1 where the input has more. */
    if (!neuron_infer_broadcast(neuron_onnx_call_shape(call, 0), &shape, &shape)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its input does not broadcast to the shape");
    }
    result->traced =
        neuron_expand(call->trace, neuron_onnx_call_value(call, 0), shape.dims, shape.rank);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_tile(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t times[NEURON_RANK_LIMIT] = {0};
    uint32_t count = 0;
    enum neuron_status status = read_list(call, 1, "repeats", times, &count);

    if (status != NEURON_OK) {
        return status;
    }
    if (count != neuron_onnx_call_shape(call, 0)->rank) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the repetitions do not fit the dimensions");
    }
    result->traced = neuron_tile(call->trace, neuron_onnx_call_value(call, 0), times);
    return neuron_onnx_call_status(call);
}

/* Reads the sizes of a split, of which there is one for each output. */
static enum neuron_status
read_sizes(const struct neuron_onnx_call *call, int64_t *sizes)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 1);
    const Neuron__Onnx__Attribute *list = neuron_onnx_attribute_find(call->node, "split");
    bool is_input = neuron_onnx_call_has(call, 1);
    size_t part_count = call->node->n_outputs;

    if (is_input && known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the sizes of the parts");
    }
    if ((is_input ? neuron_onnx_constant_count(known) : list->n_ints) != part_count) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "it has not one size for each of its %zu outputs", part_count);
    }
    for (size_t i = 0; i < part_count; i += 1) {
        sizes[i] = is_input ? neuron_onnx_read_whole(known, i) : list->ints[i];
    }
    return NEURON_OK;
}

/* Sizes of parts that are equal; with `num_outputs` the last one may be smaller. */
static enum neuron_status
share_sizes(const struct neuron_onnx_call *call, int64_t dim, int64_t *sizes)
{
    int64_t part_count = (int64_t)call->node->n_outputs;
    int64_t wanted = part_count;
    int64_t size = dim / part_count + (dim % part_count == 0 ? 0 : 1);
    bool may_differ = neuron_onnx_attribute_find(call->node, "num_outputs") != NULL;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "num_outputs", &wanted, call->error);

    if (status != NEURON_OK) {
        return status;
    }
    if (wanted != part_count || (dim % part_count != 0 && !may_differ)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "its outputs are not as many as it says, or not of equal size");
    }
    for (int64_t i = 0; i < part_count; i += 1) {
        int64_t left = dim > i * size ? dim - i * size : 0;

        sizes[i] = left < size ? left : size;
    }
    return NEURON_OK;
}

/* Cuts the parts that have a name. */
static enum neuron_status
cut_parts(struct neuron_onnx_call *call, uint32_t axis, const int64_t *sizes,
          struct neuron_onnx_result *result)
{
    size_t part_count = call->node->n_outputs;
    struct neuron_value *parts = calloc(part_count, sizeof(*parts));

    if (parts == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    neuron_split(call->trace, neuron_onnx_call_value(call, 0), (int32_t)axis, sizes,
                 (uint32_t)part_count, parts);
    result->traced = parts[0];
    memcpy(result->more, parts + 1, (part_count - 1) * sizeof(*parts));
    free(parts);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_split(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    const Neuron__Onnx__Attribute *list = neuron_onnx_attribute_find(call->node, "split");
    uint32_t axis = 0;
    int64_t *sizes = calloc(call->node->n_outputs, sizeof(*sizes));

    if (sizes == NULL) {
        return NEURON_FAIL(call->error, NEURON_OUT_OF_MEMORY, "out of memory");
    }
    enum neuron_status status = neuron_onnx_call_axis(call, 0, input->rank, &axis);
    if (status == NEURON_OK) {
        status = neuron_onnx_call_has(call, 1) || list != NULL
                     ? read_sizes(call, sizes)
                     : share_sizes(call, input->dims[axis], sizes);
    }
    if (status == NEURON_OK) {
        status = cut_parts(call, axis, sizes, result);
    }
    free(sizes);
    return status;
}

enum neuron_status
neuron_onnx_translate_trilu(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    int64_t is_upper = 1;
    int64_t diagonal = 0;
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, "upper", &is_upper, call->error);

    if (status == NEURON_OK && neuron_onnx_call_has(call, 1)) {
        status = read_number(call, 1, "the diagonal", &diagonal);
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced = is_upper != 0 ? neuron_triu(call->trace, input, diagonal)
                                   : neuron_tril(call->trace, input, diagonal);
    return neuron_onnx_call_status(call);
}

/* Reads a number that is far from where it overflows an int32_t. */
static enum neuron_status
read_small(const struct neuron_onnx_call *call, const char *name, int64_t *number)
{
    enum neuron_status status =
        neuron_onnx_attribute_integer(call->node, name, number, call->error);

    if (status == NEURON_OK && (*number < INT16_MIN || *number > INT16_MAX)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its attribute %s is too large",
                           name);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_reverse_sequence(struct neuron_onnx_call *call,
                                       struct neuron_onnx_result *result)
{
    int64_t time_axis = 0;
    int64_t batch_axis = 1;
    enum neuron_status status = read_small(call, "time_axis", &time_axis);

    if (status == NEURON_OK) {
        status = read_small(call, "batch_axis", &batch_axis);
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced = neuron_reverse_sequence(call->trace, input, neuron_onnx_call_value(call, 1),
                                             (int32_t)time_axis, (int32_t)batch_axis);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_depth(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    bool is_to_space = strcmp(call->node->operator_type, "DepthToSpace") == 0;
    bool is_block_first = neuron_onnx_attribute_is(call->node, "mode", "DCR", true);
    int64_t block = 0;
    enum neuron_status status = read_small(call, "blocksize", &block);

    if (status == NEURON_OK && !is_block_first &&
        !neuron_onnx_attribute_is(call->node, "mode", "CRD", false)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its mode is neither DCR nor CRD");
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    result->traced = is_to_space
                         ? neuron_depth_to_space(call->trace, input, block,
                                                 is_block_first ? NEURON_DEPTH_BLOCK_FIRST
                                                                : NEURON_DEPTH_CHANNEL_FIRST)
                         : neuron_space_to_depth(call->trace, input, block);
    return neuron_onnx_call_status(call);
}
