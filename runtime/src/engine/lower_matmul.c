/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrix products. Transposing is a matter of strides, not of moving. A product with one matrix of
 * weights is done as a single two-dimensional one, whatever stands before the last dimension of the
 * left side.
 */
#include "engine/lowering.h"

#include <string.h>

#include "engine/scaling.h"

/* The sides of a product as oneDNN takes them: the same rank everywhere. */
struct product {
    dnnl_memory_desc_t left;
    dnnl_memory_desc_t right;
    dnnl_memory_desc_t bias;
    dnnl_memory_desc_t output;
    bool has_bias;
};

/* A dense shape with dimensions of 1 put before it, and the last two swapped on demand. */
static dnnl_memory_desc_t
matrix_layout(const struct neuron_tensor_shape *shape, uint32_t rank, bool is_transposed,
              dnnl_data_type_t type)
{
    dnnl_memory_desc_t layout = {0};
    dnnl_dims_t dims = {0};
    dnnl_dims_t strides = {0};
    int64_t stride = 1;

    for (uint32_t i = 0; i < rank; i += 1) {
        uint32_t position = rank - 1 - i;

        dims[position] = i < shape->rank ? shape->dims[shape->rank - 1 - i] : 1;
        strides[position] = stride;
        stride *= dims[position];
    }
    if (is_transposed) {
        int64_t last_dim = dims[rank - 1];
        int64_t last_stride = strides[rank - 1];

        dims[rank - 1] = dims[rank - 2];
        strides[rank - 1] = strides[rank - 2];
        dims[rank - 2] = last_dim;
        strides[rank - 2] = last_stride;
    }
    (void)dnnl_memory_desc_init_by_strides(&layout, (int)rank, dims, type, strides);
    return layout;
}

/* All dimensions but the last as one. */
static struct neuron_tensor_shape
collapse_rows(const struct neuron_tensor_shape *shape)
{
    struct neuron_tensor_shape matrix = {.type = shape->type, .rank = 2, .dims = {1, 1}};

    for (uint32_t i = 0; i + 1 < shape->rank; i += 1) {
        matrix.dims[0] *= shape->dims[i];
    }
    matrix.dims[1] = shape->dims[shape->rank - 1];
    return matrix;
}

/* Says whether all that stands before the last dimension of the left side is one dimension. */
static bool
collapses(const struct neuron_lowering *lowering)
{
    return neuron_lowering_input_shape(lowering, 1)->rank == 2 &&
           neuron_lowering_input_shape(lowering, 0)->rank > 2 &&
           !lowering->node->attributes.transpose_left;
}

static struct product
plan_product(const struct neuron_lowering *lowering)
{
    const struct neuron_attributes *attributes = &lowering->node->attributes;
    struct neuron_tensor_shape left = *neuron_lowering_input_shape(lowering, 0);
    struct neuron_tensor_shape right = *neuron_lowering_input_shape(lowering, 1);
    struct neuron_tensor_shape output = *neuron_lowering_output_shape(lowering);
    struct product product = {.has_bias = neuron_lowering_has_bias(lowering)};

    if (collapses(lowering)) {
        left = collapse_rows(&left);
        output = collapse_rows(&output);
    }
    product.left =
        matrix_layout(&left, output.rank, attributes->transpose_left, lowering->operand_type);
    product.right = matrix_layout(&right, output.rank, attributes->transpose_right,
                                  lowering->scaling == NULL ? lowering->operand_type : dnnl_s8);
    product.output =
        matrix_layout(&output, output.rank, false, neuron_lowering_result_type(lowering));
    if (product.has_bias) {
        product.bias =
            matrix_layout(neuron_lowering_input_shape(lowering, 2), output.rank, false, dnnl_f32);
    }
    return product;
}

/* Describes the product; constant weights are packed as the kernel likes them best. */
static enum neuron_status
describe_product(struct neuron_lowering *lowering, const struct product *product,
                 dnnl_primitive_desc_t *description)
{
    dnnl_memory_desc_t right = neuron_lowering_is_constant(lowering, 1)
                                   ? neuron_layout_any(&product->right)
                                   : product->right;
    dnnl_matmul_desc_t operation = {0};
    enum neuron_status status = neuron_lowering_check(
        lowering, dnnl_matmul_desc_init(
                      &operation, &product->left, &right,
                      product->has_bias && lowering->scaling == NULL ? &product->bias : NULL,
                      &product->output));

    return status == NEURON_OK ? neuron_lowering_describe(lowering, &operation, description)
                               : status;
}

/* An input's dense bytes, seen as the product sees them. */
static enum neuron_status
view_input(struct neuron_lowering *lowering, uint32_t input, const dnnl_memory_desc_t *layout,
           uint32_t *view)
{
    uint32_t dense = 0;
    enum neuron_status status =
        neuron_lowering_plain_input_as(lowering, input, layout->data_type, &dense);

    return status == NEURON_OK
               ? neuron_plan_add_alias(lowering->plan, dense, layout, view, lowering->error)
               : status;
}

/* The weights, packed; those that are rounded to 16 bits are so on the way. */
static enum neuron_status
bind_weights(struct neuron_lowering *lowering, const struct product *product,
             const dnnl_memory_desc_t *packed, uint32_t *buffer)
{
    dnnl_memory_desc_t stored = neuron_layout_as(
        &product->right,
        neuron_lowering_is_constant(lowering, 1) ? dnnl_f32 : lowering->operand_type);
    uint32_t right = 0;

    enum neuron_status status =
        lowering->scaling == NULL
            ? view_input(lowering, 1, &stored, &right)
            : neuron_plan_add_alias(lowering->plan, lowering->scaling->weights, &product->right,
                                    &right, lowering->error);
    return status == NEURON_OK ? neuron_lowering_reorder(lowering, right, packed, buffer) : status;
}

/* Finds what the kernel reads beside the weights, which stand second. */
static enum neuron_status
bind_operands(struct neuron_lowering *lowering, const struct product *product,
              struct neuron_step_argument *arguments, uint32_t *argument_count)
{
    dnnl_memory_desc_t wide = neuron_layout_as(&product->left, dnnl_f32);
    uint32_t left = 0;

    if (lowering->scaling != NULL) {
        enum neuron_status status = view_input(lowering, 0, &wide, &left);

        return status == NEURON_OK ? neuron_scaling_bind(lowering, left, arguments, argument_count)
                                   : status;
    }
    arguments[0].name = DNNL_ARG_SRC;
    arguments[2].name = DNNL_ARG_BIAS;
    *argument_count = product->has_bias ? 3 : 2;
    enum neuron_status status = view_input(lowering, 0, &product->left, &arguments[0].buffer);
    return status == NEURON_OK && product->has_bias
               ? view_input(lowering, 2, &product->bias, &arguments[2].buffer)
               : status;
}

/* Adds the step to a plan in which the kernel is described. */
static enum neuron_status
add_product(struct neuron_lowering *lowering, const struct product *product,
            dnnl_primitive_desc_t description)
{
    dnnl_memory_desc_t plain =
        neuron_layout_plain_as(neuron_lowering_output_shape(lowering), product->output.data_type);
    dnnl_memory_desc_t packed =
        *dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0);
    struct neuron_step_argument arguments[5] = {{0, 0}, {DNNL_ARG_WEIGHTS, 0}};
    uint32_t read_count = 2;
    uint32_t output = 0;

    enum neuron_status status = bind_weights(lowering, product, &packed, &arguments[1].buffer);
    if (status == NEURON_OK) {
        status = bind_operands(lowering, product, arguments, &read_count);
    }
    if (status == NEURON_OK) {
        status = neuron_lowering_add_result(lowering, &plain, arguments, read_count, &output);
    }
    if (status == NEURON_OK) {
        arguments[read_count].name = DNNL_ARG_DST;
        status = neuron_plan_add_alias(lowering->plan, output, &product->output,
                                       &arguments[read_count].buffer, lowering->error);
    }
    if (status != NEURON_OK) {
        (void)dnnl_primitive_desc_destroy(description);
        return status;
    }
    neuron_lowering_set_output(lowering, output);
    return neuron_lowering_add_kernel(lowering, description, arguments, read_count + 1);
}

static enum neuron_status
lower_product(struct neuron_lowering *lowering)
{
    struct product product = plan_product(lowering);
    dnnl_primitive_desc_t description = NULL;
    enum neuron_status status = describe_product(lowering, &product, &description);

    return status == NEURON_OK ? add_product(lowering, &product, description) : status;
}

enum neuron_status
neuron_lower_matmul(struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *right = neuron_lowering_input_shape(lowering, 1);
    int rank = collapses(lowering) ? 2 : (int)neuron_lowering_output_shape(lowering)->rank;

    if (right->rank == 2 && rank >= 2 && neuron_scaling_applies(lowering)) {
        uint32_t axis = lowering->node->attributes.transpose_right ? 0 : 1;

        return neuron_scaling_lower(lowering, axis, rank, rank - 1, lower_product);
    }
    return lower_product(lowering);
}
