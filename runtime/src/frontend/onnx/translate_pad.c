/* SPDX-License-Identifier: Apache-2.0 */
/* Padding. */
#include "frontend/onnx/translate.h"

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_move.h"

/* How far each dimension is padded. */
struct pads {
    int64_t before[NEURON_RANK_LIMIT];
    int64_t after[NEURON_RANK_LIMIT];
};

/* Reads the pads, all before and then all after, of these axes; the others have none. */
static enum neuron_status
read_pads(const struct neuron_onnx_call *call, const struct neuron_onnx_axes *axes,
          struct pads *pads)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 1);
    const Neuron__Onnx__Attribute *list = neuron_onnx_attribute_find(call->node, "pads");
    bool is_input = neuron_onnx_call_has(call, 1);

    if (is_input && known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the padding");
    }
    if (!is_input && list == NULL) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "its pads are missing");
    }
    size_t count = is_input ? neuron_onnx_constant_count(known) : list->n_ints;
    if (count != (size_t)2 * axes->count) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "it has %zu pads for %u dimensions; there are two for each", count,
                           axes->count);
    }
    for (uint32_t i = 0; i < axes->count; i += 1) {
        int64_t axis = axes->list[i];
        size_t behind = (size_t)axes->count + i;

        pads->before[axis] = is_input ? neuron_onnx_read_whole(known, i) : list->ints[i];
        pads->after[axis] = is_input ? neuron_onnx_read_whole(known, behind) : list->ints[behind];
    }
    return NEURON_OK;
}

/* Names all dimensions where the node names none. */
static void
name_all(uint32_t rank, struct neuron_onnx_axes *axes)
{
    axes->count = axes->is_given ? axes->count : rank;
    for (uint32_t i = 0; i < rank && !axes->is_given; i += 1) {
        axes->list[i] = i;
    }
}

static enum neuron_status
read_mode(const struct neuron_onnx_call *call, enum neuron_pad_mode *mode)
{
    if (neuron_onnx_attribute_is(call->node, "mode", "constant", true)) {
        *mode = NEURON_PAD_CONSTANT;
    } else if (neuron_onnx_attribute_is(call->node, "mode", "reflect", false)) {
        *mode = NEURON_PAD_REFLECT;
    } else if (neuron_onnx_attribute_is(call->node, "mode", "edge", false)) {
        *mode = NEURON_PAD_EDGE;
    } else {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "its mode is none of constant, reflect and edge");
    }
    return NEURON_OK;
}

/* What it is padded with; an invalid value for zeros. */
static enum neuron_status
read_constant(const struct neuron_onnx_call *call, struct neuron_value *constant)
{
    enum neuron_type type = neuron_onnx_call_shape(call, 0)->type;
    const struct neuron_tensor_shape shape = {.type = type};
    float number = 0.0F;
    int64_t bytes = 0;
    struct neuron_onnx_constant one = {.shape = shape, .bytes = &bytes};

    if (neuron_onnx_call_has(call, 2)) {
        *constant = neuron_onnx_call_value(call, 2);
        return NEURON_OK;
    }
    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "value", &number, call->error);
    if (status == NEURON_OK && number != 0.0F) {
        neuron_onnx_write_real(&one, 0, (double)number);
        struct neuron_tensor_view view = neuron_tensor_view_of(&shape, &bytes);
        *constant = neuron_constant(call->trace, &view);
    }
    return status;
}

enum neuron_status
neuron_onnx_translate_pad(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    uint32_t rank = neuron_onnx_call_shape(call, 0)->rank;
    struct neuron_onnx_axes axes = {0};
    struct pads pads = {{0}, {0}};
    struct neuron_pad_options options = {.before = pads.before, .after = pads.after};
    struct neuron_value constant = {0};

    enum neuron_status status = read_mode(call, &options.mode);
    if (status == NEURON_OK) {
        status = neuron_onnx_call_axes(call, 3, rank, &axes);
    }
    name_all(rank, &axes);
    if (status == NEURON_OK) {
        status = read_pads(call, &axes, &pads);
    }
    if (status == NEURON_OK) {
        status = read_constant(call, &constant);
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_pad(call->trace, neuron_onnx_call_value(call, 0), constant, &options);
    return neuron_onnx_call_status(call);
}

enum neuron_status
neuron_onnx_translate_center_crop_pad(struct neuron_onnx_call *call,
                                      struct neuron_onnx_result *result)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 1);
    int64_t wanted[NEURON_RANK_LIMIT] = {0};
    uint32_t count = 0;
    struct neuron_onnx_axes axes = {0};
    struct pads pads = {{0}, {0}};
    const struct neuron_pad_options options = {.before = pads.before, .after = pads.after};

    if (known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, 1, "the shape");
    }
    enum neuron_status status = neuron_onnx_call_axes(call, UINT32_MAX, input->rank, &axes);
    name_all(input->rank, &axes);
    if (status == NEURON_OK) {
        status = neuron_onnx_constant_list(known, wanted, &count, call->error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        if (count != axes.count || wanted[i] < 0) {
            return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                               "the shape does not fit the axes");
        }
        int64_t growth = wanted[i] - input->dims[axes.list[i]];

        pads.before[axes.list[i]] = growth / 2;
        pads.after[axes.list[i]] = growth - growth / 2;
    }
    if (status != NEURON_OK) {
        return status;
    }
    result->traced = neuron_pad(call->trace, neuron_onnx_call_value(call, 0),
                                (struct neuron_value){0}, &options);
    return neuron_onnx_call_status(call);
}
