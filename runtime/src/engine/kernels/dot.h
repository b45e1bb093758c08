/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of bytes, added up as int32. Both sides are brought to int16, less their zero points,
 * with the elements of each product side by side: the processor multiplies eight pairs of those
 * with one instruction, and adds them two by two.
 */
#ifndef NEURON_ENGINE_KERNELS_DOT_H
#define NEURON_ENGINE_KERNELS_DOT_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/tensor.h"

/* How many elements a row of `depth` of them takes: a multiple of 8, the last of which are 0. */
int64_t
neuron_dot_row(int64_t depth);

/* Brings `count` bytes that lie `stride` apart to a row, and fills it up with zeros. */
void
neuron_dot_load(enum neuron_type type, const void *from, int64_t stride, int64_t count,
                int32_t zero, int16_t *row);

/* Rows of both sides, and where their products go. */
struct neuron_dot {
    const int16_t *left;
    int64_t left_rows;
    const int16_t *right;
    int64_t right_rows;
    int64_t row;     /* as neuron_dot_row() says */
    int32_t *result; /* of row i on the left and j on the right: result[i * stride + j] */
    int64_t result_stride;
};

/* Overwrites the result; sums wrap around. */
void
neuron_dot_multiply(const struct neuron_dot *dot);

/* The zero point that stands at this place of a tensor, which may have a single one; 0 without
   a tensor. */
int32_t
neuron_dot_zero(const struct neuron_tensor_view *zeros, int64_t index);

#endif
