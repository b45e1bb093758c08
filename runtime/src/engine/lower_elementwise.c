/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operators, softmax and layer normalization. */
#include "engine/lowering.h"

/* What oneDNN calls an elementwise operator of two inputs. */
static dnnl_alg_kind_t
binary_kind(enum neuron_operator kind)
{
    if (kind == NEURON_OPERATOR_ADD) {
        return dnnl_binary_add;
    }
    if (kind == NEURON_OPERATOR_SUBTRACT) {
        return dnnl_binary_sub;
    }
    return kind == NEURON_OPERATOR_MULTIPLY ? dnnl_binary_mul : dnnl_binary_div;
}

/* Equal shapes: in whatever layout the left one is. */
static enum neuron_status
lower_equal_shapes(struct neuron_lowering *lowering)
{
    uint32_t left = neuron_lowering_input(lowering, 0);
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, left);
    dnnl_primitive_desc_t description = NULL;
    dnnl_binary_desc_t operation = {0};
    uint32_t right = 0;
    uint32_t output = 0;

    enum neuron_status status =
        neuron_lowering_reorder(lowering, neuron_lowering_input(lowering, 1), &layout, &right);
    if (status == NEURON_OK) {
        status = neuron_plan_add_buffer(lowering->plan, &layout, &output, lowering->error);
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_check(
            lowering, dnnl_binary_desc_init(&operation, binary_kind(lowering->node->kind), &layout,
                                            &layout, &layout));
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_describe(lowering, &operation, &description);
    }
    if (status == NEURON_OK) {
        const struct neuron_step_argument arguments[3] = {
            {DNNL_ARG_SRC_0, left}, {DNNL_ARG_SRC_1, right}, {DNNL_ARG_DST, output}};

        status = neuron_lowering_add_kernel(lowering, description, arguments, 3);
    }
    neuron_lowering_set_output(lowering, output);
    return status;
}

/* Shapes that stretch: in dense layouts, by our own loops. */
static enum neuron_status
lower_broadcast(struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *result = neuron_lowering_output_shape(lowering);
    dnnl_memory_desc_t layout = neuron_layout_plain(result);
    uint32_t buffers[3] = {0};

    enum neuron_status status = neuron_lowering_plain_input(lowering, 0, &buffers[0]);
    if (status == NEURON_OK) {
        status = neuron_lowering_plain_input(lowering, 1, &buffers[1]);
    }
    if (status == NEURON_OK) {
        status = neuron_plan_add_buffer(lowering->plan, &layout, &buffers[2], lowering->error);
    }
    if (status == NEURON_OK) {
        struct neuron_broadcast broadcast =
            neuron_broadcast_plan(lowering->node->kind, neuron_lowering_input_shape(lowering, 0),
                                  neuron_lowering_input_shape(lowering, 1), result);

        status = neuron_lowering_add_broadcast(lowering, &broadcast, buffers);
    }
    neuron_lowering_set_output(lowering, buffers[2]);
    return status;
}

enum neuron_status
neuron_lower_binary(struct neuron_lowering *lowering)
{
    return neuron_tensor_shape_equals(neuron_lowering_input_shape(lowering, 0),
                                      neuron_lowering_input_shape(lowering, 1))
               ? lower_equal_shapes(lowering)
               : lower_broadcast(lowering);
}

/* Adds a kernel of one input, whose output has the same layout. */
static enum neuron_status
add_in_layout(struct neuron_lowering *lowering, const_dnnl_op_desc_t operation, uint32_t input)
{
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, input);
    dnnl_primitive_desc_t description = NULL;
    uint32_t output = 0;

    enum neuron_status status =
        neuron_plan_add_buffer(lowering->plan, &layout, &output, lowering->error);
    if (status == NEURON_OK) {
        status = neuron_lowering_describe(lowering, operation, &description);
    }
    if (status == NEURON_OK) {
        const struct neuron_step_argument arguments[2] = {{DNNL_ARG_SRC, input},
                                                          {DNNL_ARG_DST, output}};

        status = neuron_lowering_add_kernel(lowering, description, arguments, 2);
    }
    neuron_lowering_set_output(lowering, output);
    return status;
}

enum neuron_status
neuron_lower_unary(struct neuron_lowering *lowering)
{
    uint32_t input = neuron_lowering_input(lowering, 0);
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, input);
    struct neuron_eltwise eltwise =
        neuron_lowering_eltwise(lowering->node->kind, &lowering->node->attributes);
    dnnl_eltwise_desc_t operation = {0};
    enum neuron_status status = neuron_lowering_check(
        lowering, dnnl_eltwise_forward_desc_init(&operation, dnnl_forward_inference, eltwise.kind,
                                                 &layout, eltwise.alpha, eltwise.beta));

    return status == NEURON_OK ? add_in_layout(lowering, &operation, input) : status;
}

enum neuron_status
neuron_lower_softmax(struct neuron_lowering *lowering)
{
    dnnl_memory_desc_t layout = neuron_layout_plain(neuron_lowering_input_shape(lowering, 0));
    dnnl_softmax_desc_t operation = {0};
    uint32_t input = 0;

    enum neuron_status status = neuron_lowering_plain_input(lowering, 0, &input);
    if (status == NEURON_OK) {
        status = neuron_lowering_check(
            lowering, dnnl_softmax_forward_desc_init(&operation, dnnl_forward_inference, &layout,
                                                     lowering->node->attributes.axis));
    }
    return status == NEURON_OK ? add_in_layout(lowering, &operation, input) : status;
}

/* A dense value seen as a matrix, cut before `axis`. */
static enum neuron_status
view_as_matrix(struct neuron_lowering *lowering, uint32_t dense, uint32_t axis, uint32_t *matrix)
{
    const struct neuron_tensor_shape *shape = neuron_lowering_output_shape(lowering);
    int64_t dims[2] = {1, 1};

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        dims[i < axis ? 0 : 1] *= shape->dims[i];
    }
    dnnl_memory_desc_t layout = neuron_layout_dense(dims, 2);
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
    const unsigned flags = (unsigned)dnnl_use_scale | (unsigned)dnnl_use_shift;
    dnnl_layer_normalization_desc_t operation = {0};
    dnnl_primitive_desc_t description = NULL;
    uint32_t scale = 0;
    uint32_t shift = 0;

    enum neuron_status status = view_as_row(lowering, 1, layout.dims[1], &scale);
    if (status == NEURON_OK) {
        status = view_as_row(lowering, 2, layout.dims[1], &shift);
    }
    if (status == NEURON_OK) {
        status =
            neuron_lowering_check(lowering, dnnl_layer_normalization_forward_desc_init(
                                                &operation, dnnl_forward_inference, &layout, NULL,
                                                lowering->node->attributes.epsilon, flags));
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_describe(lowering, &operation, &description);
    }
    if (status == NEURON_OK) {
        const struct neuron_step_argument arguments[4] = {{DNNL_ARG_SRC, input},
                                                          {DNNL_ARG_SCALE, scale},
                                                          {DNNL_ARG_SHIFT, shift},
                                                          {DNNL_ARG_DST, output}};

        status = neuron_lowering_add_kernel(lowering, description, arguments, 4);
    }
    return status;
}

enum neuron_status
neuron_lower_layer_norm(struct neuron_lowering *lowering)
{
    uint32_t axis = (uint32_t)lowering->node->attributes.axis;
    dnnl_memory_desc_t plain = neuron_layout_plain(neuron_lowering_output_shape(lowering));
    uint32_t dense_input = 0;
    uint32_t dense_output = 0;
    uint32_t input = 0;
    uint32_t output = 0;

    enum neuron_status status = neuron_lowering_plain_input(lowering, 0, &dense_input);
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
