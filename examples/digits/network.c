/* SPDX-License-Identifier: Apache-2.0 */
#include "network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

enum { LANES = DIGITS_LANE_COUNT };

/* A convolution, rectified, and the pooling behind it. */
struct stage {
    struct digits_planes convolved, convolved_slope;
    struct digits_planes pooled, pooled_slope;
};

struct digits_network {
    struct digits_planes image; /* with a border, as the first convolution reads it */
    struct stage stages[2];     /* the second one's pooled planes are the features */
    struct digits_dense hidden_layer, score_layer;
    float *hidden, *hidden_slope;
    float *scores, *score_slope;
    float *values; /* all of the above points into this */
};

static struct digits_parameters
parameters_of(const struct digits_weights *weights, enum digits_tensor_index index)
{
    /* In the order of the tensors each bias stands behind its weights. */
    return (struct digits_parameters){
        digits_weights_tensor(weights, index),
        digits_weights_tensor(weights, (enum digits_tensor_index)((int)index + 1))};
}

/* Says how large a stage's planes are, for an input of `side`. */
static void
shape_stage(struct stage *stage, uint32_t channel_count, uint32_t side, uint32_t border)
{
    struct digits_planes convolved = {.channel_count = channel_count, .side = side};
    struct digits_planes pooled = {
        .channel_count = channel_count, .side = side / 2, .border = border};

    *stage = (struct stage){convolved, convolved, pooled, pooled};
}

static void
shape_network(const struct digits_shape *shape, struct digits_network *network)
{
    uint32_t feature_side = shape->image_side / 2 / 2;

    network->image = (struct digits_planes){1, shape->image_side, 1, NULL};
    shape_stage(&network->stages[0], shape->channel_counts[0], shape->image_side, 1);
    shape_stage(&network->stages[1], shape->channel_counts[1], shape->image_side / 2, 0);
    network->hidden_layer = (struct digits_dense){
        .input_count = (size_t)shape->channel_counts[1] * feature_side * feature_side,
        .output_count = shape->hidden_count,
        .is_rectified = true,
    };
    network->score_layer = (struct digits_dense){
        .input_count = shape->hidden_count,
        .output_count = DIGITS_CLASS_COUNT,
    };
}

/* Hands each part its piece of `values`, which may be NULL to count; returns the count. */
static size_t
place_values(struct digits_network *network, float *values)
{
    struct digits_planes *planes[] = {
        &network->image,
        &network->stages[0].convolved,
        &network->stages[0].convolved_slope,
        &network->stages[0].pooled,
        &network->stages[0].pooled_slope,
        &network->stages[1].convolved,
        &network->stages[1].convolved_slope,
        &network->stages[1].pooled,
        &network->stages[1].pooled_slope,
    };
    size_t hidden_count = network->hidden_layer.output_count * LANES;
    size_t score_count = network->score_layer.output_count * LANES;
    size_t used = 2 * (hidden_count + score_count);

    if (values != NULL) {
        network->values = values;
        network->hidden = values;
        network->hidden_slope = values + hidden_count;
        network->scores = values + 2 * hidden_count;
        network->score_slope = values + 2 * hidden_count + score_count;
    }
    for (size_t i = 0; i < sizeof(planes) / sizeof(planes[0]); i += 1) {
        planes[i]->values = values != NULL ? values + used : NULL;
        used += digits_planes_value_count(planes[i]);
    }
    return used;
}

bool
digits_network_create(const struct digits_shape *shape, struct digits_network **network,
                      struct digits_error *error)
{
    struct digits_network *made = calloc(1, sizeof(*made));

    if (made != NULL) {
        shape_network(shape, made);
        /* Zeroed: nothing ever writes into the borders of what convolutions read. */
        float *values = calloc(place_values(made, NULL), sizeof(float));
        if (values != NULL) {
            place_values(made, values);
            *network = made;
            return true;
        }
    }
    digits_error_set(error, "out of memory for the network");
    digits_network_destroy(made);
    return false;
}

void
digits_network_set_image(struct digits_network *network, uint32_t lane, const float *image)
{
    uint32_t side = network->image.side;

    for (size_t y = 0; y < side; y += 1) {
        for (size_t x = 0; x < side; x += 1) {
            digits_planes_at(&network->image, 0, y + 1, x + 1)[lane] = image[y * side + x];
        }
    }
}

void
digits_network_forward(struct digits_network *network, const struct digits_weights *weights)
{
    struct stage *stages = network->stages;
    struct digits_parameters first = parameters_of(weights, DIGITS_CONVOLUTION_1_WEIGHTS);
    struct digits_parameters second = parameters_of(weights, DIGITS_CONVOLUTION_2_WEIGHTS);
    struct digits_parameters hidden = parameters_of(weights, DIGITS_HIDDEN_WEIGHTS);
    struct digits_parameters score = parameters_of(weights, DIGITS_SCORE_WEIGHTS);

    digits_convolution_forward(&first, &network->image, &stages[0].convolved);
    digits_pooling_forward(&stages[0].convolved, &stages[0].pooled);
    digits_convolution_forward(&second, &stages[0].pooled, &stages[1].convolved);
    digits_pooling_forward(&stages[1].convolved, &stages[1].pooled);
    digits_dense_forward(&network->hidden_layer, &hidden, stages[1].pooled.values, network->hidden);
    digits_dense_forward(&network->score_layer, &score, network->hidden, network->scores);
}

/* The class with the highest score; the first of equal ones. */
static uint32_t
find_best(const float *scores, uint32_t lane)
{
    uint32_t best = 0;

    for (uint32_t class = 1; class < DIGITS_CLASS_COUNT; class += 1) {
        if (scores[class * LANES + lane] > scores[best * LANES + lane]) {
            best = class;
        }
    }
    return best;
}

/* The loss of one row; its slope by a score is the probability, less 1 at the label. */
static double
compare_row(const float *scores, float *score_slope, uint32_t lane, uint32_t label)
{
    /* Less the highest score, so that no exponential overflows. */
    float highest = scores[find_best(scores, lane) * LANES + lane];
    float sum = 0.0f;

    for (size_t class = 0; class < DIGITS_CLASS_COUNT; class += 1) {
        sum += expf(scores[class * LANES + lane] - highest);
    }
    for (size_t class = 0; class < DIGITS_CLASS_COUNT; class += 1) {
        float probability = expf(scores[class * LANES + lane] - highest) / sum;
        score_slope[class * LANES + lane] = probability - (class == label ? 1.0f : 0.0f);
    }
    return log((double)sum) + (double)highest - (double)scores[label * LANES + lane];
}

struct digits_outcome
digits_network_compare(struct digits_network *network, const uint8_t *labels, uint32_t row_count)
{
    struct digits_outcome outcome = {0, 0};
    size_t slope_count = (size_t)DIGITS_CLASS_COUNT * LANES;

    memset(network->score_slope, 0, slope_count * sizeof(float));
    for (uint32_t lane = 0; lane < row_count; lane += 1) {
        outcome.loss += compare_row(network->scores, network->score_slope, lane, labels[lane]);
        outcome.correct_count += find_best(network->scores, lane) == labels[lane] ? 1 : 0;
    }
    for (size_t i = 0; i < slope_count; i += 1) {
        network->score_slope[i] /= (float)row_count;
    }
    return outcome;
}

void
digits_network_backward(struct digits_network *network, const struct digits_weights *weights,
                        const struct digits_weights *slope)
{
    struct stage *stages = network->stages;
    struct digits_parameters second = parameters_of(weights, DIGITS_CONVOLUTION_2_WEIGHTS);
    struct digits_parameters hidden = parameters_of(weights, DIGITS_HIDDEN_WEIGHTS);
    struct digits_parameters score = parameters_of(weights, DIGITS_SCORE_WEIGHTS);
    struct digits_parameters first_slope = parameters_of(slope, DIGITS_CONVOLUTION_1_WEIGHTS);
    struct digits_parameters second_slope = parameters_of(slope, DIGITS_CONVOLUTION_2_WEIGHTS);
    struct digits_parameters hidden_slope = parameters_of(slope, DIGITS_HIDDEN_WEIGHTS);
    struct digits_parameters score_slope = parameters_of(slope, DIGITS_SCORE_WEIGHTS);
    struct digits_dense_pass score_pass = {network->hidden, network->scores, network->score_slope,
                                           network->hidden_slope};
    struct digits_dense_pass hidden_pass = {stages[1].pooled.values, network->hidden,
                                            network->hidden_slope, stages[1].pooled_slope.values};

    digits_dense_backward(&network->score_layer, &score, &score_pass, &score_slope);
    digits_dense_backward(&network->hidden_layer, &hidden, &hidden_pass, &hidden_slope);
    digits_pooling_backward(&stages[1].convolved, &stages[1].pooled, &stages[1].pooled_slope,
                            &stages[1].convolved_slope);
    digits_convolution_find_parameter_slope(&stages[0].pooled, &stages[1].convolved_slope,
                                            &second_slope);
    digits_convolution_find_input_slope(&second, &stages[1].convolved_slope,
                                        &stages[0].pooled_slope);
    digits_pooling_backward(&stages[0].convolved, &stages[0].pooled, &stages[0].pooled_slope,
                            &stages[0].convolved_slope);
    /* The first convolution's input is the image, by which nobody wants a slope. */
    digits_convolution_find_parameter_slope(&network->image, &stages[0].convolved_slope,
                                            &first_slope);
}

void
digits_network_destroy(struct digits_network *network)
{
    if (network == NULL) {
        return;
    }
    free(network->values);
    free(network);
}
