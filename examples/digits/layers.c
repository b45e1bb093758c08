/* SPDX-License-Identifier: Apache-2.0 */
#include "layers.h"

#include <string.h>

enum { LANES = DIGITS_LANE_COUNT, WINDOW = 3, TAP_COUNT = 9 };

size_t
digits_planes_value_count(const struct digits_planes *planes)
{
    size_t stride = planes->side + 2 * planes->border;

    return planes->channel_count * stride * stride * LANES;
}

static void
fill_lanes(float *lanes, float value)
{
    for (int i = 0; i < LANES; i += 1) {
        lanes[i] = value;
    }
}

/* sum += factor * lanes */
static inline void
add_scaled(float *restrict sum, float factor, const float *restrict lanes)
{
    for (int i = 0; i < LANES; i += 1) {
        sum[i] += factor * lanes[i];
    }
}

/* sum += left * right */
static inline void
add_product(float *restrict sum, const float *restrict left, const float *restrict right)
{
    for (int i = 0; i < LANES; i += 1) {
        sum[i] += left[i] * right[i];
    }
}

/* Sums up by halves: the compiler may not reorder a plain sum, but this order it can vectorize. */
static float
sum_lanes(float *lanes)
{
    for (int width = LANES / 2; width > 0; width /= 2) {
        for (int i = 0; i < width; i += 1) {
            lanes[i] += lanes[i + width];
        }
    }
    return lanes[0];
}

static void
rectify(float *lanes)
{
    for (int i = 0; i < LANES; i += 1) {
        lanes[i] = lanes[i] > 0.0f ? lanes[i] : 0.0f;
    }
}

/* Makes a slope zero where the rectified value is. */
static void
mask_slope(float *restrict slope, const float *restrict value)
{
    for (int i = 0; i < LANES; i += 1) {
        slope[i] = value[i] > 0.0f ? slope[i] : 0.0f;
    }
}

/* sum += the window of the input whose corner is (y, x), weighted; weights are [C][3][3] */
static void
add_window(float *sum, const float *weights, const struct digits_planes *input, size_t y, size_t x)
{
    for (size_t channel = 0; channel < input->channel_count; channel += 1) {
        for (size_t tap = 0; tap < TAP_COUNT; tap += 1) {
            add_scaled(sum, weights[channel * TAP_COUNT + tap],
                       digits_planes_at(input, channel, y + tap / WINDOW, x + tap % WINDOW));
        }
    }
}

void
digits_convolution_forward(const struct digits_parameters *parameters,
                           const struct digits_planes *input, const struct digits_planes *output)
{
    size_t window_size = (size_t)input->channel_count * TAP_COUNT;

    for (size_t channel = 0; channel < output->channel_count; channel += 1) {
        const float *weights = parameters->weights + channel * window_size;
        for (size_t pixel = 0; pixel < (size_t)output->side * output->side; pixel += 1) {
            size_t y = pixel / output->side;
            size_t x = pixel % output->side;
            float *sum = digits_planes_at(output, channel, y, x);
            fill_lanes(sum, parameters->bias[channel]);
            add_window(sum, weights, input, y, x);
            rectify(sum);
        }
    }
}

/* The slope by one weight: all places where it was used, shifted by its place in the window. */
static float
correlate(const struct digits_planes *output_slope, size_t output_channel,
          const struct digits_planes *input, size_t input_channel, size_t tap)
{
    float sum[LANES] = {0};

    for (size_t y = 0; y < output_slope->side; y += 1) {
        for (size_t x = 0; x < output_slope->side; x += 1) {
            add_product(sum, digits_planes_at(output_slope, output_channel, y, x),
                        digits_planes_at(input, input_channel, y + tap / WINDOW, x + tap % WINDOW));
        }
    }
    return sum_lanes(sum);
}

static float
sum_plane(const struct digits_planes *planes, size_t channel)
{
    float sum[LANES] = {0};
    const float *lanes = digits_planes_at(planes, channel, 0, 0);

    for (size_t pixel = 0; pixel < (size_t)planes->side * planes->side; pixel += 1) {
        add_scaled(sum, 1.0f, lanes + pixel * LANES);
    }
    return sum_lanes(sum);
}

void
digits_convolution_find_parameter_slope(const struct digits_planes *input,
                                        const struct digits_planes *output_slope,
                                        const struct digits_parameters *slope)
{
    size_t window_size = (size_t)input->channel_count * TAP_COUNT;

    for (size_t channel = 0; channel < output_slope->channel_count; channel += 1) {
        float *weights = slope->weights + channel * window_size;
        slope->bias[channel] = sum_plane(output_slope, channel);
        for (size_t i = 0; i < window_size; i += 1) {
            weights[i] = correlate(output_slope, channel, input, i / TAP_COUNT, i % TAP_COUNT);
        }
    }
}

/* The reverse of add_window(): spreads the slope of one output over the window it came from. */
static void
spread_window(const float *slope, const float *weights, const struct digits_planes *input_slope,
              size_t y, size_t x)
{
    for (size_t channel = 0; channel < input_slope->channel_count; channel += 1) {
        for (size_t tap = 0; tap < TAP_COUNT; tap += 1) {
            add_scaled(digits_planes_at(input_slope, channel, y + tap / WINDOW, x + tap % WINDOW),
                       weights[channel * TAP_COUNT + tap], slope);
        }
    }
}

void
digits_convolution_find_input_slope(const struct digits_parameters *parameters,
                                    const struct digits_planes *output_slope,
                                    const struct digits_planes *input_slope)
{
    size_t window_size = (size_t)input_slope->channel_count * TAP_COUNT;

    memset(input_slope->values, 0, digits_planes_value_count(input_slope) * sizeof(float));
    for (size_t channel = 0; channel < output_slope->channel_count; channel += 1) {
        const float *weights = parameters->weights + channel * window_size;
        for (size_t pixel = 0; pixel < (size_t)output_slope->side * output_slope->side;
             pixel += 1) {
            size_t y = pixel / output_slope->side;
            size_t x = pixel % output_slope->side;
            spread_window(digits_planes_at(output_slope, channel, y, x), weights, input_slope, y,
                          x);
        }
    }
}

static void
keep_largest(float *restrict largest, const float *restrict lanes)
{
    for (int i = 0; i < LANES; i += 1) {
        largest[i] = lanes[i] > largest[i] ? lanes[i] : largest[i];
    }
}

void
digits_pooling_forward(const struct digits_planes *input, const struct digits_planes *output)
{
    for (size_t channel = 0; channel < output->channel_count; channel += 1) {
        for (size_t pixel = 0; pixel < (size_t)output->side * output->side; pixel += 1) {
            size_t y = pixel / output->side;
            size_t x = pixel % output->side;
            float *largest =
                digits_planes_at(output, channel, y + output->border, x + output->border);
            memcpy(largest, digits_planes_at(input, channel, 2 * y, 2 * x), LANES * sizeof(float));
            keep_largest(largest, digits_planes_at(input, channel, 2 * y, 2 * x + 1));
            keep_largest(largest, digits_planes_at(input, channel, 2 * y + 1, 2 * x));
            keep_largest(largest, digits_planes_at(input, channel, 2 * y + 1, 2 * x + 1));
        }
    }
}

/*
 * Hands the slope that is left to this input where it is the largest; so the first of equal ones
 * gets it all. Equal ones are common: on blank paper all windows see the same.
 */
static void
take_slope(float *restrict slope_left, const float *restrict value, const float *restrict largest,
           float *restrict slope)
{
    for (int i = 0; i < LANES; i += 1) {
        float taken = value[i] == largest[i] ? slope_left[i] : 0.0f;
        slope[i] = taken;
        slope_left[i] -= taken;
    }
}

/* The pooling of one channel, backward. */
static void
pool_plane_backward(size_t channel, const struct digits_planes *input,
                    const struct digits_planes *output, const struct digits_planes *output_slope,
                    const struct digits_planes *input_slope)
{
    for (size_t pixel = 0; pixel < (size_t)output->side * output->side; pixel += 1) {
        size_t y = pixel / output->side;
        size_t x = pixel % output->side;
        size_t border = output->border;
        const float *largest = digits_planes_at(output, channel, y + border, x + border);
        float slope_left[LANES];
        memcpy(slope_left, digits_planes_at(output_slope, channel, y + border, x + border),
               sizeof(slope_left));
        mask_slope(slope_left, largest);
        for (size_t tap = 0; tap < 4; tap += 1) {
            size_t from_y = 2 * y + tap / 2;
            size_t from_x = 2 * x + tap % 2;
            take_slope(slope_left, digits_planes_at(input, channel, from_y, from_x), largest,
                       digits_planes_at(input_slope, channel, from_y, from_x));
        }
    }
}

void
digits_pooling_backward(const struct digits_planes *input, const struct digits_planes *output,
                        const struct digits_planes *output_slope,
                        const struct digits_planes *input_slope)
{
    /* An odd last row or column of the input is in no window: its slope stays as it was made, 0. */
    for (size_t channel = 0; channel < output->channel_count; channel += 1) {
        pool_plane_backward(channel, input, output, output_slope, input_slope);
    }
}

void
digits_dense_forward(const struct digits_dense *layer, const struct digits_parameters *parameters,
                     const float *input, float *output)
{
    const float *weight = parameters->weights;

    for (size_t to = 0; to < layer->output_count; to += 1) {
        float *sum = output + to * LANES;
        fill_lanes(sum, parameters->bias[to]);
        for (size_t from = 0; from < layer->input_count; from += 1) {
            add_scaled(sum, *weight, input + from * LANES);
            weight += 1;
        }
        if (layer->is_rectified) {
            rectify(sum);
        }
    }
}

/* What one output of a dense layer adds to the slopes. */
static void
dense_output_backward(const struct digits_dense *layer, const float *weights,
                      const struct digits_dense_pass *pass, const float *output_slope,
                      float *weight_slope)
{
    for (size_t from = 0; from < layer->input_count; from += 1) {
        float product[LANES] = {0};
        add_product(product, output_slope, pass->input + from * LANES);
        weight_slope[from] = sum_lanes(product);
        add_scaled(pass->input_slope + from * LANES, weights[from], output_slope);
    }
}

void
digits_dense_backward(const struct digits_dense *layer, const struct digits_parameters *parameters,
                      const struct digits_dense_pass *pass, const struct digits_parameters *slope)
{
    memset(pass->input_slope, 0, layer->input_count * LANES * sizeof(float));
    for (size_t to = 0; to < layer->output_count; to += 1) {
        float *output_slope = pass->output_slope + to * LANES;
        float sum[LANES];
        if (layer->is_rectified) {
            mask_slope(output_slope, pass->output + to * LANES);
        }
        memcpy(sum, output_slope, sizeof(sum));
        slope->bias[to] = sum_lanes(sum);
        dense_output_backward(layer, parameters->weights + to * layer->input_count, pass,
                              output_slope, slope->weights + to * layer->input_count);
    }
}
