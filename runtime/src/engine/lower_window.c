/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution and pooling. */
#include "engine/lowering.h"

#include <string.h>

/* Strides, dilations and pads as oneDNN takes them; its dilation of 0 is dense. */
struct window {
    dnnl_dims_t kernel;
    dnnl_dims_t strides;
    dnnl_dims_t dilations;
    dnnl_dims_t pads_before;
    dnnl_dims_t pads_after;
};

static struct window
window_of(const struct neuron_attributes *attributes)
{
    struct window window = {0};

    for (uint32_t i = 0; i < 2; i += 1) {
        window.kernel[i] = attributes->kernel[i];
        window.strides[i] = attributes->strides[i];
        window.dilations[i] = (int64_t)attributes->dilations[i] - 1;
        window.pads_before[i] = attributes->pads[i];
        window.pads_after[i] = attributes->pads[2 + i];
    }
    return window;
}

/* Weights as oneDNN takes them: with groups, these are a dimension of their own. */
static dnnl_memory_desc_t
weights_layout(const struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *shape = neuron_lowering_input_shape(lowering, 1);
    int64_t groups = lowering->node->attributes.groups;
    const int64_t dims[5] = {groups, shape->dims[0] / groups, shape->dims[1], shape->dims[2],
                             shape->dims[3]};

    return groups == 1 ? neuron_layout_plain(shape) : neuron_layout_dense(dims, 5);
}

/* Describes the convolution in the layouts that its fastest kernel chooses. */
static enum neuron_status
describe_conv2d(struct neuron_lowering *lowering, dnnl_primitive_desc_t *description)
{
    struct window window = window_of(&lowering->node->attributes);
    dnnl_memory_desc_t input = neuron_layout_plain(neuron_lowering_input_shape(lowering, 0));
    dnnl_memory_desc_t weights = weights_layout(lowering);
    dnnl_memory_desc_t output = neuron_layout_plain(neuron_lowering_output_shape(lowering));
    dnnl_memory_desc_t bias = {0};
    bool has_bias = lowering->node->input_count == 3;
    dnnl_convolution_desc_t operation = {0};

    if (has_bias) {
        bias = neuron_layout_plain(neuron_lowering_input_shape(lowering, 2));
    }
    input = neuron_layout_any(&input);
    weights = neuron_layout_any(&weights);
    output = neuron_layout_any(&output);
    enum neuron_status status = neuron_lowering_check(
        lowering, dnnl_dilated_convolution_forward_desc_init(
                      &operation, dnnl_forward_inference, dnnl_convolution_direct, &input, &weights,
                      has_bias ? &bias : NULL, &output, window.strides, window.dilations,
                      window.pads_before, window.pads_after));
    return status == NEURON_OK ? neuron_lowering_describe(lowering, &operation, description)
                               : status;
}

/* Brings input, weights and bias into the layouts of the kernel. */
static enum neuron_status
bind_conv2d(struct neuron_lowering *lowering, const_dnnl_primitive_desc_t description,
            struct neuron_step_argument *arguments)
{
    dnnl_memory_desc_t grouped = weights_layout(lowering);
    uint32_t dense = 0;
    uint32_t weights = 0;

    enum neuron_status status = neuron_lowering_reorder(
        lowering, neuron_lowering_input(lowering, 0),
        dnnl_primitive_desc_query_md(description, dnnl_query_src_md, 0), &arguments[0].buffer);
    if (status == NEURON_OK) {
        status = neuron_lowering_plain_input(lowering, 1, &dense);
    }
    if (status == NEURON_OK) {
        status = neuron_plan_add_alias(lowering->plan, dense, &grouped, &weights, lowering->error);
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_reorder(
            lowering, weights, dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0),
            &arguments[1].buffer);
    }
    if (status == NEURON_OK && lowering->node->input_count == 3) {
        status = neuron_lowering_plain_input(lowering, 2, &arguments[3].buffer);
    }
    return status;
}

enum neuron_status
neuron_lower_conv2d(struct neuron_lowering *lowering)
{
    struct neuron_step_argument arguments[4] = {
        {DNNL_ARG_SRC, 0}, {DNNL_ARG_WEIGHTS, 0}, {DNNL_ARG_DST, 0}, {DNNL_ARG_BIAS, 0}};
    dnnl_primitive_desc_t description = NULL;

    enum neuron_status status = describe_conv2d(lowering, &description);
    if (status != NEURON_OK) {
        return status;
    }
    status = bind_conv2d(lowering, description, arguments);
    if (status == NEURON_OK) {
        status = neuron_plan_add_buffer(
            lowering->plan, dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0),
            &arguments[2].buffer, lowering->error);
    }
    if (status != NEURON_OK) {
        (void)dnnl_primitive_desc_destroy(description);
        return status;
    }
    neuron_lowering_set_output(lowering, arguments[2].buffer);
    return neuron_lowering_add_kernel(lowering, description, arguments,
                                      lowering->node->input_count + 1);
}

static dnnl_alg_kind_t
pool_kind(const struct neuron_node *node)
{
    if (node->kind == NEURON_OPERATOR_MAX_POOL2D) {
        return dnnl_pooling_max;
    }
    return node->attributes.count_padding ? dnnl_pooling_avg_include_padding
                                          : dnnl_pooling_avg_exclude_padding;
}

enum neuron_status
neuron_lower_pool2d(struct neuron_lowering *lowering)
{
    struct window window = window_of(&lowering->node->attributes);
    uint32_t input = neuron_lowering_input(lowering, 0);
    dnnl_memory_desc_t source = neuron_plan_layout(lowering->plan, input);
    dnnl_memory_desc_t plain = neuron_layout_plain(neuron_lowering_output_shape(lowering));
    dnnl_memory_desc_t any = neuron_layout_any(&plain);
    dnnl_pooling_desc_t operation = {0};
    dnnl_primitive_desc_t description = NULL;
    uint32_t output = 0;

    enum neuron_status status = neuron_lowering_check(
        lowering, dnnl_pooling_forward_desc_init(
                      &operation, dnnl_forward_inference, pool_kind(lowering->node), &source, &any,
                      window.strides, window.kernel, window.pads_before, window.pads_after));
    if (status == NEURON_OK) {
        status = neuron_lowering_describe(lowering, &operation, &description);
    }
    if (status != NEURON_OK) {
        return status;
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
