/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer.h"

#include <math.h>
#include <stdlib.h>

#include "network.h"
#include "random.h"

enum { STEP_ROWS = DIGITS_LANE_COUNT };

/* Everything that a training needs besides its rows. */
struct trainer {
    const struct digits_training_options *options;
    struct digits_weights *weights;
    struct digits_network *network;
    struct digits_weights slope;        /* of the loss by each weight */
    struct digits_weights mean, square; /* running means of the slope and of its square */
    struct digits_random random;
    size_t *order; /* of the rows in this pass */
    float *shifted_image;
    uint64_t step, step_count;
};

/* Even numbers whose spread keeps the size of what flows through a layer (He et al., 2015). */
static void
choose_first_weights(struct trainer *trainer)
{
    struct digits_weights *weights = trainer->weights;

    for (int index = 0; index < DIGITS_TENSOR_COUNT; index += 1) {
        const struct digits_tensor *tensor = &weights->tensors[index];
        float *values = weights->values + tensor->offset;
        float input_count = (float)digits_tensor_input_count(tensor);
        float bound = tensor->rank > 1 ? sqrtf(6.0f / input_count) : 0.0f;
        for (size_t i = 0; i < tensor->count; i += 1) {
            values[i] = digits_random_between(&trainer->random, -bound, bound);
        }
    }
}

static bool
create_trainer(struct trainer *trainer, size_t row_count, struct digits_error *error)
{
    const struct digits_shape *shape = &trainer->weights->shape;
    uint64_t steps = row_count / STEP_ROWS;

    digits_random_start(&trainer->random, trainer->options->seed, 0);
    trainer->step_count = steps * trainer->options->epoch_count;
    if (!digits_network_create(shape, &trainer->network, error) ||
        !digits_weights_create(shape, &trainer->slope, error) ||
        !digits_weights_create(shape, &trainer->mean, error) ||
        !digits_weights_create(shape, &trainer->square, error)) {
        return false;
    }
    trainer->order = calloc(row_count, sizeof(*trainer->order));
    trainer->shifted_image = calloc((size_t)shape->image_side * shape->image_side, sizeof(float));
    if (trainer->order == NULL || trainer->shifted_image == NULL) {
        digits_error_set(error, "out of memory for the order of %zu rows", row_count);
        return false;
    }
    for (size_t i = 0; i < row_count; i += 1) {
        trainer->order[i] = i;
    }
    choose_first_weights(trainer);
    return true;
}

static void
clear_trainer(struct trainer *trainer)
{
    free(trainer->shifted_image);
    free(trainer->order);
    digits_weights_clear(&trainer->square);
    digits_weights_clear(&trainer->mean);
    digits_weights_clear(&trainer->slope);
    digits_network_destroy(trainer->network);
}

static void
shuffle(struct trainer *trainer, size_t row_count)
{
    size_t *order = trainer->order;

    for (size_t left = row_count; left > 1; left -= 1) {
        size_t other = digits_random_below(&trainer->random, (uint32_t)left);
        size_t row = order[left - 1];
        order[left - 1] = order[other];
        order[other] = row;
    }
}

/* A pixel, or 0 beyond the edge. */
static float
pixel_at(const float *image, int side, int y, int x)
{
    return y >= 0 && y < side && x >= 0 && x < side ? image[y * side + x] : 0.0f;
}

/* Moves an image by any part of a pixel; each new pixel mixes the four it covers. */
static void
shift_image(const float *image, int side, float down, float right, float *shifted)
{
    int whole_down = (int)floorf(down);
    int whole_right = (int)floorf(right);
    float part_down = down - (float)whole_down;
    float part_right = right - (float)whole_right;

    for (int y = 0; y < side; y += 1) {
        for (int x = 0; x < side; x += 1) {
            int from_y = y - whole_down;
            int from_x = x - whole_right;
            float near_row = (1.0f - part_right) * pixel_at(image, side, from_y, from_x) +
                             part_right * pixel_at(image, side, from_y, from_x - 1);
            float far_row = (1.0f - part_right) * pixel_at(image, side, from_y - 1, from_x) +
                            part_right * pixel_at(image, side, from_y - 1, from_x - 1);
            shifted[y * side + x] = (1.0f - part_down) * near_row + part_down * far_row;
        }
    }
}

static void
set_shifted_image(struct trainer *trainer, uint32_t lane, const float *image)
{
    float shift = trainer->options->shift;

    if (shift > 0.0f) {
        float down = digits_random_between(&trainer->random, -shift, shift);
        float right = digits_random_between(&trainer->random, -shift, shift);
        shift_image(image, (int)trainer->weights->shape.image_side, down, right,
                    trainer->shifted_image);
        image = trainer->shifted_image;
    }
    digits_network_set_image(trainer->network, lane, image);
}

/* One step of Adam (Kingma and Ba, 2015) along the slope. */
static void
move_weights(struct trainer *trainer)
{
    const float mean_keep = 0.9f;
    const float square_keep = 0.999f;
    const float peak_rate = 0.003f;
    float part_left = 1.0f - (float)trainer->step / (float)trainer->step_count;
    float *values = trainer->weights->values;
    float *mean = trainer->mean.values;
    float *square = trainer->square.values;

    trainer->step += 1;
    /* Both means start at 0; this takes out what they lack while they are young. */
    float mean_part = 1.0f - powf(mean_keep, (float)trainer->step);
    float square_part = 1.0f - powf(square_keep, (float)trainer->step);
    float rate = peak_rate * part_left * sqrtf(square_part) / mean_part;
    for (size_t i = 0; i < trainer->weights->count; i += 1) {
        float slope = trainer->slope.values[i];
        mean[i] += (1.0f - mean_keep) * (slope - mean[i]);
        square[i] += (1.0f - square_keep) * (slope * slope - square[i]);
        values[i] -= rate * mean[i] / (sqrtf(square[i]) + 1e-8f);
    }
}

/* Learns from the rows at `order[first]` and behind. */
static struct digits_outcome
learn_step(struct trainer *trainer, const struct digits_rows *rows, size_t first)
{
    uint8_t labels[STEP_ROWS];

    for (uint32_t lane = 0; lane < STEP_ROWS; lane += 1) {
        size_t row = trainer->order[first + lane];
        set_shifted_image(trainer, lane, digits_rows_image(rows, row));
        labels[lane] = rows->labels[row];
    }
    digits_network_forward(trainer->network, trainer->weights);
    struct digits_outcome outcome = digits_network_compare(trainer->network, labels, STEP_ROWS);
    digits_network_backward(trainer->network, trainer->weights, &trainer->slope);
    move_weights(trainer);
    return outcome;
}

/* Learns from all rows but a rest that fills no step; it is another rest each time. */
static void
learn_rows(struct trainer *trainer, const struct digits_rows *rows, struct digits_epoch *epoch)
{
    size_t learned = 0;
    double correct = 0;

    shuffle(trainer, rows->row_count);
    epoch->mean_loss = 0;
    while (rows->row_count - learned >= STEP_ROWS) {
        struct digits_outcome outcome = learn_step(trainer, rows, learned);
        epoch->mean_loss += outcome.loss;
        correct += outcome.correct_count;
        learned += STEP_ROWS;
    }
    epoch->mean_loss /= (double)learned;
    epoch->training_accuracy = correct / (double)learned;
}

static double
measure_accuracy(struct trainer *trainer, const struct digits_rows *rows)
{
    double correct = 0;

    for (size_t row = 0; row < rows->row_count; row += STEP_ROWS) {
        size_t left = rows->row_count - row;
        uint32_t count = left < STEP_ROWS ? (uint32_t)left : STEP_ROWS;
        for (uint32_t lane = 0; lane < count; lane += 1) {
            digits_network_set_image(trainer->network, lane, digits_rows_image(rows, row + lane));
        }
        digits_network_forward(trainer->network, trainer->weights);
        correct +=
            digits_network_compare(trainer->network, rows->labels + row, count).correct_count;
    }
    return rows->row_count > 0 ? correct / (double)rows->row_count : (double)NAN;
}

bool
digits_train(const struct digits_training_options *options, const struct digits_rows *rows,
             const struct digits_rows *held_out, struct digits_weights *weights,
             digits_epoch_fn *report, struct digits_error *error)
{
    struct trainer trainer = {.options = options, .weights = weights};
    bool is_trained = create_trainer(&trainer, rows->row_count, error);

    for (uint64_t number = 1; is_trained && number <= options->epoch_count; number += 1) {
        struct digits_epoch epoch = {.number = number};
        learn_rows(&trainer, rows, &epoch);
        epoch.accuracy = measure_accuracy(&trainer, held_out);
        report(&epoch);
    }
    clear_trainer(&trainer);
    return is_trained;
}
