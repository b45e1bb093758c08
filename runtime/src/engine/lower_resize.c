/* SPDX-License-Identifier: Apache-2.0 */
/* Resizing images, where oneDNN computes the same: it stays in whatever layout the image is in. */
#include "engine/lowering.h"

#include "graph/resize_mode.h"

/* Says whether an axis is enlarged by a whole factor, or stays. */
static bool
grows_evenly(int64_t before, int64_t after, float scale)
{
    int64_t factor = after / before;

    return after % before == 0 && (scale == 0.0F || scale == (float)factor);
}

/* The nearest elements of whole factors are the same ones, from half a pixel or from none. */
static bool
has_plain_mode(const struct neuron_resize_mode *mode)
{
    if (mode->excludes_outside || mode->antialias) {
        return false;
    }
    if (mode->method == NEURON_RESIZE_LINEAR) {
        return mode->coordinates == NEURON_RESIZE_HALF_PIXEL;
    }
    return mode->method == NEURON_RESIZE_NEAREST &&
           ((mode->coordinates == NEURON_RESIZE_HALF_PIXEL &&
             mode->rounding <= NEURON_RESIZE_ROUND_PREFER_CEIL) ||
            (mode->coordinates == NEURON_RESIZE_ASYMMETRIC &&
             mode->rounding == NEURON_RESIZE_FLOOR));
}

/* Says whether oneDNN's resampling gives the same numbers. */
static bool
is_resampling(const struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *input = neuron_lowering_input_shape(lowering, 0);
    const struct neuron_tensor_shape *output = neuron_lowering_output_shape(lowering);
    const float *scales = lowering->node->attributes.scales;
    struct neuron_resize_mode mode = neuron_resize_mode_decode(lowering->node->attributes.mode);
    bool is_image = input->rank >= 3 && input->rank <= 2 + NEURON_SPATIAL_LIMIT &&
                    lowering->node->input_count == 1 && has_plain_mode(&mode);

    for (uint32_t i = 0; is_image && i < input->rank; i += 1) {
        is_image = grows_evenly(input->dims[i], output->dims[i], scales[i]) &&
                   (i >= 2 || input->dims[i] == output->dims[i]);
    }
    return is_image;
}

static enum neuron_status
describe_resize(struct neuron_lowering *lowering, uint32_t input,
                dnnl_primitive_desc_t *description)
{
    struct neuron_resize_mode mode = neuron_resize_mode_decode(lowering->node->attributes.mode);
    dnnl_memory_desc_t source = neuron_plan_layout(lowering->plan, input);
    dnnl_memory_desc_t plain =
        neuron_layout_plain_as(neuron_lowering_output_shape(lowering), lowering->operand_type);
    dnnl_memory_desc_t any = neuron_layout_any(&plain);
    dnnl_resampling_desc_t operation = {0};

    enum neuron_status status = neuron_lowering_check(
        lowering, dnnl_resampling_forward_desc_init(&operation, dnnl_forward_inference,
                                                    mode.method == NEURON_RESIZE_LINEAR
                                                        ? dnnl_resampling_linear
                                                        : dnnl_resampling_nearest,
                                                    NULL, &source, &any));
    return status == NEURON_OK ? neuron_lowering_describe(lowering, &operation, description)
                               : status;
}

enum neuron_status
neuron_lower_resize(struct neuron_lowering *lowering)
{
    dnnl_primitive_desc_t description = NULL;
    uint32_t input = 0;
    uint32_t output = 0;

    if (!is_resampling(lowering)) {
        return neuron_lower_portable(lowering);
    }
    enum neuron_status status = neuron_lowering_operand(lowering, 0, &input);
    if (status == NEURON_OK) {
        status = describe_resize(lowering, input, &description);
    }
    if (status != NEURON_OK) {
        return status == NEURON_UNSUPPORTED_MODEL ? neuron_lower_portable(lowering) : status;
    }
    status = neuron_plan_add_buffer(lowering->plan,
                                    dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0),
                                    &output, lowering->error);
    if (status != NEURON_OK) {
        (void)dnnl_primitive_desc_destroy(description);
        return status;
    }
    const struct neuron_step_argument arguments[2] = {{DNNL_ARG_SRC, input},
                                                      {DNNL_ARG_DST, output}};
    neuron_lowering_set_output(lowering, output);
    return neuron_lowering_add_kernel(lowering, description, arguments, 2);
}
