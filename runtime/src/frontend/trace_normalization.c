/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalizations as the operators that they are made of. Types of 16 bits are computed in float32,
 * so that only the result is rounded.
 */
#include "neuron/trace_normalization.h"

#include <float.h>
#include <string.h>

#include "frontend/trace_body.h"
#include "graph/operator.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_window.h"

/* An axis from the front; one that does not exist stays as it is, and is refused when inferred. */
static int32_t
count_from_front(const struct neuron_trace *trace, struct neuron_value value, int32_t axis)
{
    int32_t rank = (int32_t)neuron_value_shape(trace, value).rank;

    return axis < 0 && axis >= -rank ? axis + rank : axis;
}

/* Refuses a normalization with the shape of its input. */
static struct neuron_value
refuse(struct neuron_trace *trace, const char *name, struct neuron_value input, const char *why)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    char text[80] = "";

    if (trace->status != NEURON_OK) {
        return (struct neuron_value){0};
    }
    return neuron_trace_fail(
        trace, NEURON_FAIL(&trace->error, NEURON_INVALID_ARGUMENT, "%s: %s: %s", name,
                           neuron_tensor_shape_format(&shape, text, sizeof(text)), why));
}

/* What failed in the middle is this operator to the caller. */
static struct neuron_value
name_failure(struct neuron_trace *trace, const char *name, bool was_good,
             struct neuron_value result)
{
    const char *reason = strstr(trace->error.text, ": ");

    if (was_good && trace->status != NEURON_OK && reason != NULL) {
        neuron_error_set(&trace->error, trace->status, "%s%s", name, reason);
    }
    return result;
}

static struct neuron_value
cast_to(struct neuron_trace *trace, struct neuron_value value, enum neuron_type type)
{
    return neuron_value_shape(trace, value).type == type ? value : neuron_cast(trace, value, type);
}

/* The type to compute in. */
static enum neuron_type
wide_type(const struct neuron_trace *trace, struct neuron_value value)
{
    enum neuron_type type = neuron_value_shape(trace, value).type;

    return type == NEURON_FLOAT16 || type == NEURON_BFLOAT16 ? NEURON_FLOAT32 : type;
}

/* A vector seen as one number for each of the second dimension of a tensor of this rank. */
static struct neuron_value
along_channels(struct neuron_trace *trace, struct neuron_value vector, uint32_t rank)
{
    int64_t dims[NEURON_RANK_LIMIT] = {
        neuron_value_shape(trace, vector).dims[0], 1, 1, 1, 1, 1, 1, 1};

    return rank <= 2 ? vector : neuron_reshape(trace, vector, dims, rank - 1);
}

/* Says whether a value is a vector of so many numbers. */
static bool
is_vector(const struct neuron_trace *trace, struct neuron_value value, int64_t length)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, value);

    return shape.rank == 1 && shape.dims[0] == length;
}

/* Multiplies by a number for each channel, and adds another. */
static struct neuron_value
scale_channels(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
               struct neuron_value shift)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    struct neuron_value factor =
        along_channels(trace, cast_to(trace, scale, shape.type), shape.rank);
    struct neuron_value summand =
        along_channels(trace, cast_to(trace, shift, shape.type), shape.rank);

    return neuron_add(trace, neuron_multiply(trace, input, factor), summand);
}

static struct neuron_value
record_layer_norm(struct neuron_trace *trace, struct neuron_value input, int32_t axis,
                  float epsilon, uint32_t mode)
{
    const struct neuron_attributes attributes = {
        .axis = count_from_front(trace, input, axis), .epsilon = epsilon, .mode = mode};

    return neuron_trace_record(trace, NEURON_OPERATOR_LAYER_NORM, &attributes, &input, 1);
}

struct neuron_value
neuron_standardize(struct neuron_trace *trace, struct neuron_value input, int32_t axis,
                   float epsilon)
{
    return record_layer_norm(trace, input, axis, epsilon, NEURON_LAYER_NORM_RESULT);
}

struct neuron_value
neuron_layer_norm_mean(struct neuron_trace *trace, struct neuron_value input, int32_t axis)
{
    return record_layer_norm(trace, input, axis, 0.0F, NEURON_LAYER_NORM_MEAN);
}

struct neuron_value
neuron_layer_norm_inverse_deviation(struct neuron_trace *trace, struct neuron_value input,
                                    int32_t axis, float epsilon)
{
    return record_layer_norm(trace, input, axis, epsilon, NEURON_LAYER_NORM_INVERSE_DEVIATION);
}

/* A float64 scalar that is part of the model. */
static struct neuron_value
double_scalar(struct neuron_trace *trace, double number)
{
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT64, .rank = 0, .data = &number};

    return neuron_constant(trace, &view);
}

/* The factors are computed in double, so that folding them costs no more than one rounding. */
static struct neuron_value
record_batch_norm(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_channel_moments *moments, float epsilon)
{
    enum neuron_type type = neuron_value_shape(trace, input).type;
    struct neuron_value wide = cast_to(trace, input, wide_type(trace, input));
    struct neuron_value variance = cast_to(trace, moments->variance, NEURON_FLOAT64);
    struct neuron_value mean = cast_to(trace, moments->mean, NEURON_FLOAT64);
    struct neuron_value deviation =
        neuron_sqrt(trace, neuron_add(trace, variance, double_scalar(trace, (double)epsilon)));
    struct neuron_value factor =
        neuron_divide(trace, cast_to(trace, moments->scale, NEURON_FLOAT64), deviation);
    struct neuron_value summand =
        neuron_subtract(trace, cast_to(trace, moments->shift, NEURON_FLOAT64),
                        neuron_multiply(trace, mean, factor));

    return cast_to(trace, scale_channels(trace, wide, factor, summand), type);
}

struct neuron_value
neuron_batch_norm(struct neuron_trace *trace, struct neuron_value input,
                  const struct neuron_channel_moments *moments, float epsilon)
{
    const struct neuron_value vectors[4] = {moments->scale, moments->shift, moments->mean,
                                            moments->variance};
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    bool is_good = shape.rank >= 2 && epsilon >= 0.0F;

    for (uint32_t i = 0; is_good && i < 4; i += 1) {
        is_good = is_vector(trace, vectors[i], shape.dims[1]);
    }
    if (!is_good) {
        return refuse(trace, "batch_norm", input,
                      "needs channels, one number of each kind for each of them, and an epsilon "
                      "that is not negative");
    }
    bool was_good = trace->status == NEURON_OK;
    return name_failure(trace, "batch_norm", was_good,
                        record_batch_norm(trace, input, moments, epsilon));
}

struct neuron_value
neuron_instance_norm(struct neuron_trace *trace, struct neuron_value input,
                     struct neuron_value scale, struct neuron_value shift, float epsilon)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    bool was_good = trace->status == NEURON_OK;

    if (shape.rank < 3 || !is_vector(trace, scale, shape.dims[1]) ||
        !is_vector(trace, shift, shape.dims[1])) {
        return refuse(trace, "instance_norm", input,
                      "must be [N,C,...], with a scale and a shift for each channel");
    }
    struct neuron_value wide = cast_to(trace, input, wide_type(trace, input));
    struct neuron_value normal = neuron_standardize(trace, wide, 2, epsilon);
    return name_failure(trace, "instance_norm", was_good,
                        cast_to(trace, scale_channels(trace, normal, scale, shift), shape.type));
}

struct neuron_value
neuron_group_norm(struct neuron_trace *trace, struct neuron_value input, struct neuron_value scale,
                  struct neuron_value shift, const struct neuron_group_norm_options *options)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    const int64_t grouped[3] = {shape.dims[0], options->groups, -1};
    const int64_t parted[3] = {shape.dims[0], shape.dims[1], -1};
    bool is_of_groups = is_vector(trace, scale, options->groups);
    int64_t length = is_of_groups ? options->groups : shape.dims[1];
    bool was_good = trace->status == NEURON_OK;

    if (shape.rank < 2 || options->groups < 1 || shape.dims[1] % options->groups != 0 ||
        !is_vector(trace, scale, length) || !is_vector(trace, shift, length)) {
        return refuse(trace, "group_norm", input,
                      "must be [N,C,...], in groups of as many channels, with a scale and a shift "
                      "for each group or channel");
    }
    struct neuron_value wide = cast_to(trace, input, wide_type(trace, input));
    struct neuron_value normal =
        neuron_standardize(trace, neuron_reshape(trace, wide, grouped, 3), 2, options->epsilon);
    if (!is_of_groups) {
        normal = neuron_reshape(trace, normal, parted, 3);
    }
    struct neuron_value scaled = scale_channels(trace, normal, scale, shift);
    return name_failure(
        trace, "group_norm", was_good,
        cast_to(trace, neuron_reshape(trace, scaled, shape.dims, shape.rank), shape.type));
}

/* Appends the dimensions that are in a set, or those that are not; says how many there are then. */
static uint32_t
append_axes(uint32_t rank, uint32_t axes, uint32_t count, uint32_t *order)
{
    for (uint32_t i = 0; i < rank; i += 1) {
        if ((axes >> i & 1U) != 0) {
            order[count] = i;
            count += 1;
        }
    }
    return count;
}

/* The order that brings the axes of a set to the end, and the way back; says how many others there
   are. */
static uint32_t
order_to_end(uint32_t rank, uint32_t axes, uint32_t *order, uint32_t *back)
{
    uint32_t others = append_axes(rank, ~axes, 0, order);

    (void)append_axes(rank, axes, others, order);
    for (uint32_t i = 0; i < rank; i += 1) {
        back[order[i]] = i;
    }
    return others;
}

/* Transposes unless nothing moves. */
static struct neuron_value
reorder(struct neuron_trace *trace, struct neuron_value value, const uint32_t *order)
{
    uint32_t rank = neuron_value_shape(trace, value).rank;
    bool moves = false;

    for (uint32_t i = 0; i < rank; i += 1) {
        moves = moves || order[i] != i;
    }
    return moves ? neuron_transpose(trace, value, order) : value;
}

struct neuron_value
neuron_mean_variance_norm(struct neuron_trace *trace, struct neuron_value input, uint32_t axes)
{
    /* ONNX adds 1e-9 to the deviation. */
    const float epsilon = 1e-18F;
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    uint32_t order[NEURON_RANK_LIMIT] = {0};
    uint32_t back[NEURON_RANK_LIMIT] = {0};
    bool was_good = trace->status == NEURON_OK;

    if (axes == 0 || axes >> shape.rank != 0) {
        return refuse(trace, "mean_variance_norm", input, "does not have these axes, or none");
    }
    uint32_t others = order_to_end(shape.rank, axes, order, back);
    struct neuron_value wide = cast_to(trace, input, wide_type(trace, input));
    struct neuron_value normal =
        neuron_standardize(trace, reorder(trace, wide, order), (int32_t)others, epsilon);
    return name_failure(trace, "mean_variance_norm", was_good,
                        cast_to(trace, reorder(trace, normal, back), shape.type));
}

/* Divides each row of [1,rows,length] by its norm. */
static struct neuron_value
divide_rows(struct neuron_trace *trace, struct neuron_value rows, float power)
{
    enum neuron_type type = neuron_value_shape(trace, rows).type;
    struct neuron_value least = cast_to(trace, neuron_scalar(trace, FLT_MIN), type);
    struct neuron_value norms = neuron_global_lp_pool(trace, rows, power);

    /* A row of zeros is divided by what is not zero. */
    return neuron_divide(trace, rows, neuron_maximum(trace, norms, least));
}

struct neuron_value
neuron_lp_norm(struct neuron_trace *trace, struct neuron_value input, int32_t axis, float power)
{
    struct neuron_tensor_shape shape = neuron_value_shape(trace, input);
    int32_t front = count_from_front(trace, input, axis);
    uint32_t order[NEURON_RANK_LIMIT] = {0};
    uint32_t back[NEURON_RANK_LIMIT] = {0};
    bool was_good = trace->status == NEURON_OK;

    if (front < 0 || (uint32_t)front >= shape.rank) {
        return refuse(trace, "lp_norm", input, "has no such axis");
    }
    (void)order_to_end(shape.rank, 1U << (uint32_t)front, order, back);
    const int64_t dims[3] = {1, -1, shape.dims[front]};
    struct neuron_value wide = cast_to(trace, input, wide_type(trace, input));
    struct neuron_value moved = reorder(trace, wide, order);
    struct neuron_tensor_shape moved_shape = neuron_value_shape(trace, moved);
    struct neuron_value divided = divide_rows(trace, neuron_reshape(trace, moved, dims, 3), power);
    divided = neuron_reshape(trace, divided, moved_shape.dims, moved_shape.rank);
    return name_failure(trace, "lp_norm", was_good,
                        cast_to(trace, reorder(trace, divided, back), shape.type));
}
