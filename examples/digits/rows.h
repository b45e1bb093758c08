/* SPDX-License-Identifier: Apache-2.0 */
/* Labelled images, in memory. */
#ifndef DIGITS_ROWS_H
#define DIGITS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

enum {
    DIGITS_CLASS_COUNT = 10,
    DIGITS_IMAGE_SIDE_LEAST = 8, /* two halvings leave 2 x 2 */
    DIGITS_IMAGE_SIDE_MOST = 64
};

/* Square images of one size with values in 0..1, and the digit that each shows. */
struct digits_rows {
    size_t row_count;
    uint32_t image_side;
    float *images;   /* row_count * image_side * image_side */
    uint8_t *labels; /* row_count, each below DIGITS_CLASS_COUNT */
};

/* The image of a row. */
const float *
digits_rows_image(const struct digits_rows *rows, size_t row);

/*
 * Reads images, float32 [N,1,S,S], and labels, int64 or uint8 [N], from .npy files.
 *
 * rows  is overwritten; digits_rows_clear() frees it. Unchanged on failure.
 */
bool
digits_rows_load_arrays(const char *images_path, const char *labels_path, struct digits_rows *rows,
                        struct digits_error *error);

/*
 * Reads lines of 64 pixels from 0 to 16 and the digit, separated by commas: the form of "Optical
 * Recognition of Handwritten Digits" of the UCI Machine Learning Repository. Images are 8 x 8.
 */
bool
digits_rows_load_csv(const char *path, struct digits_rows *rows, struct digits_error *error);

/* Reads labels alone, for those who have the images elsewhere; the caller frees them. */
bool
digits_labels_load(const char *path, uint8_t **labels, size_t *label_count,
                   struct digits_error *error);

/* Frees the rows. Accepts zeroed ones. */
void
digits_rows_clear(struct digits_rows *rows);

#endif
