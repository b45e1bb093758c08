/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of the network, forward and backward. */
#ifndef DIGITS_LAYERS_H
#define DIGITS_LAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A step computes DIGITS_LANE_COUNT rows at once. The row is the innermost dimension of everything:
 * each number of the network stands DIGITS_LANE_COUNT times side by side, once for each row. So all
 * inner loops are the same short one, which compilers turn into vector instructions whatever the
 * size of the image.
 */
enum { DIGITS_LANE_COUNT = 32 };

/* Square planes, [channels][side + 2 * border][side + 2 * border][lanes]; the border is zero. */
struct digits_planes {
    uint32_t channel_count;
    uint32_t side;
    uint32_t border; /* 1 where a convolution reads, else 0 */
    float *values;
};

/* How many numbers the planes take. */
size_t
digits_planes_value_count(const struct digits_planes *planes);

/* The lanes of one element; x and y count from the corner of the border. */
static inline float *
digits_planes_at(const struct digits_planes *planes, size_t channel, size_t y, size_t x)
{
    size_t stride = planes->side + 2 * planes->border;

    return planes->values + ((channel * stride + y) * stride + x) * DIGITS_LANE_COUNT;
}

/* The weights of a convolution [O,C,3,3] or a dense layer [O,I], and its bias [O]. */
struct digits_parameters {
    float *weights;
    float *bias;
};

/* output = larger of 0 and (input convolved with 3x3 + bias). The input has a border of 1. */
void
digits_convolution_forward(const struct digits_parameters *parameters,
                           const struct digits_planes *input, const struct digits_planes *output);

/*
 * Two ways back through a convolution, from the slope of the loss by its output: to that by its
 * parameters, and to that by its input, both overwritten. The output's slope is zero wherever the
 * output itself is, as the pooling gives it.
 */
void
digits_convolution_find_parameter_slope(const struct digits_planes *input,
                                        const struct digits_planes *output_slope,
                                        const struct digits_parameters *slope);

/* The border of the input receives slopes too, which mean nothing. */
void
digits_convolution_find_input_slope(const struct digits_parameters *parameters,
                                    const struct digits_planes *output_slope,
                                    const struct digits_planes *input_slope);

/* output = the largest of each 2x2 of the input; an odd last row or column is left out. */
void
digits_pooling_forward(const struct digits_planes *input, const struct digits_planes *output);

/* Hands the slope of each output to the first input that is the largest, unless that is 0. */
void
digits_pooling_backward(const struct digits_planes *input, const struct digits_planes *output,
                        const struct digits_planes *output_slope,
                        const struct digits_planes *input_slope);

/* A dense layer's sizes, and whether it cuts results below 0. */
struct digits_dense {
    size_t input_count;
    size_t output_count;
    bool is_rectified;
};

/* output = weights * input + bias. Values are [count][lanes]. */
void
digits_dense_forward(const struct digits_dense *layer, const struct digits_parameters *parameters,
                     const float *input, float *output);

/* What a dense layer saw and gave, and the slopes of the loss by these. */
struct digits_dense_pass {
    const float *input;
    const float *output;
    float *output_slope; /* made zero where a rectified output is */
    float *input_slope;  /* overwritten */
};

/* From the slope by the output to those by the parameters and the input, which are overwritten. */
void
digits_dense_backward(const struct digits_dense *layer, const struct digits_parameters *parameters,
                      const struct digits_dense_pass *pass, const struct digits_parameters *slope);

#endif
