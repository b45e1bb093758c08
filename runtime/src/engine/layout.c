/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts, and what lowering asks of a node. */
#include "engine/lowering.h"

#include "engine/scaling.h"

dnnl_memory_desc_t
neuron_layout_dense(const int64_t *dims, uint32_t rank)
{
    dnnl_memory_desc_t layout = {0};
    dnnl_dims_t all_dims = {1};
    dnnl_dims_t strides = {0};
    int64_t stride = 1;
    /* oneDNN has no tensors without dimensions. */
    uint32_t layout_rank = rank == 0 ? 1 : rank;

    for (uint32_t i = 0; i < rank; i += 1) {
        all_dims[i] = dims[i];
    }
    for (uint32_t i = layout_rank; i > 0; i -= 1) {
        strides[i - 1] = stride;
        stride *= all_dims[i - 1];
    }
    /* Fails for invalid extents only, and inference has let none through. */
    (void)dnnl_memory_desc_init_by_strides(&layout, (int)layout_rank, all_dims, dnnl_f32, strides);
    return layout;
}

/* As many bytes as the shape takes, in the one type that every kernel of ours may have. */
static dnnl_memory_desc_t
layout_bytes(const struct neuron_tensor_shape *shape)
{
    dnnl_memory_desc_t layout = {0};
    const dnnl_dims_t size = {(int64_t)neuron_tensor_shape_size_bytes(shape)};
    const dnnl_dims_t stride = {1};

    (void)dnnl_memory_desc_init_by_strides(&layout, 1, size, dnnl_u8, stride);
    return layout;
}

dnnl_memory_desc_t
neuron_layout_plain(const struct neuron_tensor_shape *shape)
{
    return shape->type == NEURON_FLOAT32 ? neuron_layout_dense(shape->dims, shape->rank)
                                         : layout_bytes(shape);
}

dnnl_memory_desc_t
neuron_layout_as(const dnnl_memory_desc_t *layout, dnnl_data_type_t type)
{
    dnnl_memory_desc_t changed = *layout;

    /* Strides count elements, so that they stay. */
    changed.data_type = type;
    return changed;
}

dnnl_memory_desc_t
neuron_layout_plain_as(const struct neuron_tensor_shape *shape, dnnl_data_type_t type)
{
    dnnl_memory_desc_t plain = neuron_layout_plain(shape);

    return shape->type == NEURON_FLOAT32 ? neuron_layout_as(&plain, type) : plain;
}

dnnl_memory_desc_t
neuron_layout_any(const dnnl_memory_desc_t *layout)
{
    dnnl_memory_desc_t any = {0};

    (void)dnnl_memory_desc_init_by_tag(&any, layout->ndims, layout->dims, layout->data_type,
                                       dnnl_format_tag_any);
    return any;
}

const struct neuron_tensor_shape *
neuron_lowering_input_shape(const struct neuron_lowering *lowering, uint32_t input)
{
    return &lowering->plan->graph->values[lowering->node->inputs[input]].shape;
}

const struct neuron_tensor_shape *
neuron_lowering_output_shape(const struct neuron_lowering *lowering)
{
    return &lowering->plan->graph->values[lowering->node->output].shape;
}

bool
neuron_lowering_is_constant(const struct neuron_lowering *lowering, uint32_t input)
{
    const struct neuron_plan *plan = lowering->plan;
    uint32_t buffer = neuron_lowering_input(lowering, input);

    return plan->storages[plan->buffers[buffer].storage].place == NEURON_PLACE_CONSTANT;
}

uint32_t
neuron_lowering_input(const struct neuron_lowering *lowering, uint32_t input)
{
    return lowering->plan->value_buffers[lowering->node->inputs[input]];
}

void
neuron_lowering_set_output(struct neuron_lowering *lowering, uint32_t buffer)
{
    struct neuron_plan *plan = lowering->plan;
    struct neuron_storage *storage = &plan->storages[plan->buffers[buffer].storage];
    uint32_t last_reader = plan->last_readers[lowering->node->output];

    plan->value_buffers[lowering->node->output] = buffer;
    storage->is_value = true;
    if (storage->last_reader < last_reader) {
        storage->last_reader = last_reader;
    }
}

dnnl_data_type_t
neuron_lowering_result_type(const struct neuron_lowering *lowering)
{
    /* Products of 8 bits give float32, whoever reads it. */
    return lowering->plan->is_narrow[lowering->node->output] && lowering->operand_type == dnnl_bf16
               ? dnnl_bf16
               : dnnl_f32;
}

enum neuron_status
neuron_lowering_plain_input_as(struct neuron_lowering *lowering, uint32_t input,
                               dnnl_data_type_t type, uint32_t *buffer)
{
    dnnl_memory_desc_t plain =
        neuron_layout_plain_as(neuron_lowering_input_shape(lowering, input), type);

    return neuron_lowering_reorder(lowering, neuron_lowering_input(lowering, input), &plain,
                                   buffer);
}

enum neuron_status
neuron_lowering_plain_input(struct neuron_lowering *lowering, uint32_t input, uint32_t *buffer)
{
    return neuron_lowering_plain_input_as(lowering, input, dnnl_f32, buffer);
}

enum neuron_status
neuron_lowering_operand(struct neuron_lowering *lowering, uint32_t input, uint32_t *buffer)
{
    uint32_t stored = neuron_lowering_input(lowering, input);
    dnnl_memory_desc_t layout = neuron_plan_layout(lowering->plan, stored);
    dnnl_memory_desc_t wanted = neuron_layout_as(&layout, lowering->operand_type);

    return neuron_lowering_reorder(lowering, stored, &wanted, buffer);
}

enum neuron_status
neuron_lowering_moved_input(struct neuron_lowering *lowering, uint32_t input, uint32_t *buffer)
{
    const struct neuron_plan *plan = lowering->plan;
    dnnl_memory_desc_t stored = neuron_plan_layout(plan, neuron_lowering_input(lowering, input));

    return neuron_lowering_plain_input_as(
        lowering, input, plan->is_narrow[lowering->node->output] ? dnnl_bf16 : stored.data_type,
        buffer);
}

enum neuron_status
neuron_lowering_check(struct neuron_lowering *lowering, dnnl_status_t status)
{
    const char *name =
        lowering->node == NULL ? "output" : neuron_operator_name(lowering->node->kind);

    if (status == dnnl_success) {
        return NEURON_OK;
    }
    if (status == dnnl_out_of_memory) {
        return NEURON_FAIL(lowering->error, NEURON_OUT_OF_MEMORY, "%s: out of memory for a kernel",
                           name);
    }
    if (status == dnnl_unimplemented || status == dnnl_invalid_arguments) {
        return NEURON_FAIL(lowering->error, NEURON_UNSUPPORTED_MODEL,
                           "%s: this machine's oneDNN has no kernel for these shapes", name);
    }
    return NEURON_FAIL(lowering->error, NEURON_SYSTEM, "%s: oneDNN failed with status %d", name,
                       (int)status);
}

/* What oneDNN calls an elementwise operator of one input; undefined where it has none. */
static dnnl_alg_kind_t
find_eltwise(enum neuron_operator kind)
{
    static const dnnl_alg_kind_t kinds[NEURON_OPERATOR_END] = {
        [NEURON_OPERATOR_RELU] = dnnl_eltwise_relu,
        [NEURON_OPERATOR_GELU] = dnnl_eltwise_gelu_erf,
        [NEURON_OPERATOR_SIGMOID] = dnnl_eltwise_logistic,
        [NEURON_OPERATOR_TANH] = dnnl_eltwise_tanh,
        [NEURON_OPERATOR_CLIP] = dnnl_eltwise_clip,
        [NEURON_OPERATOR_NEGATE] = dnnl_eltwise_linear,
        [NEURON_OPERATOR_ABSOLUTE] = dnnl_eltwise_abs,
        [NEURON_OPERATOR_ROUND] = dnnl_eltwise_round,
        [NEURON_OPERATOR_SQRT] = dnnl_eltwise_sqrt,
        [NEURON_OPERATOR_EXP] = dnnl_eltwise_exp,
        [NEURON_OPERATOR_LEAKY_RELU] = dnnl_eltwise_relu,
        [NEURON_OPERATOR_ELU] = dnnl_eltwise_elu,
        [NEURON_OPERATOR_HARD_SWISH] = dnnl_eltwise_hardswish,
        [NEURON_OPERATOR_MISH] = dnnl_eltwise_mish,
        [NEURON_OPERATOR_SOFTPLUS] = dnnl_eltwise_soft_relu,
        [NEURON_OPERATOR_GELU_TANH] = dnnl_eltwise_gelu_tanh,
        [NEURON_OPERATOR_SWISH] = dnnl_eltwise_swish,
    };

    return kinds[kind];
}

bool
neuron_lowering_has_eltwise(enum neuron_operator kind)
{
    return find_eltwise(kind) != dnnl_alg_kind_undef;
}

struct neuron_eltwise
neuron_lowering_eltwise(enum neuron_operator kind, const struct neuron_attributes *attributes)
{
    struct neuron_eltwise eltwise = {.kind = find_eltwise(kind)};

    if (kind == NEURON_OPERATOR_CLIP) {
        eltwise.alpha = attributes->low;
        eltwise.beta = attributes->high;
    } else if (kind == NEURON_OPERATOR_LEAKY_RELU || kind == NEURON_OPERATOR_ELU) {
        eltwise.alpha = attributes->alpha;
    } else if (kind == NEURON_OPERATOR_NEGATE) {
        eltwise.alpha = -1.0F;
    } else if (kind == NEURON_OPERATOR_SWISH) {
        eltwise.alpha = 1.0F;
    }
    return eltwise;
}

/* What follows an operation: what the factors of 8-bit operands demand; the residual, which lies
 * where the result goes, then the activation.
 */
static dnnl_status_t
append_post_ops(const struct neuron_lowering *lowering, dnnl_primitive_attr_t attributes)
{
    const struct neuron_attributes *node = &lowering->node->attributes;
    struct neuron_eltwise activation = neuron_lowering_eltwise(node->activation, node);
    dnnl_post_ops_t after = NULL;

    dnnl_status_t result = dnnl_post_ops_create(&after);
    if (result == dnnl_success && lowering->scaling != NULL) {
        result = neuron_scaling_append(lowering->scaling, after);
    }
    if (result == dnnl_success && node->has_residual) {
        result = dnnl_post_ops_append_sum(after, 1.0F);
    }
    if (result == dnnl_success && node->activation != NEURON_OPERATOR_NONE &&
        !lowering->activates_apart) {
        result = dnnl_post_ops_append_eltwise(after, 1.0F, activation.kind, activation.alpha,
                                              activation.beta);
    }
    if (result == dnnl_success) {
        result = dnnl_primitive_attr_set_post_ops(attributes, after);
    }
    (void)dnnl_post_ops_destroy(after);
    return result;
}

/* Scratch memory is ours, so that a run allocates nothing. */
static dnnl_status_t
create_attributes(const struct neuron_lowering *lowering, dnnl_primitive_attr_t *attributes)
{
    dnnl_status_t result = dnnl_primitive_attr_create(attributes);

    if (result == dnnl_success) {
        result = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
    }
    if (result == dnnl_success && lowering->scaling != NULL) {
        result = neuron_scaling_set_factors(lowering->scaling, *attributes);
    }
    return result == dnnl_success ? append_post_ops(lowering, *attributes) : result;
}

enum neuron_status
neuron_lowering_describe(struct neuron_lowering *lowering, const_dnnl_op_desc_t operation,
                         dnnl_primitive_desc_t *description)
{
    dnnl_primitive_attr_t attributes = NULL;

    dnnl_status_t result = create_attributes(lowering, &attributes);
    if (result == dnnl_success) {
        result = dnnl_primitive_desc_create(description, operation, attributes,
                                            lowering->plan->engine, NULL);
    }
    (void)dnnl_primitive_attr_destroy(attributes);
    return neuron_lowering_check(lowering, result);
}
