/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/dot.h"

#include "engine/kernels/strip.h"
#include "engine/kernels/vector_code.h"

enum {
    GRAIN = 8,
    CHUNK = 16384, /* so many products of differences of bytes fit an int32 */
    LEFT_ROWS = 2, /* at a time, so that what is loaded is used several times */
    RIGHT_ROWS = 4
};

int64_t
neuron_dot_row(int64_t depth)
{
    return (depth + GRAIN - 1) / GRAIN * GRAIN;
}

void
neuron_dot_load(enum neuron_type type, const void *from, int64_t stride, int64_t count,
                int32_t zero, int16_t *row)
{
    const int8_t *signed_bytes = from;
    const uint8_t *bytes = from;

    if (type == NEURON_INT8) {
        for (int64_t i = 0; i < count; i += 1) {
            row[i] = (int16_t)(signed_bytes[i * stride] - zero);
        }
    } else {
        for (int64_t i = 0; i < count; i += 1) {
            row[i] = (int16_t)(bytes[i * stride] - zero);
        }
    }
    for (int64_t i = count; i < neuron_dot_row(count); i += 1) {
        row[i] = 0;
    }
}

/* Two rows by four. */
NEURON_VECTOR_CODE static void
multiply_block(const int16_t *left, const int16_t *right, int64_t row, int64_t count,
               int32_t sums[LEFT_ROWS * RIGHT_ROWS])
{
    const int16_t *second = left + row;
    const int16_t *b = right + row;
    const int16_t *c = b + row;
    const int16_t *d = c + row;
    int32_t totals[LEFT_ROWS * RIGHT_ROWS] = {0};

    for (int64_t i = 0; i < count; i += 1) {
        totals[0] += left[i] * right[i];
        totals[1] += left[i] * b[i];
        totals[2] += left[i] * c[i];
        totals[3] += left[i] * d[i];
        totals[4] += second[i] * right[i];
        totals[5] += second[i] * b[i];
        totals[6] += second[i] * c[i];
        totals[7] += second[i] * d[i];
    }
    for (int i = 0; i < LEFT_ROWS * RIGHT_ROWS; i += 1) {
        sums[i] = totals[i];
    }
}

NEURON_VECTOR_CODE static int32_t
multiply_rows(const int16_t *left, const int16_t *right, int64_t count)
{
    int32_t total = 0;

    for (int64_t i = 0; i < count; i += 1) {
        total += left[i] * right[i];
    }
    return total;
}

/* Adds to an element of the result. */
static void
add(const struct neuron_dot *dot, int64_t i, int64_t j, int32_t sum)
{
    int32_t *result = dot->result + i * dot->result_stride + j;

    *result = (int32_t)((uint32_t)*result + (uint32_t)sum);
}

/* A few rows of each side, `count` elements of them. */
static void
multiply_part(const struct neuron_dot *dot, int64_t i, int64_t j, int64_t first, int64_t count)
{
    const int16_t *left = dot->left + i * dot->row + first;
    const int16_t *right = dot->right + j * dot->row + first;
    int64_t left_rows = dot->left_rows - i < LEFT_ROWS ? dot->left_rows - i : LEFT_ROWS;
    int64_t right_rows = dot->right_rows - j < RIGHT_ROWS ? dot->right_rows - j : RIGHT_ROWS;
    bool is_whole = left_rows == LEFT_ROWS && right_rows == RIGHT_ROWS;
    int32_t sums[LEFT_ROWS * RIGHT_ROWS] = {0};

    if (is_whole) {
        multiply_block(left, right, dot->row, count, sums);
    }
    for (int64_t l = 0; l < left_rows; l += 1) {
        for (int64_t r = 0; r < right_rows; r += 1) {
            add(dot, i + l, j + r,
                is_whole ? sums[l * RIGHT_ROWS + r]
                         : multiply_rows(left + l * dot->row, right + r * dot->row, count));
        }
    }
}

/* All rows of each side, `count` elements of them. */
static void
multiply_chunk(const struct neuron_dot *dot, int64_t first, int64_t count)
{
    for (int64_t i = 0; i < dot->left_rows; i += LEFT_ROWS) {
        for (int64_t j = 0; j < dot->right_rows; j += RIGHT_ROWS) {
            multiply_part(dot, i, j, first, count);
        }
    }
}

void
neuron_dot_multiply(const struct neuron_dot *dot)
{
    for (int64_t i = 0; i < dot->left_rows; i += 1) {
        for (int64_t j = 0; j < dot->right_rows; j += 1) {
            dot->result[i * dot->result_stride + j] = 0;
        }
    }
    for (int64_t first = 0; first < dot->row; first += CHUNK) {
        multiply_chunk(dot, first, dot->row - first < CHUNK ? dot->row - first : CHUNK);
    }
}

int32_t
neuron_dot_zero(const struct neuron_tensor_view *zeros, int64_t index)
{
    int64_t zero = 0;
    size_t count = 0;

    if (zeros == NULL) {
        return 0;
    }
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(zeros);
    (void)neuron_tensor_shape_element_count(&shape, &count);
    neuron_strip_load_whole(zeros->type, neuron_element(zeros, count == 1 ? 0 : index), 1, 1,
                            &zero);
    return (int32_t)zero;
}
