/* SPDX-License-Identifier: Apache-2.0 */
/* Resize, and Upsample, which it was before. */
#include "frontend/onnx/translate.h"

#include <math.h>
#include <string.h>

#include "frontend/onnx/onnx_attributes.h"
#include "neuron/trace_resize.h"

/* What a node asks for, with all axes of the input. */
struct resize_request {
    struct neuron_resize_options options;
    int64_t dims[NEURON_RANK_LIMIT];
    uint32_t rank;
    uint32_t axes[NEURON_RANK_LIMIT]; /* that the lists of the node are for */
    uint32_t axis_count;
};

/* A text attribute among those that exist. */
struct choice {
    const char *text;
    uint32_t value;
};

static enum neuron_status
read_choice(const struct neuron_onnx_call *call, const char *name, const struct choice *choices,
            uint32_t count, uint32_t *value)
{
    for (uint32_t i = 0; i < count; i += 1) {
        /* The first is the default. */
        if (neuron_onnx_attribute_is(call->node, name, choices[i].text, i == 0)) {
            *value = choices[i].value;
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL, "there is no such %s", name);
}

static enum neuron_status
read_method(const struct neuron_onnx_call *call, struct neuron_resize_options *options)
{
    static const struct choice methods[] = {{"nearest", NEURON_RESIZE_NEAREST},
                                            {"linear", NEURON_RESIZE_LINEAR},
                                            {"cubic", NEURON_RESIZE_CUBIC},
                                            {"bilinear", NEURON_RESIZE_LINEAR}};
    uint32_t method = 0;
    enum neuron_status status = read_choice(call, "mode", methods, 4, &method);

    options->method = (enum neuron_resize_method)method;
    return status;
}

enum { TF_HALF_PIXEL_FOR_NN = 99 /* floor((x + 1/2) / scale), of opset 11 alone */ };

static enum neuron_status
read_coordinates(const struct neuron_onnx_call *call, struct neuron_resize_options *options)
{
    static const struct choice coordinates[] = {
        {"half_pixel", NEURON_RESIZE_HALF_PIXEL},
        {"pytorch_half_pixel", NEURON_RESIZE_PYTORCH_HALF_PIXEL},
        {"align_corners", NEURON_RESIZE_ALIGN_CORNERS},
        {"asymmetric", NEURON_RESIZE_ASYMMETRIC},
        {"tf_crop_and_resize", NEURON_RESIZE_CROP},
        {"half_pixel_symmetric", NEURON_RESIZE_HALF_PIXEL_SYMMETRIC},
        {"tf_half_pixel_for_nn", TF_HALF_PIXEL_FOR_NN}};
    static const struct choice roundings[] = {
        {"round_prefer_floor", NEURON_RESIZE_ROUND_PREFER_FLOOR},
        {"round_prefer_ceil", NEURON_RESIZE_ROUND_PREFER_CEIL},
        {"floor", NEURON_RESIZE_FLOOR},
        {"ceil", NEURON_RESIZE_CEIL}};
    uint32_t chosen = 0;
    uint32_t rounding = 0;
    enum neuron_status status =
        read_choice(call, "coordinate_transformation_mode", coordinates, 7, &chosen);

    if (status == NEURON_OK) {
        status = read_choice(call, "nearest_mode", roundings, 4, &rounding);
    }
    if (status == NEURON_OK && chosen == TF_HALF_PIXEL_FOR_NN) {
        if (options->method != NEURON_RESIZE_NEAREST || rounding != NEURON_RESIZE_FLOOR) {
            return NEURON_FAIL(call->error, NEURON_UNSUPPORTED_MODEL,
                               "tf_half_pixel_for_nn is for the nearest element by floor alone");
        }
        /* The same as the rounded half pixel. */
        chosen = NEURON_RESIZE_HALF_PIXEL;
        rounding = NEURON_RESIZE_ROUND_PREFER_CEIL;
    }
    options->coordinates = (enum neuron_resize_coordinates)chosen;
    options->rounding = (enum neuron_resize_rounding)rounding;
    return status;
}

/* Reads the numbers of opset 11 and later. */
static enum neuron_status
read_numbers(const struct neuron_onnx_call *call, struct neuron_resize_options *options)
{
    int64_t excludes_outside = 0;
    int64_t antialias = 0;
    enum neuron_status status =
        neuron_onnx_attribute_float(call->node, "cubic_coeff_a", &options->cubic, call->error);

    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_float(call->node, "extrapolation_value",
                                             &options->extrapolation, call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "exclude_outside", &excludes_outside,
                                               call->error);
    }
    if (status == NEURON_OK) {
        status = neuron_onnx_attribute_integer(call->node, "antialias", &antialias, call->error);
    }
    options->excludes_outside = excludes_outside != 0;
    options->antialias = antialias != 0 && options->method != NEURON_RESIZE_NEAREST;
    return status;
}

/* A list of the node, with a number for each of its axes. */
static enum neuron_status
read_known(const struct neuron_onnx_call *call, uint32_t input, uint32_t count,
           const struct neuron_onnx_constant **known)
{
    *known = neuron_onnx_call_known(call, input);
    if (*known == NULL) {
        return neuron_onnx_call_refuse_unknown(call, input, "the list of scales or sizes");
    }
    if (neuron_onnx_constant_count(*known) != count) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL, "input %u has %zu numbers, not %u",
                           input, neuron_onnx_constant_count(*known), count);
    }
    return NEURON_OK;
}

/* An extent times a scale, cut off; 0, which is refused, for what is no extent. */
static int64_t
scale_extent(int64_t extent, float scale)
{
    float scaled = floorf((float)extent * scale);

    return scaled >= 1.0F && scaled <= 0x1p40F ? (int64_t)scaled : 0;
}

static void
set_scale(const struct neuron_onnx_call *call, struct resize_request *request, uint32_t index,
          float scale)
{
    uint32_t axis = request->axes[index];

    request->options.scales[axis] = scale;
    request->dims[axis] = scale_extent(neuron_onnx_call_shape(call, 0)->dims[axis], scale);
}

static enum neuron_status
apply_scales(const struct neuron_onnx_call *call, uint32_t input, struct resize_request *request)
{
    const struct neuron_onnx_constant *known = NULL;
    enum neuron_status status = read_known(call, input, request->axis_count, &known);

    for (uint32_t i = 0; status == NEURON_OK && i < request->axis_count; i += 1) {
        set_scale(call, request, i, (float)neuron_onnx_read_real(known, i));
    }
    return status;
}

/* Makes the scales equal: the smallest or the largest of them. */
static void
keep_aspect_ratio(const struct neuron_onnx_call *call, bool is_smallest,
                  struct resize_request *request)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    double chosen = 0.0;

    for (uint32_t i = 0; i < request->axis_count; i += 1) {
        uint32_t axis = request->axes[i];
        double scale = (double)request->dims[axis] / (double)input->dims[axis];

        chosen = i == 0 || (is_smallest ? scale < chosen : scale > chosen) ? scale : chosen;
    }
    for (uint32_t i = 0; i < request->axis_count; i += 1) {
        uint32_t axis = request->axes[i];
        double extent = floor(chosen * (double)input->dims[axis] + 0.5);

        request->options.scales[axis] = (float)chosen;
        request->dims[axis] = extent >= 1.0 && extent <= 0x1p40 ? (int64_t)extent : 0;
    }
}

static enum neuron_status
apply_sizes(const struct neuron_onnx_call *call, struct resize_request *request)
{
    static const struct choice policies[] = {{"stretch", 0}, {"not_larger", 1}, {"not_smaller", 2}};
    const struct neuron_onnx_constant *known = NULL;
    uint32_t policy = 0;
    enum neuron_status status = read_known(call, 3, request->axis_count, &known);

    if (status == NEURON_OK) {
        status = read_choice(call, "keep_aspect_ratio_policy", policies, 3, &policy);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < request->axis_count; i += 1) {
        request->dims[request->axes[i]] = neuron_onnx_read_whole(known, i);
    }
    if (status == NEURON_OK && policy != 0) {
        keep_aspect_ratio(call, policy == 1, request);
    }
    return status;
}

/* Begins with all axes as they are. */
static enum neuron_status
begin(const struct neuron_onnx_call *call, struct resize_request *request)
{
    const struct neuron_tensor_shape *input = neuron_onnx_call_shape(call, 0);
    struct neuron_onnx_axes axes = {0};
    enum neuron_status status = neuron_onnx_call_axes(call, UINT32_MAX, input->rank, &axes);

    *request = (struct resize_request){.options = {.cubic = -0.75F}, .rank = input->rank};
    memcpy(request->dims, input->dims, sizeof(request->dims));
    request->axis_count = axes.is_given ? axes.count : input->rank;
    for (uint32_t i = 0; i < request->axis_count; i += 1) {
        request->axes[i] = axes.is_given ? (uint32_t)axes.list[i] : i;
    }
    return status;
}

/* The region of a crop as the graph wants it. */
static struct neuron_value
read_region(struct neuron_onnx_call *call, const struct resize_request *request)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, 1);
    float region[2 * NEURON_RANK_LIMIT] = {0};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {2 * (int64_t)request->rank}, .data = region};

    if (request->options.coordinates != NEURON_RESIZE_CROP) {
        return (struct neuron_value){0};
    }
    if (known == NULL || neuron_onnx_constant_count(known) != 2 * (size_t)request->axis_count) {
        return neuron_onnx_call_value(call, 1); /* which is checked where it is inferred */
    }
    for (uint32_t i = 0; i < request->rank; i += 1) {
        region[request->rank + i] = 1.0F;
    }
    for (uint32_t i = 0; i < request->axis_count; i += 1) {
        region[request->axes[i]] = (float)neuron_onnx_read_real(known, i);
        region[request->rank + request->axes[i]] =
            (float)neuron_onnx_read_real(known, request->axis_count + (size_t)i);
    }
    return neuron_constant(call->trace, &view);
}

static enum neuron_status
record(struct neuron_onnx_call *call, const struct resize_request *request,
       struct neuron_onnx_result *result)
{
    struct neuron_value input = neuron_onnx_call_value(call, 0);
    struct neuron_value region = read_region(call, request);

    result->traced = neuron_resize(call->trace, input, region, request->dims, &request->options);
    return neuron_onnx_call_status(call);
}

/*
 * Before opset 11 the coordinates were not said. They are taken as runtimes do: asymmetric, and the
 * nearest element is the one below when something is enlarged, else the one above.
 */
static enum neuron_status
translate_old(struct neuron_onnx_call *call, struct resize_request *request,
              struct neuron_onnx_result *result)
{
    bool enlarges = false;
    bool reduces = false;
    enum neuron_status status = read_method(call, &request->options);

    for (uint32_t i = 0; i < request->rank; i += 1) {
        enlarges = enlarges || request->options.scales[i] > 1.0F;
        reduces = reduces || request->options.scales[i] < 1.0F;
    }
    request->options.coordinates = NEURON_RESIZE_ASYMMETRIC;
    request->options.rounding = reduces && !enlarges ? NEURON_RESIZE_CEIL : NEURON_RESIZE_FLOOR;
    return status == NEURON_OK ? record(call, request, result) : status;
}

/* Reads the scales of opset 7, which are an attribute. */
static enum neuron_status
apply_scale_attribute(const struct neuron_onnx_call *call, struct resize_request *request)
{
    const Neuron__Onnx__Attribute *scales = neuron_onnx_attribute_find(call->node, "scales");

    if (scales == NULL || scales->n_floats != request->rank) {
        return NEURON_FAIL(call->error, NEURON_DAMAGED_MODEL,
                           "the scales are missing, or not one for each dimension");
    }
    for (uint32_t i = 0; i < request->rank; i += 1) {
        set_scale(call, request, i, scales->floats[i]);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_onnx_translate_upsample(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct resize_request request = {.rank = 0};
    enum neuron_status status = begin(call, &request);

    if (status == NEURON_OK) {
        status = call->opset < 9 ? apply_scale_attribute(call, &request)
                                 : apply_scales(call, 1, &request);
    }
    return status == NEURON_OK ? translate_old(call, &request, result) : status;
}

/* Says whether an input is there, and not the empty list that stands for none. */
static bool
has_list(const struct neuron_onnx_call *call, uint32_t input)
{
    const struct neuron_onnx_constant *known = neuron_onnx_call_known(call, input);

    return neuron_onnx_call_has(call, input) &&
           (known == NULL || neuron_onnx_constant_count(known) > 0);
}

enum neuron_status
neuron_onnx_translate_resize(struct neuron_onnx_call *call, struct neuron_onnx_result *result)
{
    struct resize_request request = {.rank = 0};
    enum neuron_status status = begin(call, &request);

    if (status == NEURON_OK && call->opset < 11) {
        status = apply_scales(call, 1, &request);
        return status == NEURON_OK ? translate_old(call, &request, result) : status;
    }
    if (status == NEURON_OK) {
        status = read_method(call, &request.options);
    }
    if (status == NEURON_OK) {
        status = read_coordinates(call, &request.options);
    }
    if (status == NEURON_OK) {
        status = read_numbers(call, &request.options);
    }
    if (status == NEURON_OK) {
        status = has_list(call, 3) ? apply_sizes(call, &request) : apply_scales(call, 2, &request);
    }
    return status == NEURON_OK ? record(call, &request, result) : status;
}
