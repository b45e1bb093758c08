/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/window.h"

#include <inttypes.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"

enum { EXTENT_LIMIT = 1 << 30 }; /* sums of a few of them stay far from the end of int64 */

/* The window as the file has it: one number per direction. */
struct raw_window {
    uint32_t directions; /* 1 or 2 */
    int64_t extents[2];  /* of the input */
    int64_t kernel[2];
    int64_t strides[2];
    int64_t dilations[2];
    int64_t pads[4]; /* first those before, then those after */
    bool does_ceil;
    bool has_extra_pads;
};

/* Reads one number per direction, of which each is within the limits. */
static enum neuron_status
read_numbers(const struct neuron_onnx_call *call, const char *name, uint32_t wanted, int64_t least,
             int64_t *numbers)
{
    int64_t list[NEURON_RANK_LIMIT] = {0};
    uint32_t count = UINT32_MAX;

    enum neuron_status status =
        neuron_onnx_attribute_list(call->node, name, list, &count, call->error);
    if (status != NEURON_OK || count == UINT32_MAX) {
        return status;
    }
    if (count != wanted) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "%s has %u numbers, not %u", name,
                           count, wanted);
    }
    for (uint32_t i = 0; i < count; i += 1) {
        if (list[i] < least || list[i] > EXTENT_LIMIT) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "%s has a number of %" PRId64 "; from %" PRId64 " to %d", name,
                               list[i], least, EXTENT_LIMIT);
        }
        numbers[i] = list[i];
    }
    return NEURON_OK;
}

/* Elements from the first to the last that a window covers. */
static int64_t
covered(const struct raw_window *raw, uint32_t direction)
{
    return (raw->kernel[direction] - 1) * raw->dilations[direction] + 1;
}

/* Pads so that there is a result for every stride of the input. */
static void
pad_to_same(struct raw_window *raw, bool is_upper)
{
    for (uint32_t i = 0; i < raw->directions; i += 1) {
        int64_t places = (raw->extents[i] + raw->strides[i] - 1) / raw->strides[i];
        int64_t total = (places - 1) * raw->strides[i] + covered(raw, i) - raw->extents[i];

        total = total < 0 ? 0 : total;
        raw->pads[i] = is_upper ? total / 2 : total - total / 2;
        raw->pads[raw->directions + i] = total - raw->pads[i];
    }
}

static enum neuron_status
apply_auto_pad(const struct neuron_onnx_call *call, struct raw_window *raw)
{
    const Neuron__Onnx__Node *node = call->node;

    if (neuron_onnx_attribute_is(node, "auto_pad", "NOTSET", true) ||
        neuron_onnx_attribute_is(node, "auto_pad", "", false)) {
        return NEURON_OK;
    }
    memset(raw->pads, 0, sizeof(raw->pads));
    if (neuron_onnx_attribute_is(node, "auto_pad", "VALID", false)) {
        return NEURON_OK;
    }
    bool is_upper = neuron_onnx_attribute_is(node, "auto_pad", "SAME_UPPER", false);
    if (!is_upper && !neuron_onnx_attribute_is(node, "auto_pad", "SAME_LOWER", false)) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "there is no such auto_pad");
    }
    pad_to_same(raw, is_upper);
    return NEURON_OK;
}

/*
 * Rounding the number of places up is the same as padding more behind, until one more place fits.
 * A place that begins in the padding behind is left away, as exporters count.
 */
static void
apply_ceil(struct raw_window *raw)
{
    for (uint32_t i = 0; raw->does_ceil && i < raw->directions; i += 1) {
        int64_t *behind = &raw->pads[raw->directions + i];
        int64_t before = raw->extents[i] + raw->pads[i];
        int64_t free_steps = before + *behind - covered(raw, i);

        if (free_steps < 0) {
            continue; /* refused where the shape is inferred */
        }
        int64_t last = (free_steps + raw->strides[i] - 1) / raw->strides[i] * raw->strides[i];
        last -= last >= before ? raw->strides[i] : 0;
        if (last + covered(raw, i) - before > *behind) {
            *behind = last + covered(raw, i) - before;
            raw->has_extra_pads = true;
        }
    }
}

static enum neuron_status
read_raw(const struct neuron_onnx_call *call, const int64_t *kernel, struct raw_window *raw)
{
    int64_t does_ceil = 0;
    enum neuron_status status = NEURON_OK;

    if (kernel == NULL) {
        status = read_numbers(call, "kernel_shape", raw->directions, 1, raw->kernel);
    } else {
        memcpy(raw->kernel, kernel, raw->directions * sizeof(*kernel));
    }
    if (status == NEURON_OK) {
        status = read_numbers(call, "strides", raw->directions, 1, raw->strides);
    }
    if (status == NEURON_OK) {
        status = read_numbers(call, "dilations", raw->directions, 1, raw->dilations);
    }
    if (status == NEURON_OK) {
        status = read_numbers(call, "pads", 2 * raw->directions, 0, raw->pads);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "ceil_mode", &does_ceil, call->error);
    }
    raw->does_ceil = does_ceil != 0;
    for (uint32_t i = 0; status == NEURON_OK && i < raw->directions; i += 1) {
        if (raw->kernel[i] < 1 || raw->kernel[i] > EXTENT_LIMIT || raw->extents[i] < 1 ||
            raw->extents[i] > EXTENT_LIMIT || covered(raw, i) > EXTENT_LIMIT) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "the kernel is missing, or a window or an input is too large");
        }
    }
    return status;
}

/* Puts the numbers into their places; what is not there is a direction of one element. */
static void
settle(const struct raw_window *raw, struct neuron_onnx_window *window)
{
    uint32_t first = 2 - raw->directions;

    *window = (struct neuron_onnx_window){.kernel = {1, 1},
                                          .strides = {1, 1},
                                          .dilations = {1, 1},
                                          .has_extra_pads = raw->has_extra_pads};
    for (uint32_t i = 0; i < raw->directions; i += 1) {
        window->kernel[first + i] = (uint32_t)raw->kernel[i];
        window->strides[first + i] = (uint32_t)raw->strides[i];
        window->dilations[first + i] = (uint32_t)raw->dilations[i];
        window->pads[first + i] = (uint32_t)raw->pads[i];
        window->pads[2 + first + i] = (uint32_t)raw->pads[raw->directions + i];
    }
}

enum neuron_status
neuron_onnx_window_read(const struct neuron_onnx_call *call, const int64_t *kernel,
                        struct neuron_onnx_window *window)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    struct raw_window raw = {.strides = {1, 1}, .dilations = {1, 1}};
    char text[96] = "";

    if (input->rank != 3 && input->rank != 4) {
        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the input, %s, has neither [N,C,W] nor [N,C,H,W]",
                           neuron_tensor_shape_format(input, text, sizeof(text)));
    }
    raw.directions = input->rank - 2;
    for (uint32_t i = 0; i < raw.directions; i += 1) {
        raw.extents[i] = input->dims[2 + i];
    }
    enum neuron_status status = read_raw(call, kernel, &raw);
    if (status == NEURON_OK) {
        status = apply_auto_pad(call, &raw);
    }
    if (status == NEURON_OK) {
        apply_ceil(&raw);
        settle(&raw, window);
    }
    return status;
}

struct neuron_value
neuron_onnx_window_input(const struct neuron_onnx_call *call, uint32_t input)
{
    const struct neuron_tensor_shape *shape = neuron_onnx_call_shape(call, input);
    struct neuron_value value = neuron_onnx_call_value(call, input);
    const int64_t dims[4] = {shape->dims[0], shape->dims[1], 1, shape->dims[2]};

    return shape->rank == 3 ? neuron_reshape(call->trace, value, dims, 4) : value;
}

struct neuron_value
neuron_onnx_window_output(const struct neuron_onnx_call *call, struct neuron_value value)
{
    struct neuron_tensor_shape shape = neuron_value_shape(call->trace, value);
    const int64_t dims[3] = {shape.dims[0], shape.dims[1], shape.dims[3]};

    return neuron_onnx_call_shape(call, 0)->rank == 3 ? neuron_reshape(call->trace, value, dims, 3)
                                                      : value;
}
