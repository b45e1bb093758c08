/* SPDX-License-Identifier: Apache-2.0 */
/*
 * digits-gradient-test: compares the slopes that the network computes with measured ones.
 *
 * A tensor's weights are moved together a little way along a direction, and back; the loss must
 * change as the slope says. One direction is the slope itself, in which the change is largest; the
 * others are random. Measured slopes are off by a little: the network computes in single precision,
 * and a step may cross the bend of a rectifier or make another pixel the largest of its four.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "network.h"
#include "random.h"
#include "rows.h"

enum {
    DIRECTION_COUNT = 8,
    ROW_COUNT = DIGITS_LANE_COUNT - 3, /* some lanes are idle */
    PIXEL_LIMIT = 16 * 16,             /* of the largest image of main() */
    WEIGHT_LIMIT = 1024                /* of its largest tensor, and more */
};

static const double step_length = 2e-4;
static const double tolerance = 1e-2; /* of the length of the tensor's slope */

struct gradient_check {
    struct digits_network *network;
    struct digits_weights weights, slope, direction;
    struct digits_random random;
    uint8_t labels[ROW_COUNT];
};

/* Weights that keep the size of what flows through a layer, so that no layer is silent. */
static void
choose_weights(struct gradient_check *check)
{
    for (int index = 0; index < DIGITS_TENSOR_COUNT; index += 1) {
        const struct digits_tensor *tensor = &check->weights.tensors[index];
        float *values = check->weights.values + tensor->offset;
        float deviation = sqrtf(2.0f / (float)digits_tensor_input_count(tensor));
        for (size_t i = 0; i < tensor->count; i += 1) {
            values[i] = (tensor->rank > 1 ? deviation : 0.1f) * digits_random_bell(&check->random);
        }
    }
}

/* Noise below, and blank paper above, where all four of a pooling are equal. */
static void
choose_rows(struct gradient_check *check)
{
    uint32_t pixel_count = check->weights.shape.image_side * check->weights.shape.image_side;
    float image[PIXEL_LIMIT];

    for (uint32_t lane = 0; lane < DIGITS_LANE_COUNT; lane += 1) {
        for (uint32_t i = 0; i < pixel_count; i += 1) {
            bool is_blank = i < pixel_count / 2;
            image[i] = is_blank ? 0.5f : digits_random_between(&check->random, 0.0f, 1.0f);
        }
        digits_network_set_image(check->network, lane, image);
    }
    for (uint32_t row = 0; row < ROW_COUNT; row += 1) {
        check->labels[row] = (uint8_t)digits_random_below(&check->random, DIGITS_CLASS_COUNT);
    }
}

static double
measure_mean_loss(struct gradient_check *check)
{
    digits_network_forward(check->network, &check->weights);
    return digits_network_compare(check->network, check->labels, ROW_COUNT).loss / ROW_COUNT;
}

/* Sets the direction for one tensor to length 1, and returns the slope of the loss along it. */
static double
choose_direction(struct gradient_check *check, const struct digits_tensor *tensor, int number)
{
    float *direction = check->direction.values + tensor->offset;
    const float *slope = check->slope.values + tensor->offset;
    double squares = 0;
    double product = 0;

    for (size_t i = 0; i < tensor->count; i += 1) {
        direction[i] = number == 0 ? slope[i] : digits_random_bell(&check->random);
        squares += (double)direction[i] * (double)direction[i];
    }
    for (size_t i = 0; i < tensor->count; i += 1) {
        direction[i] = (float)((double)direction[i] / sqrt(squares));
        product += (double)direction[i] * (double)slope[i];
    }
    return product;
}

/* The change of the loss from one step back to one step ahead, for each unit of way. */
static double
measure_slope(struct gradient_check *check, const struct digits_tensor *tensor)
{
    float *values = check->weights.values + tensor->offset;
    const float *direction = check->direction.values + tensor->offset;
    float kept[WEIGHT_LIMIT] = {0};
    double losses[2] = {0};

    for (size_t i = 0; i < tensor->count; i += 1) {
        kept[i] = values[i];
    }
    for (int side = 0; side < 2; side += 1) {
        float way = (float)(side == 0 ? -step_length : step_length);
        for (size_t i = 0; i < tensor->count; i += 1) {
            values[i] = kept[i] + way * direction[i];
        }
        losses[side] = measure_mean_loss(check);
    }
    for (size_t i = 0; i < tensor->count; i += 1) {
        values[i] = kept[i];
    }
    return (losses[1] - losses[0]) / (2 * step_length);
}

/* Returns the largest error of a tensor's directions, as a part of its slope's length. */
static double
check_tensor(struct gradient_check *check, const struct digits_tensor *tensor)
{
    double length = choose_direction(check, tensor, 0); /* along itself: its length */
    double largest_error = 0;

    for (int number = 0; number < DIRECTION_COUNT; number += 1) {
        double expected = choose_direction(check, tensor, number);
        double error = fabs(measure_slope(check, tensor) - expected) / length;
        /* Written so that NaN, from a slope that is all zero, is the largest error too. */
        largest_error = error <= largest_error ? largest_error : error;
    }
    return largest_error;
}

static bool
create_check(const struct digits_shape *shape, struct gradient_check *check,
             struct digits_error *error)
{
    *check = (struct gradient_check){.network = NULL};
    digits_random_start(&check->random, 1, shape->image_side);
    if (!digits_weights_create(shape, &check->weights, error) ||
        !digits_weights_create(shape, &check->slope, error) ||
        !digits_weights_create(shape, &check->direction, error) ||
        !digits_network_create(shape, &check->network, error)) {
        return false;
    }
    choose_weights(check);
    choose_rows(check);
    return true;
}

static void
clear_check(struct gradient_check *check)
{
    digits_network_destroy(check->network);
    digits_weights_clear(&check->direction);
    digits_weights_clear(&check->slope);
    digits_weights_clear(&check->weights);
}

/* Checks all tensors of a network of one shape; returns how many are wrong. */
static int
check_shape(const struct digits_shape *shape)
{
    struct gradient_check check;
    struct digits_error error;
    int wrong = 0;

    if (!create_check(shape, &check, &error)) {
        fprintf(stderr, "digits-gradient-test: %s\n", error.text);
        clear_check(&check);
        return 1;
    }
    measure_mean_loss(&check);
    digits_network_backward(check.network, &check.weights, &check.slope);
    for (int index = 0; index < DIGITS_TENSOR_COUNT; index += 1) {
        double largest_error = check_tensor(&check, &check.weights.tensors[index]);
        bool is_wrong = !(largest_error < tolerance);
        printf("side %u, tensor %d: largest error %.1e%s\n", shape->image_side, index,
               largest_error, is_wrong ? "  WRONG" : "");
        wrong += is_wrong ? 1 : 0;
    }
    clear_check(&check);
    return wrong;
}

int
main(void)
{
    /* Even sides, and one that leaves a last row and column out of both poolings. */
    const struct digits_shape shapes[] = {
        {8, {4, 6}, 12},
        {16, {3, 5}, 10},
        {15, {5, 4}, 11},
    };
    int wrong = 0;

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i += 1) {
        wrong += check_shape(&shapes[i]);
    }
    return wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
