/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes and types of integers that stand for reals. */
#include "graph/infer.h"

static bool
is_single(const struct neuron_tensor_shape *shape)
{
    size_t count = 0;

    return neuron_tensor_shape_element_count(shape, &count) && count == 1;
}

static bool
is_byte(enum neuron_type type)
{
    return type == NEURON_INT8 || type == NEURON_UINT8;
}

/* The scale, and the zero point like it, are one number, or one for each place along the axis. */
static enum neuron_status
check_scale(const struct neuron_application *application, struct neuron_error *error)
{
    const struct neuron_tensor_shape *input = &application->inputs[0];
    const struct neuron_tensor_shape *scale = &application->inputs[1];
    int32_t axis = application->attributes->axis;

    if (scale->type != NEURON_FLOAT32) {
        return neuron_infer_refuse(application, "the scale must be float32", error);
    }
    if (!is_single(scale) && (scale->rank != 1 || axis < 0 || (uint32_t)axis >= input->rank ||
                              scale->dims[0] != input->dims[axis])) {
        return neuron_infer_refuse(
            application, "the scale must be one number, or one for each place along the axis",
            error);
    }
    for (uint32_t i = 2; i < application->input_count; i += 1) {
        const struct neuron_tensor_shape *zero = &application->inputs[i];

        if (is_single(scale) ? !is_single(zero)
                             : zero->rank != 1 || zero->dims[0] != scale->dims[0]) {
            return neuron_infer_refuse(application, "the zero point must be like the scale", error);
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_quantize(const struct neuron_application *application,
                      struct neuron_tensor_shape *output, struct neuron_error *error)
{
    *output = application->inputs[0];
    output->type = application->inputs[2].type;
    if (!is_byte(output->type)) {
        return neuron_infer_refuse(application, "the zero point must be int8 or uint8", error);
    }
    return check_scale(application, error);
}

enum neuron_status
neuron_infer_dequantize(const struct neuron_application *application,
                        struct neuron_tensor_shape *output, struct neuron_error *error)
{
    *output = application->inputs[0];
    output->type = NEURON_FLOAT32;
    if (application->input_count == 3 &&
        application->inputs[2].type != application->inputs[0].type) {
        return neuron_infer_refuse(application, "the zero point must be of the input's type",
                                   error);
    }
    return check_scale(application, error);
}

/* Says whether a zero point is one number, or one for each row (or column) of each matrix. */
static bool
fits_zero_point(const struct neuron_tensor_shape *zero, const struct neuron_tensor_shape *of,
                uint32_t kept)
{
    bool fits = zero->rank == of->rank;

    for (uint32_t i = 0; fits && i < of->rank; i += 1) {
        bool is_kept = i + 2 < of->rank || i == kept;

        fits = zero->dims[i] == (is_kept ? of->dims[i] : 1);
    }
    return zero->type == of->type &&
           (is_single(zero) || fits || (zero->rank == 1 && zero->dims[0] == of->dims[kept]));
}

enum neuron_status
neuron_infer_matmul_integer(const struct neuron_application *application,
                            struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *inputs = application->inputs;
    const struct neuron_attributes plain = {.transpose_left = false};
    struct neuron_application product = *application;

    product.input_count = 2;
    product.attributes = &plain;
    if (!is_byte(inputs[1].type)) {
        return neuron_infer_refuse(application, "both must be int8 or uint8", error);
    }
    enum neuron_status status = neuron_infer_matmul(&product, output, error);
    if (status != NEURON_OK) {
        return status;
    }
    output->type = NEURON_INT32;
    if (application->input_count > 2 &&
        !fits_zero_point(&inputs[2], &inputs[0], inputs[0].rank - 2)) {
        return neuron_infer_refuse(
            application, "the left zero point must be one number, or one for each row", error);
    }
    if (application->input_count > 3 &&
        !fits_zero_point(&inputs[3], &inputs[1], inputs[1].rank - 1)) {
        return neuron_infer_refuse(
            application, "the right zero point must be one number, or one for each column", error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_conv_integer(const struct neuron_application *application,
                          struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_tensor_shape *inputs = application->inputs;
    struct neuron_application plain = *application;

    plain.input_count = 2;
    if (!is_byte(inputs[1].type)) {
        return neuron_infer_refuse(application, "both must be int8 or uint8", error);
    }
    enum neuron_status status = neuron_infer_conv(&plain, output, error);
    if (status != NEURON_OK) {
        return status;
    }
    output->type = NEURON_INT32;
    if (application->input_count > 2 &&
        (inputs[2].type != inputs[0].type || !is_single(&inputs[2]))) {
        return neuron_infer_refuse(application, "the input's zero point must be one number", error);
    }
    if (application->input_count > 3 &&
        (inputs[3].type != inputs[1].type ||
         (!is_single(&inputs[3]) &&
          (inputs[3].rank != 1 || inputs[3].dims[0] != inputs[1].dims[0])))) {
        return neuron_infer_refuse(
            application, "the weights' zero point must be one number, or one for each channel",
            error);
    }
    return NEURON_OK;
}
