/* SPDX-License-Identifier: Apache-2.0 */
/* Layer normalization. */
#include "engine/lowering.h"

/* A dense value seen as a matrix, cut before `axis`. */
static enum neuron_status
view_as_matrix(struct neuron_lowering *lowering, uint32_t dense, uint32_t axis, uint32_t *matrix)
{
    const struct neuron_tensor_shape *shape = neuron_lowering_output_shape(lowering);
    int64_t dims[2] = {1, 1};

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        dims[i < axis ? 0 : 1] *= shape->dims[i];
    }
    dnnl_memory_desc_t wide = neuron_layout_dense(dims, 2);
    dnnl_memory_desc_t layout = neuron_layout_as(&wide, lowering->operand_type);
    return neuron_plan_add_alias(lowering->plan, dense, &layout, matrix, lowering->error);
}

/* Scale or shift as a row of numbers. */
static enum neuron_status
view_as_row(struct neuron_lowering *lowering, uint32_t input, int64_t length, uint32_t *row)
{
    dnnl_memory_desc_t layout = neuron_layout_dense(&length, 1);
    uint32_t dense = 0;

    enum neuron_status status = neuron_lowering_plain_input(lowering, input, &dense);
    return status == NEURON_OK
               ? neuron_plan_add_alias(lowering->plan, dense, &layout, row, lowering->error)
               : status;
}

static enum neuron_status
add_layer_norm(struct neuron_lowering *lowering, uint32_t input, uint32_t output)
{
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, input);
    const unsigned all_flags[3] = {0, dnnl_use_scale,
                                   (unsigned)dnnl_use_scale | (unsigned)dnnl_use_shift};
    uint32_t factor_count = lowering->node->input_count - 1;
    dnnl_layer_normalization_desc_t operation = {0};
    dnnl_primitive_desc_t description = NULL;
    uint32_t factors[2] = {0, 0};
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < factor_count; i += 1) {
        status = view_as_row(lowering, i + 1, layout.dims[1], &factors[i]);
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_check(lowering, dnnl_layer_normalization_forward_desc_init(
                                                     &operation, dnnl_forward_inference, &layout,
                                                     NULL, lowering->node->attributes.epsilon,
                                                     all_flags[factor_count]));
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_describe(lowering, &operation, &description);
    }
    if (status == NEURON_OK) {
        const struct neuron_step_argument arguments[4] = {{DNNL_ARG_SRC, input},
                                                          {DNNL_ARG_DST, output},
                                                          {DNNL_ARG_SCALE, factors[0]},
                                                          {DNNL_ARG_SHIFT, factors[1]}};

        status = neuron_lowering_add_kernel(lowering, description, arguments, 2 + factor_count);
    }
    return status;
}

enum neuron_status
neuron_lower_layer_norm(struct neuron_lowering *lowering)
{
    uint32_t axis = (uint32_t)lowering->node->attributes.axis;
    dnnl_memory_desc_t plain =
        neuron_layout_plain_as(neuron_lowering_output_shape(lowering), lowering->operand_type);
    uint32_t dense_input = 0;
    uint32_t dense_output = 0;
    uint32_t input = 0;
    uint32_t output = 0;

    if (lowering->node->attributes.mode != NEURON_LAYER_NORM_RESULT) {
        return neuron_lower_portable(lowering);
    }
    enum neuron_status status =
        neuron_lowering_plain_input_as(lowering, 0, lowering->operand_type, &dense_input);
    if (status == NEURON_OK) {
        status = view_as_matrix(lowering, dense_input, axis, &input);
    }
    if (status == NEURON_OK) {
        status = neuron_plan_add_buffer(lowering->plan, &plain, &dense_output, lowering->error);
    }
    if (status == NEURON_OK) {
        status = view_as_matrix(lowering, dense_output, axis, &output);
    }
    if (status == NEURON_OK) {
        status = add_layer_norm(lowering, input, output);
    }
    neuron_lowering_set_output(lowering, dense_output);
    return status;
}
