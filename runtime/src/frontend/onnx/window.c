/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/window.h"

#include <inttypes.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"

enum { EXTENT_LIMIT = 1 << 30 }; /* sums of a few of them stay far from the end of int64 */

/* The window as the file has it. */
struct raw_window {
    uint32_t directions;
    int64_t extents[NEURON_WINDOW_DIMENSIONS]; /* of the input */
    int64_t kernel[NEURON_WINDOW_DIMENSIONS];
    int64_t strides[NEURON_WINDOW_DIMENSIONS];
    int64_t dilations[NEURON_WINDOW_DIMENSIONS];
    int64_t pads[2 * NEURON_WINDOW_DIMENSIONS];
    bool rounds_up;
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

/* Which pads a node asks for. */
enum auto_pad { AUTO_PAD_NONE, AUTO_PAD_VALID, AUTO_PAD_SAME_UPPER, AUTO_PAD_SAME_LOWER };

static enum neuron_status
read_auto_pad(const struct neuron_onnx_call *call, enum auto_pad *auto_pad)
{
    const Neuron__Onnx__Node *node = call->node;

    if (neuron_onnx_attribute_is(node, "auto_pad", "NOTSET", true) ||
        neuron_onnx_attribute_is(node, "auto_pad", "", false)) {
        *auto_pad = AUTO_PAD_NONE;
    } else if (neuron_onnx_attribute_is(node, "auto_pad", "VALID", false)) {
        *auto_pad = AUTO_PAD_VALID;
    } else if (neuron_onnx_attribute_is(node, "auto_pad", "SAME_UPPER", false)) {
        *auto_pad = AUTO_PAD_SAME_UPPER;
    } else if (neuron_onnx_attribute_is(node, "auto_pad", "SAME_LOWER", false)) {
        *auto_pad = AUTO_PAD_SAME_LOWER;
    } else {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "there is no such auto_pad");
    }
    return NEURON_OK;
}

/* Splits the padding of a direction; an odd one more comes behind, or before. */
static void
split_pads(struct raw_window *raw, uint32_t direction, int64_t total, bool is_more_behind)
{
    raw->pads[direction] = is_more_behind ? total / 2 : total - total / 2;
    raw->pads[raw->directions + direction] = total - raw->pads[direction];
}

/* Pads so that there is a result for every stride of the input. */
static enum neuron_status
apply_auto_pad(const struct neuron_onnx_call *call, struct raw_window *raw)
{
    enum auto_pad auto_pad = AUTO_PAD_NONE;
    enum neuron_status status = read_auto_pad(call, &auto_pad);

    if (status != NEURON_OK || auto_pad == AUTO_PAD_NONE) {
        return status;
    }
    memset(raw->pads, 0, sizeof(raw->pads));
    for (uint32_t i = 0; auto_pad != AUTO_PAD_VALID && i < raw->directions; i += 1) {
        int64_t places = (raw->extents[i] + raw->strides[i] - 1) / raw->strides[i];
        int64_t total = (places - 1) * raw->strides[i] + covered(raw, i) - raw->extents[i];

        split_pads(raw, i, total < 0 ? 0 : total, auto_pad == AUTO_PAD_SAME_UPPER);
    }
    return NEURON_OK;
}

static enum neuron_status
read_raw(const struct neuron_onnx_call *call, const int64_t *kernel, struct raw_window *raw)
{
    int64_t ceil_mode = 0;
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
        status = neuron_onnx_attribute_integer(call->node, "ceil_mode", &ceil_mode, call->error);
    }
    raw->rounds_up = ceil_mode != 0;
    for (uint32_t i = 0; status == NEURON_OK && i < raw->directions; i += 1) {
        if (raw->kernel[i] < 1 || raw->kernel[i] > EXTENT_LIMIT || raw->extents[i] < 1 ||
            raw->extents[i] > EXTENT_LIMIT || covered(raw, i) > EXTENT_LIMIT) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "the kernel is missing, or a window or an input is too large");
        }
    }
    return status;
}

/* All numbers are small enough by now. */
static void
settle(const struct raw_window *raw, struct neuron_onnx_window *window)
{
    *window =
        (struct neuron_onnx_window){.directions = raw->directions, .rounds_up = raw->rounds_up};
    for (uint32_t i = 0; i < raw->directions; i += 1) {
        window->kernel[i] = (uint32_t)raw->kernel[i];
        window->strides[i] = (uint32_t)raw->strides[i];
        window->dilations[i] = (uint32_t)raw->dilations[i];
        window->pads[i] = (uint32_t)raw->pads[i];
        window->pads[raw->directions + i] = (uint32_t)raw->pads[raw->directions + i];
    }
}

/* Reads all but auto_pad. */
static enum neuron_status
begin(const struct neuron_onnx_call *call, const int64_t *kernel, struct raw_window *raw)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);

    *raw = (struct raw_window){.strides = {1, 1, 1}, .dilations = {1, 1, 1}};
    if (input->rank < 3 || input->rank > 2 + NEURON_WINDOW_DIMENSIONS) {
        char text[96] = "";

        return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                           "the input, %s, does not have 1 to 3 dimensions behind batch and "
                           "channels",
                           neuron_tensor_shape_format(input, text, sizeof(text)));
    }
    raw->directions = input->rank - 2;
    for (uint32_t i = 0; i < raw->directions; i += 1) {
        raw->extents[i] = input->dims[2 + i];
    }
    return read_raw(call, kernel, raw);
}

enum neuron_status
neuron_onnx_window_read(const struct neuron_onnx_call *call, const int64_t *kernel,
                        struct neuron_onnx_window *window)
{
    struct raw_window raw = {.directions = 0};
    enum neuron_status status = begin(call, kernel, &raw);

    if (status == NEURON_OK) {
        status = apply_auto_pad(call, &raw);
    }
    if (status == NEURON_OK) {
        settle(&raw, window);
    }
    return status;
}

/*
 * Pads so that the result has certain extents: output_shape, or those of the input times the
 * strides. Where it has to be larger than what the window reaches, it is padded.
 */
static enum neuron_status
fit_output(const struct neuron_onnx_call *call, struct raw_window *raw, int64_t *output_padding)
{
    enum auto_pad auto_pad = AUTO_PAD_NONE;
    int64_t extents[NEURON_WINDOW_DIMENSIONS] = {0};
    enum neuron_status status = read_numbers(call, "output_shape", raw->directions, 1, extents);

    if (status == NEURON_OK) {
        status = read_auto_pad(call, &auto_pad);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (auto_pad != AUTO_PAD_NONE) {
        memset(raw->pads, 0, sizeof(raw->pads));
    }
    for (uint32_t i = 0; i < raw->directions; i += 1) {
        bool is_same = auto_pad == AUTO_PAD_SAME_UPPER || auto_pad == AUTO_PAD_SAME_LOWER;
        int64_t wanted =
            extents[i] == 0 && is_same ? raw->extents[i] * raw->strides[i] : extents[i];
        int64_t total =
            (raw->extents[i] - 1) * raw->strides[i] + covered(raw, i) + output_padding[i] - wanted;

        if (wanted == 0) {
            continue;
        }
        output_padding[i] += total < 0 ? -total : 0;
        split_pads(raw, i, total < 0 ? 0 : total, auto_pad == AUTO_PAD_SAME_UPPER);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_window_read_transposed(const struct neuron_onnx_call *call, const int64_t *kernel,
                                   struct neuron_onnx_window *window, uint32_t *output_padding)
{
    int64_t padding[NEURON_WINDOW_DIMENSIONS] = {0};
    struct raw_window raw = {.directions = 0};
    enum neuron_status status = begin(call, kernel, &raw);

    if (status == NEURON_OK) {
        status = read_numbers(call, "output_padding", raw.directions, 0, padding);
    }
    if (status == NEURON_OK) {
        status = fit_output(call, &raw, padding);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < raw.directions; i += 1) {
        if (padding[i] > UINT32_MAX || raw.pads[i] > UINT32_MAX ||
            raw.pads[raw.directions + i] > UINT32_MAX) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "the result is padded too much");
        }
        output_padding[i] = (uint32_t)padding[i];
    }
    if (status == NEURON_OK) {
        settle(&raw, window);
    }
    return status;
}
