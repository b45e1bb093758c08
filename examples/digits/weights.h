/* SPDX-License-Identifier: Apache-2.0 */
/* The trained numbers of the network, in memory and on disk. */
#ifndef DIGITS_WEIGHTS_H
#define DIGITS_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/*
 * The network: twice a convolution 3x3 with a border of zeros, the larger of 0 and that, and the
 * largest of each 2x2; then a hidden layer, and a score for each digit.
 */
struct digits_shape {
    uint32_t image_side; /* DIGITS_IMAGE_SIDE_LEAST to DIGITS_IMAGE_SIDE_MOST */
    uint32_t channel_counts[2];
    uint32_t hidden_count;
};

enum { DIGITS_CHANNEL_COUNT_MOST = 64, DIGITS_HIDDEN_COUNT_MOST = 512 };

/* The tensors in the order of the file. Matrices have a row for each result. */
enum digits_tensor_index {
    DIGITS_CONVOLUTION_1_WEIGHTS, /* [channels 1, 1, 3, 3] */
    DIGITS_CONVOLUTION_1_BIAS,    /* [channels 1] */
    DIGITS_CONVOLUTION_2_WEIGHTS, /* [channels 2, channels 1, 3, 3] */
    DIGITS_CONVOLUTION_2_BIAS,    /* [channels 2] */
    DIGITS_HIDDEN_WEIGHTS,        /* [hidden, channels 2 * (side / 4) * (side / 4)] */
    DIGITS_HIDDEN_BIAS,           /* [hidden] */
    DIGITS_SCORE_WEIGHTS,         /* [10, hidden] */
    DIGITS_SCORE_BIAS,            /* [10] */
    DIGITS_TENSOR_COUNT
};

struct digits_tensor {
    uint32_t rank;
    uint32_t dims[4];
    size_t offset; /* of its first number among all */
    size_t count;
};

/* One block of numbers, which the tensors divide among them. Gradients have this form too. */
struct digits_weights {
    struct digits_shape shape;
    struct digits_tensor tensors[DIGITS_TENSOR_COUNT];
    size_t count;
    float *values;
};

/* Says from how many numbers a weight tensor makes one of its results. */
size_t
digits_tensor_input_count(const struct digits_tensor *tensor);

/* The numbers of a tensor. */
float *
digits_weights_tensor(const struct digits_weights *weights, enum digits_tensor_index index);

/*
 * Makes weights that are all zero.
 *
 * weights  is overwritten; digits_weights_clear() frees it. Unchanged on failure: a shape out of
 *          bounds, or no memory.
 */
bool
digits_weights_create(const struct digits_shape *shape, struct digits_weights *weights,
                      struct digits_error *error);

/* Reads a file and checks it: form, bounds, size and checksum. Otherwise as above. */
bool
digits_weights_load(const char *path, struct digits_weights *weights, struct digits_error *error);

/* Writes a file, which appears whole or not at all. */
bool
digits_weights_save(const struct digits_weights *weights, const char *path,
                    struct digits_error *error);

/* Frees the numbers. Accepts zeroed weights. */
void
digits_weights_clear(struct digits_weights *weights);

#endif
