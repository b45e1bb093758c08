/* SPDX-License-Identifier: Apache-2.0 */
/* Convolution, its transposition, and pooling. What oneDNN has no kernel for, ours does. */
#include "engine/lowering.h"

#include <string.h>

#include "engine/product_step.h"
#include "engine/scaling.h"

#include "graph/window.h"

enum { CHANNELS_OF_BLOCK = 16, IMAGE_RANK = 4 };

/* Strides, dilations and pads as oneDNN takes them; its dilation of 0 is dense. */
struct window {
    dnnl_dims_t kernel;
    dnnl_dims_t strides;
    dnnl_dims_t dilations;
    dnnl_dims_t pads_before;
    dnnl_dims_t pads_after;
};

static void
set_direction(struct window *window, uint32_t direction, const struct neuron_window *from)
{
    window->kernel[direction] = from->kernel;
    window->strides[direction] = from->stride;
    window->dilations[direction] = from->dilation - 1;
    window->pads_before[direction] = from->pad_before;
    window->pads_after[direction] = from->pad_after;
}

static bool
is_transposed(const struct neuron_lowering *lowering)
{
    return lowering->node->kind == NEURON_OPERATOR_CONV_TRANSPOSE;
}

static struct window
window_of_conv(const struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *input = neuron_lowering_input_shape(lowering, 0);
    const struct neuron_tensor_shape *output = neuron_lowering_output_shape(lowering);
    struct window window = {0};

    for (uint32_t i = 0; i < input->rank - 2; i += 1) {
        struct neuron_window direction = neuron_window_of_conv(
            &lowering->node->attributes, input, neuron_lowering_input_shape(lowering, 1), i);

        if (is_transposed(lowering)) { /* it moves over the result */
            direction.extent = output->dims[2 + i];
            direction.pad_after = neuron_window_pad_used(&direction, input->dims[2 + i]);
        }
        set_direction(&window, i, &direction);
    }
    return window;
}

/*
 * Weights as oneDNN takes them: with groups, these are a dimension of their own. Those of a
 * transposition lie with the input channels outside of the output channels.
 */
static dnnl_memory_desc_t
weights_layout(const struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *shape = neuron_lowering_input_shape(lowering, 1);
    int64_t groups = lowering->node->attributes.groups;
    int64_t dims[3 + NEURON_SPATIAL_LIMIT] = {groups, shape->dims[0] / groups};

    memcpy(dims + 2, shape->dims + 1, (shape->rank - 1) * sizeof(dims[0]));
    dnnl_memory_desc_t layout = neuron_layout_dense(groups == 1 ? dims + 1 : dims,
                                                    groups == 1 ? shape->rank : shape->rank + 1);
    if (is_transposed(lowering)) {
        dnnl_memory_desc_t dense = layout;
        int64_t *strides = dense.format_desc.blocking.strides;
        uint32_t first = groups == 1 ? 0 : 1;
        int64_t stride = strides[first];
        int64_t extent = dense.dims[first];

        strides[first] = strides[first + 1];
        strides[first + 1] = stride;
        dense.dims[first] = dense.dims[first + 1];
        dense.dims[first + 1] = extent;
        (void)dnnl_memory_desc_init_by_strides(&layout, dense.ndims, dense.dims, dnnl_f32, strides);
    }
    return layout;
}

/* The layout of an image that the whole graph is to have; few channels stay as they are best. */
static dnnl_memory_desc_t
chosen_layout(const struct neuron_tensor_shape *shape, enum neuron_layout choice,
              dnnl_data_type_t type)
{
    dnnl_memory_desc_t layout = neuron_layout_plain_as(shape, type);

    if (choice != NEURON_LAYOUT_ANY && shape->dims[1] >= CHANNELS_OF_BLOCK) {
        (void)dnnl_memory_desc_init_by_tag(&layout, layout.ndims, layout.dims, layout.data_type,
                                           dnnl_nChw16c);
        return layout;
    }
    return neuron_layout_any(&layout);
}

static dnnl_alg_kind_t
algorithm_of(const struct neuron_lowering *lowering, enum neuron_layout choice)
{
    if (is_transposed(lowering)) {
        return dnnl_deconvolution_direct;
    }
    return choice == NEURON_LAYOUT_WINOGRAD ? dnnl_convolution_winograd : dnnl_convolution_direct;
}

static enum neuron_status
describe_conv_in(struct neuron_lowering *lowering, enum neuron_layout choice,
                 dnnl_primitive_desc_t *description)
{
    struct window window = window_of_conv(lowering);
    dnnl_memory_desc_t input =
        chosen_layout(neuron_lowering_input_shape(lowering, 0), choice, lowering->operand_type);
    dnnl_memory_desc_t weights = weights_layout(lowering);
    dnnl_memory_desc_t output = chosen_layout(neuron_lowering_output_shape(lowering), choice,
                                              neuron_lowering_result_type(lowering));
    dnnl_memory_desc_t bias = {0};
    bool has_bias = neuron_lowering_has_bias(lowering) && lowering->scaling == NULL;
    dnnl_convolution_desc_t operation = {0};

    if (has_bias) {
        bias = neuron_layout_plain(neuron_lowering_input_shape(lowering, 2));
    }
    weights =
        neuron_layout_as(&weights, lowering->scaling == NULL ? lowering->operand_type : dnnl_s8);
    weights = neuron_layout_any(&weights);
    enum neuron_status status = neuron_lowering_check(
        lowering, (is_transposed(lowering) ? dnnl_dilated_deconvolution_forward_desc_init
                                           : dnnl_dilated_convolution_forward_desc_init)(
                      &operation, dnnl_forward_inference, algorithm_of(lowering, choice), &input,
                      &weights, has_bias ? &bias : NULL, &output, window.strides, window.dilations,
                      window.pads_before, window.pads_after));
    return status == NEURON_OK ? neuron_lowering_describe(lowering, &operation, description)
                               : status;
}

/* What oneDNN calls the kernel that it found. */
static const char *
implementation_of(const_dnnl_primitive_desc_t description)
{
    const char *implementation = "";

    (void)dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &implementation);
    return implementation;
}

/* Describes the operation in one way, by a kernel that was written for it. */
static enum neuron_status
describe_conv_well(struct neuron_lowering *lowering, enum neuron_layout choice,
                   dnnl_primitive_desc_t *description)
{
    enum neuron_status status = describe_conv_in(lowering, choice, description);

    if (status == NEURON_OK &&
        strncmp(implementation_of(*description), "ref", strlen("ref")) == 0) {
        (void)dnnl_primitive_desc_destroy(*description);
        return NEURON_UNSUPPORTED_MODEL;
    }
    return status;
}

/*
 * Describes the operation as it was chosen; where there is no kernel for that, on blocks alone;
 * then in the layout of the kernel; then in float32, by whatever kernel there is.
 */
static enum neuron_status
describe_conv_somehow(struct neuron_lowering *lowering, dnnl_primitive_desc_t *description)
{
    enum neuron_layout choice = lowering->plan->layouts[lowering->index];
    enum neuron_status status = describe_conv_well(lowering, choice, description);

    if (status == NEURON_UNSUPPORTED_MODEL && choice == NEURON_LAYOUT_WINOGRAD) {
        status = describe_conv_well(lowering, NEURON_LAYOUT_BLOCKED_16, description);
    }
    if (status == NEURON_UNSUPPORTED_MODEL && choice != NEURON_LAYOUT_ANY) {
        status = describe_conv_well(lowering, NEURON_LAYOUT_ANY, description);
    }
    if (status == NEURON_UNSUPPORTED_MODEL && lowering->scaling == NULL) {
        lowering->operand_type = dnnl_f32;
        status = describe_conv_in(lowering, NEURON_LAYOUT_ANY, description);
    }
    return status;
}

/*
 * Describes the operation without the node's activation where the kernel is bad at it: oneDNN's
 * convolution by gemm makes 0 of what is no number in a relu of its own, and computes all other
 * functions one number after another.
 */
static enum neuron_status
describe_conv(struct neuron_lowering *lowering, dnnl_primitive_desc_t *description)
{
    enum neuron_status status = describe_conv_somehow(lowering, description);

    if (status == NEURON_OK && lowering->scaling == NULL &&
        lowering->node->attributes.activation != NEURON_OPERATOR_NONE &&
        strstr(implementation_of(*description), "gemm") != NULL) {
        (void)dnnl_primitive_desc_destroy(*description);
        lowering->activates_apart = true;
        status = describe_conv_somehow(lowering, description);
    }
    return status;
}

/* Brings the weights into the layout of the kernel. */
static enum neuron_status
bind_weights(struct neuron_lowering *lowering, const dnnl_memory_desc_t *packed, uint32_t *buffer)
{
    dnnl_memory_desc_t grouped = weights_layout(lowering);
    uint32_t dense = 0;
    uint32_t weights = 0;
    enum neuron_status status = NEURON_OK;

    if (lowering->scaling == NULL) {
        status = neuron_lowering_plain_input(lowering, 1, &dense);
    } else {
        dense = lowering->scaling->weights;
        grouped = neuron_layout_as(&grouped, dnnl_s8);
    }
    if (status == NEURON_OK) {
        status = neuron_plan_add_alias(lowering->plan, dense, &grouped, &weights, lowering->error);
    }
    return status == NEURON_OK ? neuron_lowering_reorder(lowering, weights, packed, buffer)
                               : status;
}

/* Brings input, weights and bias into the layouts of the kernel. */
static enum neuron_status
bind_conv(struct neuron_lowering *lowering, const_dnnl_primitive_desc_t description,
          struct neuron_step_argument *arguments, uint32_t *argument_count)
{
    dnnl_memory_desc_t source = *dnnl_primitive_desc_query_md(description, dnnl_query_src_md, 0);
    bool is_scaled = lowering->scaling != NULL;
    bool has_bias = neuron_lowering_has_bias(lowering);
    dnnl_memory_desc_t wanted = is_scaled ? neuron_layout_as(&source, dnnl_f32) : source;
    uint32_t input = 0;

    enum neuron_status status =
        neuron_lowering_reorder(lowering, neuron_lowering_input(lowering, 0), &wanted, &input);
    if (status == NEURON_OK) {
        status = bind_weights(lowering,
                              dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0),
                              &arguments[1].buffer);
    }
    if (status == NEURON_OK && is_scaled) {
        return neuron_scaling_bind(lowering, input, arguments, argument_count);
    }
    arguments[0] = (struct neuron_step_argument){DNNL_ARG_SRC, input};
    arguments[2].name = DNNL_ARG_BIAS;
    *argument_count = has_bias ? 3 : 2;
    return status == NEURON_OK && has_bias
               ? neuron_lowering_plain_input(lowering, 2, &arguments[2].buffer)
               : status;
}

/* Lowers by a kernel of oneDNN. */
static enum neuron_status
lower_conv(struct neuron_lowering *lowering)
{
    struct neuron_step_argument arguments[5] = {{0, 0}, {DNNL_ARG_WEIGHTS, 0}};
    uint32_t read_count = 2;
    dnnl_primitive_desc_t description = NULL;

    enum neuron_status status = describe_conv(lowering, &description);
    if (status != NEURON_OK) {
        return status;
    }
    status = bind_conv(lowering, description, arguments, &read_count);
    if (status == NEURON_OK) {
        arguments[read_count].name = DNNL_ARG_DST;
        status = neuron_lowering_add_result(
            lowering, dnnl_primitive_desc_query_md(description, dnnl_query_dst_md, 0), arguments,
            read_count, &arguments[read_count].buffer);
    }
    if (status != NEURON_OK) {
        (void)dnnl_primitive_desc_destroy(description);
        return status;
    }
    neuron_lowering_set_output(lowering, arguments[read_count].buffer);
    status = neuron_lowering_add_kernel(lowering, description, arguments, read_count + 1);
    return status == NEURON_OK && lowering->activates_apart
               ? neuron_lowering_activate(lowering, arguments[read_count].buffer)
               : status;
}

/* Says whether each pixel of the result is a product of one pixel with all weights, and our own
   kernel is to do it. */
static bool
is_packed(const struct neuron_lowering *lowering)
{
    const struct neuron_attributes *attributes = &lowering->node->attributes;
    const struct neuron_tensor_shape *input = neuron_lowering_input_shape(lowering, 0);
    const struct neuron_tensor_shape *weights = neuron_lowering_input_shape(lowering, 1);
    const struct neuron_tensor_shape *output = neuron_lowering_output_shape(lowering);

    return attributes->algorithm == NEURON_ALGORITHM_PACKED && input->rank == IMAGE_RANK &&
           !is_transposed(lowering) && attributes->groups == 1 && weights->dims[2] == 1 &&
           weights->dims[3] == 1 && input->dims[2] == output->dims[2] &&
           input->dims[3] == output->dims[3] && attributes->strides[0] == 1 &&
           attributes->strides[1] == 1 && neuron_product_step_fits(lowering);
}

/* An image whose pixels are rows of channels. */
static dnnl_memory_desc_t
pixel_rows(const struct neuron_tensor_shape *shape)
{
    dnnl_memory_desc_t plain = neuron_layout_plain(shape);
    dnnl_memory_desc_t rows = {0};

    (void)dnnl_memory_desc_init_by_tag(&rows, plain.ndims, plain.dims, plain.data_type, dnnl_nhwc);
    return rows;
}

/* Adds a convolution of single pixels, each of which is a row. */
static enum neuron_status
lower_packed(struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *input = neuron_lowering_input_shape(lowering, 0);
    const struct neuron_tensor_shape *output = neuron_lowering_output_shape(lowering);
    const struct neuron_product_shape shape = {.rows =
                                                   input->dims[0] * input->dims[2] * input->dims[3],
                                               .depth = input->dims[1],
                                               .columns = output->dims[1],
                                               .row_stride = 1,
                                               .column_stride = input->dims[1]};
    struct neuron_step_argument left = {.name = DNNL_ARG_SRC};
    dnnl_memory_desc_t rows = pixel_rows(input);
    uint32_t result = 0;

    enum neuron_status status =
        neuron_lowering_reorder(lowering, neuron_lowering_input(lowering, 0), &rows, &left.buffer);
    if (status == NEURON_OK) {
        rows = pixel_rows(output);
        status = neuron_lowering_add_result(lowering, &rows, &left, 1, &result);
    }
    if (status == NEURON_OK) {
        status = neuron_product_step_add(lowering, &shape, left.buffer, result);
    }
    neuron_lowering_set_output(lowering, result);
    return status;
}

enum neuron_status
neuron_lower_conv(struct neuron_lowering *lowering)
{
    enum { CHANNEL_DIM = 1 };
    bool is_plain = !lowering->node->attributes.has_residual; /* which our kernel does not add */
    enum neuron_status status = NEURON_OK;

    if (is_packed(lowering)) {
        return lower_packed(lowering);
    }
    if (!is_transposed(lowering) && neuron_scaling_applies(lowering)) {
        status =
            neuron_scaling_lower(lowering, 0, (int)neuron_lowering_output_shape(lowering)->rank,
                                 CHANNEL_DIM, lower_conv);
    } else {
        status = lower_conv(lowering);
    }
    return is_plain && status == NEURON_UNSUPPORTED_MODEL ? neuron_lower_portable(lowering)
                                                          : status;
}

static dnnl_alg_kind_t
pool_kind(const struct neuron_node *node)
{
    if (node->kind == NEURON_OPERATOR_MAX_POOL) {
        return dnnl_pooling_max;
    }
    return node->attributes.count_padding ? dnnl_pooling_avg_include_padding
                                          : dnnl_pooling_avg_exclude_padding;
}

/*
 * Describes the window; false for those that our kernel does: with gaps, where it is the faster
 * one, and averages whose last windows hang over, and are divided by what is left of them.
 */
static bool
find_pool_window(const struct neuron_lowering *lowering, struct window *window)
{
    const struct neuron_tensor_shape *input = neuron_lowering_input_shape(lowering, 0);
    const struct neuron_attributes *attributes = &lowering->node->attributes;

    for (uint32_t i = 0; i < input->rank - 2; i += 1) {
        struct neuron_window direction = neuron_window_of_pool(attributes, input, i);
        int64_t used =
            neuron_window_pad_used(&direction, neuron_lowering_output_shape(lowering)->dims[2 + i]);
        bool hangs_over = used > direction.pad_after;

        if ((direction.kernel > 1 && direction.dilation > 1) ||
            (hangs_over && pool_kind(lowering->node) == dnnl_pooling_avg_include_padding)) {
            return false;
        }
        direction.pad_after = hangs_over ? used : direction.pad_after;
        set_direction(window, i, &direction);
    }
    return true;
}

static enum neuron_status
describe_pool(struct neuron_lowering *lowering, const struct window *window, uint32_t input,
              dnnl_primitive_desc_t *description)
{
    dnnl_memory_desc_t source = neuron_plan_layout(lowering->plan, input);
    dnnl_memory_desc_t plain =
        neuron_layout_plain_as(neuron_lowering_output_shape(lowering), lowering->operand_type);
    dnnl_memory_desc_t any = neuron_layout_any(&plain);
    dnnl_pooling_desc_t operation = {0};

    enum neuron_status status = neuron_lowering_check(
        lowering, dnnl_pooling_forward_desc_init(
                      &operation, dnnl_forward_inference, pool_kind(lowering->node), &source, &any,
                      window->strides, window->kernel, window->pads_before, window->pads_after));
    return status == NEURON_OK ? neuron_lowering_describe(lowering, &operation, description)
                               : status;
}

/* Says whether the window has no more places than the image: oneDNN looks at each of them, those on
   padding, too; our kernel goes over the image alone. */
static bool
is_within_reach(const struct neuron_lowering *lowering)
{
    const struct neuron_tensor_shape *input = neuron_lowering_input_shape(lowering, 0);
    double window = 1.0;
    double image = 1.0;

    for (uint32_t i = 0; i + 2 < input->rank; i += 1) {
        window *= (double)lowering->node->attributes.kernel[i];
        image *= (double)input->dims[2 + i];
    }
    return window <= 4.0 * image;
}

enum neuron_status
neuron_lower_pool(struct neuron_lowering *lowering)
{
    dnnl_primitive_desc_t description = NULL;
    struct window window = {0};
    uint32_t input = 0;
    uint32_t output = 0;

    if (!is_within_reach(lowering) || !find_pool_window(lowering, &window)) {
        return neuron_lower_portable(lowering);
    }
    enum neuron_status status = neuron_lowering_operand(lowering, 0, &input);
    if (status == NEURON_OK) {
        status = describe_pool(lowering, &window, input, &description);
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
