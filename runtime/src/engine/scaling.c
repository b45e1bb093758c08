/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/machine.h"
#include "engine/packed_weights.h"

enum { WEIGHT_LIMIT = 127, ALIGNMENT = 64, FACTORS = 1 /* the signature of all of them */ };

/* Weights as rows of channels: those before the axis, the channels, those behind it. */
struct weights_walk {
    const float *weights;
    int64_t outer;
    int64_t channels;
    int64_t inner;
};

bool
neuron_scaling_applies(const struct neuron_lowering *lowering)
{
    return lowering->node->attributes.precision == NEURON_PRECISION_INT8 &&
           neuron_machine_has_precision(NEURON_PRECISION_INT8) &&
           neuron_lowering_is_constant(lowering, 1);
}

static struct weights_walk
walk_weights(const struct neuron_lowering *lowering, uint32_t axis)
{
    const struct neuron_plan *plan = lowering->plan;
    const struct neuron_tensor_shape *shape = neuron_lowering_input_shape(lowering, 1);
    uint32_t buffer = neuron_lowering_input(lowering, 1);
    struct weights_walk walk = {.weights = plan->storages[plan->buffers[buffer].storage].constant,
                                .outer = 1,
                                .channels = shape->dims[axis],
                                .inner = 1};

    for (uint32_t i = 0; i < shape->rank; i += 1) {
        walk.outer *= i < axis ? shape->dims[i] : 1;
        walk.inner *= i > axis ? shape->dims[i] : 1;
    }
    return walk;
}

/* Raises a peak to the largest magnitude of a row. What is no number stays, whatever follows. */
static float
raise_peak(const float *row, int64_t count, float peak)
{
    for (int64_t i = 0; i < count && !isnan(peak); i += 1) {
        float magnitude = fabsf(row[i]);

        peak = magnitude <= peak ? peak : magnitude;
    }
    return peak;
}

/* The largest magnitude of each channel becomes 127. Weights that are no numbers stay none. */
static void
find_factors(const struct weights_walk *walk, float *factors)
{
    int64_t row_count = walk->outer * walk->channels;

    for (int64_t row = 0; row < row_count; row += 1) {
        float *factor = &factors[row % walk->channels];

        *factor = raise_peak(walk->weights + row * walk->inner, walk->inner, *factor);
    }
    for (int64_t channel = 0; channel < walk->channels; channel += 1) {
        factors[channel] = factors[channel] == 0.0F ? 1.0F : factors[channel] / WEIGHT_LIMIT;
    }
}

static void
round_weights(const struct weights_walk *walk, const float *factors, int8_t *rounded)
{
    int64_t row_count = walk->outer * walk->channels;

    for (int64_t row = 0; row < row_count; row += 1) {
        const float *weights = walk->weights + row * walk->inner;
        float factor = factors[row % walk->channels];
        bool is_number = isfinite(factor);

        for (int64_t i = 0; i < walk->inner; i += 1) {
            long whole = is_number ? lrintf(weights[i] / factor) : 0;

            rounded[row * walk->inner + i] = (int8_t)whole;
        }
    }
}

/* The layout of one number, or of one for each channel, beside a result of a rank. */
static dnnl_memory_desc_t
broadcast_layout(int rank, int dim, int64_t count)
{
    int64_t dims[DNNL_MAX_NDIMS] = {0};

    for (int i = 0; i < rank; i += 1) {
        dims[i] = i == dim ? count : 1;
    }
    return neuron_layout_dense(dims, (uint32_t)rank);
}

/*
 * Finds the factors: on the disk, or by looking at the weights. A constant of the plan holds them,
 * so that they come to the disk.
 */
static enum neuron_status
create_factors(struct neuron_lowering *lowering, const struct weights_walk *walk, float **factors)
{
    struct neuron_plan *plan = lowering->plan;
    dnnl_memory_desc_t layout = neuron_layout_dense(&walk->channels, 1);
    size_t size_bytes = dnnl_memory_desc_get_size(&layout);
    const void *kept =
        neuron_packed_cache_find(plan->packed, plan->storage_count, size_bytes, FACTORS);
    float *found = aligned_alloc(ALIGNMENT, size_bytes + ALIGNMENT - size_bytes % ALIGNMENT);
    uint32_t buffer = 0;

    if (found == NULL) {
        return NEURON_FAIL(lowering->error, NEURON_OUT_OF_MEMORY,
                           "out of memory for weights of 8 bits");
    }
    if (kept == NULL) {
        memset(found, 0, size_bytes);
        find_factors(walk, found);
    } else {
        memcpy(found, kept, size_bytes);
    }
    enum neuron_status status =
        neuron_plan_add_constant(plan, &layout, found, &buffer, lowering->error);
    if (status == NEURON_OK) {
        struct neuron_storage *storage = &plan->storages[plan->buffers[buffer].storage];

        storage->is_factors = true;
        storage->signature = FACTORS;
        *factors = found;
    }
    return status;
}

/* Finds the factors, and makes the place of the rounded weights: those are made when they are to be
   packed, if they are not on the disk as well. */
static enum neuron_status
create_scaling(struct neuron_lowering *lowering, uint32_t axis, int rank, int dim,
               struct neuron_scaling *scaling)
{
    const struct neuron_tensor_shape *shape = neuron_lowering_input_shape(lowering, 1);
    dnnl_memory_desc_t plain = neuron_layout_plain_as(shape, dnnl_s8);
    struct weights_walk walk = walk_weights(lowering, axis);

    *scaling = (struct neuron_scaling){.axis = axis,
                                       .channel_count = walk.channels,
                                       .channel_dim = dim,
                                       .operand_factor = broadcast_layout(rank, dim, 1),
                                       .has_bias = neuron_lowering_has_bias(lowering),
                                       .bias = broadcast_layout(rank, dim, walk.channels)};
    enum neuron_status status = create_factors(lowering, &walk, &scaling->factors);
    return status == NEURON_OK ? neuron_plan_add_constant(lowering->plan, &plain, NULL,
                                                          &scaling->weights, lowering->error)
                               : status;
}

enum neuron_status
neuron_scaling_round_weights(struct neuron_lowering *lowering)
{
    const struct neuron_scaling *scaling = lowering->scaling;
    struct weights_walk walk = walk_weights(lowering, scaling->axis);
    void *rounded = NULL;

    enum neuron_status status =
        neuron_packed_weights_allocate(lowering, scaling->weights, &rounded);
    if (status == NEURON_OK) {
        round_weights(&walk, scaling->factors, rounded);
    }
    return status;
}

dnnl_status_t
neuron_scaling_set_factors(const struct neuron_scaling *scaling, dnnl_primitive_attr_t attributes)
{
    return dnnl_primitive_attr_set_output_scales(attributes, scaling->channel_count,
                                                 1 << scaling->channel_dim, scaling->factors);
}

dnnl_status_t
neuron_scaling_append(const struct neuron_scaling *scaling, dnnl_post_ops_t after)
{
    dnnl_status_t result =
        dnnl_post_ops_append_binary(after, dnnl_binary_mul, &scaling->operand_factor);

    return result == dnnl_success && scaling->has_bias
               ? dnnl_post_ops_append_binary(after, dnnl_binary_add, &scaling->bias)
               : result;
}

/* Adds the step that rounds an operand, and the buffer of its factor. */
static enum neuron_status
add_rounding(struct neuron_lowering *lowering, uint32_t wide, uint32_t rounded, uint32_t *factor)
{
    const struct neuron_scaling *scaling = lowering->scaling;
    enum neuron_status status =
        neuron_plan_add_buffer(lowering->plan, &scaling->operand_factor, factor, lowering->error);
    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_step_argument arguments[3] = {
        {DNNL_ARG_FROM, wide}, {DNNL_ARG_TO, rounded}, {DNNL_ARG_SCRATCHPAD, *factor}};
    return neuron_lowering_add_elements(lowering, neuron_kernel_round_operand, arguments, 3);
}

enum neuron_status
neuron_scaling_bind(struct neuron_lowering *lowering, uint32_t operand,
                    struct neuron_step_argument *arguments, uint32_t *argument_count)
{
    const struct neuron_scaling *scaling = lowering->scaling;
    dnnl_memory_desc_t wide = neuron_plan_layout(lowering->plan, operand);
    dnnl_memory_desc_t narrow = neuron_layout_as(&wide, lowering->operand_type);
    uint32_t rounded = 0;
    uint32_t factor = 0;
    uint32_t dense = 0;
    uint32_t bias = 0;

    enum neuron_status status =
        neuron_plan_add_buffer(lowering->plan, &narrow, &rounded, lowering->error);
    if (status == NEURON_OK) {
        status = add_rounding(lowering, operand, rounded, &factor);
    }
    if (status == NEURON_OK && scaling->has_bias) {
        status = neuron_lowering_plain_input(lowering, 2, &dense);
    }
    if (status == NEURON_OK && scaling->has_bias) {
        status =
            neuron_plan_add_alias(lowering->plan, dense, &scaling->bias, &bias, lowering->error);
    }
    arguments[0] = (struct neuron_step_argument){DNNL_ARG_SRC, rounded};
    arguments[2] =
        (struct neuron_step_argument){DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, factor};
    arguments[3] =
        (struct neuron_step_argument){DNNL_ARG_ATTR_MULTIPLE_POST_OP(1) | DNNL_ARG_SRC_1, bias};
    *argument_count = scaling->has_bias ? 4 : 3;
    return status;
}

/* Says whether the kernel takes the weights as they are, so that nobody packed them, and they are
   to be there. */
static bool
is_read_unpacked(const struct neuron_plan *plan, const struct neuron_scaling *scaling)
{
    const struct neuron_storage *storage = &plan->storages[plan->buffers[scaling->weights].storage];

    return !plan->is_outline && storage->constant == NULL && storage->first_step != UINT32_MAX;
}

enum neuron_status
neuron_scaling_lower(struct neuron_lowering *lowering, uint32_t axis, int rank, int dim,
                     neuron_lower_fn *lower)
{
    struct neuron_scaling scaling = {0};
    enum neuron_status status = create_scaling(lowering, axis, rank, dim, &scaling);

    if (status == NEURON_OK) {
        lowering->scaling = &scaling;
        lowering->operand_type =
            lowering->plan->is_positive[lowering->node->inputs[0]] ? dnnl_u8 : dnnl_s8;
        status = lower(lowering);
    }
    if (status == NEURON_OK && is_read_unpacked(lowering->plan, &scaling)) {
        status = neuron_scaling_round_weights(lowering);
    }
    lowering->scaling = NULL;
    if (status == NEURON_UNSUPPORTED_MODEL) {
        lowering->operand_type = dnnl_f32;
        status = lower(lowering);
    }
    return status;
}
