/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of resize, and its mode. */
#include <math.h>
#include <string.h>

#include "graph/infer.h"
#include "graph/resize_mode.h"

uint32_t
neuron_resize_mode_encode(const struct neuron_resize_mode *mode)
{
    /* What does not exist stays so. */
    uint32_t method = mode->rounding > NEURON_RESIZE_CEIL || mode->method > NEURON_RESIZE_CUBIC
                          ? NEURON_RESIZE_CUBIC + 1
                          : (uint32_t)mode->method;
    uint32_t coordinates = mode->coordinates > NEURON_RESIZE_HALF_PIXEL_SYMMETRIC
                               ? NEURON_RESIZE_HALF_PIXEL_SYMMETRIC + 1
                               : (uint32_t)mode->coordinates;

    return method | coordinates << 2 | ((uint32_t)mode->rounding & 3U) << 5 |
           (mode->excludes_outside ? 1U << 7 : 0) | (mode->antialias ? 1U << 8 : 0);
}

struct neuron_resize_mode
neuron_resize_mode_decode(uint32_t number)
{
    return (struct neuron_resize_mode){
        .method = (enum neuron_resize_method)(number & 3U),
        .coordinates = (enum neuron_resize_coordinates)(number >> 2 & 7U),
        .rounding = (enum neuron_resize_rounding)(number >> 5 & 3U),
        .excludes_outside = (number & 1U << 7) != 0,
        .antialias = (number & 1U << 8) != 0,
    };
}

bool
neuron_resize_keeps_axis(const struct neuron_resize_mode *mode, int64_t before, int64_t after,
                         float scale)
{
    return before == after && (scale == 0.0F || scale == 1.0F) &&
           mode->coordinates != NEURON_RESIZE_CROP;
}

static enum neuron_status
check_mode(const struct neuron_application *application, const struct neuron_resize_mode *mode,
           struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;

    if (attributes->mode >= 1U << 9 || mode->method > NEURON_RESIZE_CUBIC ||
        mode->coordinates > NEURON_RESIZE_HALF_PIXEL_SYMMETRIC || !isfinite(attributes->alpha)) {
        return neuron_infer_refuse(application, "there is no such mode", error);
    }
    if (mode->antialias && mode->coordinates == NEURON_RESIZE_CROP) {
        return neuron_infer_refuse(application, "does not smooth what it crops", error);
    }
    if (mode->method != NEURON_RESIZE_NEAREST && application->inputs[0].type == NEURON_BOOL) {
        return neuron_infer_refuse(application, "bool has nothing between its elements", error);
    }
    return NEURON_OK;
}

/* The region, where there is one, has a start and an end for each dimension. */
static enum neuron_status
check_region(const struct neuron_application *application, const struct neuron_resize_mode *mode,
             struct neuron_error *error)
{
    const struct neuron_tensor_shape *region = &application->inputs[1];

    if (application->input_count == 2 &&
        (region->type != NEURON_FLOAT32 || region->rank != 1 ||
         region->dims[0] != 2 * (int64_t)application->inputs[0].rank ||
         mode->coordinates != NEURON_RESIZE_CROP)) {
        return neuron_infer_refuse(
            application, "the region to crop must be a float32 start and end for each dimension",
            error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_infer_resize(const struct neuron_application *application,
                    struct neuron_tensor_shape *output, struct neuron_error *error)
{
    const struct neuron_attributes *attributes = application->attributes;
    const struct neuron_tensor_shape *input = &application->inputs[0];
    struct neuron_resize_mode mode = neuron_resize_mode_decode(attributes->mode);
    enum neuron_status status = check_mode(application, &mode, error);

    if (status == NEURON_OK) {
        status = check_region(application, &mode, error);
    }
    *output = *input;
    memcpy(output->dims, attributes->dims, input->rank * sizeof(output->dims[0]));
    for (uint32_t i = 0; status == NEURON_OK && i < input->rank; i += 1) {
        double scale = (double)attributes->scales[i];
        double scaled = scale * (double)input->dims[i];
        double after = (double)output->dims[i];
        bool is_free = scale == 0.0 || mode.coordinates == NEURON_RESIZE_CROP;

        /* Written so that a scale that is no number fails, too. */
        if (output->dims[i] < 1 || !(scale >= 0.0 && scale <= 0x1p62) ||
            !(is_free || (scaled >= 0.5 && fabs(scaled - after) <= 1.0 + after * 1e-6))) {
            return neuron_infer_refuse(
                application, "the extents of the result do not go with the scales", error);
        }
    }
    return status;
}
