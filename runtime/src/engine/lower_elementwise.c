/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operators and softmax. */
#include "engine/lowering.h"

/* What oneDNN calls an elementwise operator of two inputs. */
static dnnl_alg_kind_t
binary_kind(enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_ADD:
        return dnnl_binary_add;
    case NEURON_OPERATOR_SUBTRACT:
        return dnnl_binary_sub;
    case NEURON_OPERATOR_MULTIPLY:
        return dnnl_binary_mul;
    case NEURON_OPERATOR_MINIMUM:
        return dnnl_binary_min;
    case NEURON_OPERATOR_MAXIMUM:
        return dnnl_binary_max;
    default:
        return dnnl_binary_div;
    }
}

/* Equal shapes: in whatever layout the left one is. */
static enum neuron_status
lower_equal_shapes(struct neuron_lowering *lowering)
{
    dnnl_primitive_desc_t description = NULL;
    dnnl_binary_desc_t operation = {0};
    dnnl_memory_desc_t layout = {0};
    uint32_t left = 0;
    uint32_t right = 0;
    uint32_t output = 0;

    enum neuron_status status = neuron_lowering_operand(lowering, 0, &left);
    if (status == NEURON_OK) {
        layout = neuron_plan_layout(lowering->plan, left);
        status =
            neuron_lowering_reorder(lowering, neuron_lowering_input(lowering, 1), &layout, &right);
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_may_write_over(lowering, left, &layout)
                     ? neuron_lowering_add_over(lowering, left, &layout, &output)
                     : neuron_lowering_add_over(lowering, right, &layout, &output);
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

enum neuron_status
neuron_lower_binary(struct neuron_lowering *lowering)
{
    return neuron_tensor_shape_equals(neuron_lowering_input_shape(lowering, 0),
                                      neuron_lowering_input_shape(lowering, 1))
               ? lower_equal_shapes(lowering)
               : neuron_lower_portable(lowering);
}

/* Adds a kernel of one input, whose output has the same layout. */
static enum neuron_status
add_in_layout(struct neuron_lowering *lowering, const_dnnl_op_desc_t operation, uint32_t input)
{
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, input);
    dnnl_primitive_desc_t description = NULL;
    uint32_t output = 0;

    enum neuron_status status = neuron_lowering_add_over(lowering, input, &layout, &output);
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

/* Begins a kernel of one input, on a layout. */
static enum neuron_status
begin_eltwise(struct neuron_lowering *lowering, const dnnl_memory_desc_t *layout,
              dnnl_eltwise_desc_t *operation)
{
    struct neuron_eltwise eltwise =
        neuron_lowering_eltwise(lowering->node->kind, &lowering->node->attributes);

    return neuron_lowering_check(
        lowering, dnnl_eltwise_forward_desc_init(operation, dnnl_forward_inference, eltwise.kind,
                                                 layout, eltwise.alpha, eltwise.beta));
}

enum neuron_status
neuron_lower_unary(struct neuron_lowering *lowering)
{
    dnnl_eltwise_desc_t operation = {0};
    uint32_t input = 0;

    enum neuron_status status = neuron_lowering_operand(lowering, 0, &input);
    if (status == NEURON_OK) {
        dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, input);

        status = begin_eltwise(lowering, &layout, &operation);
    }
    return status == NEURON_OK ? add_in_layout(lowering, &operation, input) : status;
}

enum neuron_status
neuron_lowering_activate(struct neuron_lowering *lowering, uint32_t buffer)
{
    const struct neuron_step_argument arguments[2] = {{DNNL_ARG_SRC, buffer},
                                                      {DNNL_ARG_DST, buffer}};
    /* What the node adds, and its activation, are no part of this kernel. */
    struct neuron_node bare_node = {.kind = lowering->node->attributes.activation,
                                    .attributes = lowering->node->attributes};
    struct neuron_lowering bare = *lowering;
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, buffer);
    dnnl_eltwise_desc_t operation = {0};
    dnnl_primitive_desc_t description = NULL;

    bare_node.attributes.has_residual = false;
    bare_node.attributes.activation = NEURON_OPERATOR_NONE;
    bare.node = &bare_node;
    enum neuron_status status = begin_eltwise(&bare, &layout, &operation);
    if (status == NEURON_OK) {
        status = neuron_lowering_describe(&bare, &operation, &description);
    }
    return status == NEURON_OK ? neuron_lowering_add_kernel(lowering, description, arguments, 2)
                               : status;
}

enum neuron_status
neuron_lower_softmax(struct neuron_lowering *lowering)
{
    dnnl_memory_desc_t layout =
        neuron_layout_plain_as(neuron_lowering_input_shape(lowering, 0), lowering->operand_type);
    /* The logarithm's description is the same type by another name. */
    dnnl_status_t (*begin)(dnnl_softmax_desc_t *, dnnl_prop_kind_t, const dnnl_memory_desc_t *,
                           int) = lowering->node->kind == NEURON_OPERATOR_LOG_SOFTMAX
                                      ? dnnl_logsoftmax_forward_desc_init
                                      : dnnl_softmax_forward_desc_init;
    dnnl_softmax_desc_t operation = {0};
    uint32_t input = 0;

    enum neuron_status status =
        neuron_lowering_plain_input_as(lowering, 0, lowering->operand_type, &input);
    if (status == NEURON_OK) {
        status = neuron_lowering_check(lowering, begin(&operation, dnnl_forward_inference, &layout,
                                                       lowering->node->attributes.axis));
    }
    return status == NEURON_OK ? add_in_layout(lowering, &operation, input) : status;
}
