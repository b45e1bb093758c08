/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/broadcast.h"

#include <stdbool.h>
#include <stddef.h>

/* Where a row of the result goes. */
struct row {
    float *restrict result;
    int64_t count;
};

/* The dense stride of each dimension of the result in an operand; 0 where the operand stretches. */
static void
find_strides(const struct neuron_tensor_shape *operand, const struct neuron_tensor_shape *result,
             int64_t *strides)
{
    int64_t stride = 1;

    for (uint32_t i = 0; i < result->rank; i += 1) {
        uint32_t position = result->rank - 1 - i;
        int64_t dim = i < operand->rank ? operand->dims[operand->rank - 1 - i] : 1;

        strides[position] = dim == 1 ? 0 : stride;
        stride *= dim;
    }
}

/* Appends a loop, or widens the one before when both operands walk through it without a seam. */
static void
append_loop(struct neuron_broadcast *broadcast, int64_t dim, int64_t left, int64_t right)
{
    if (broadcast->rank > 0) {
        uint32_t last = broadcast->rank - 1;

        if (broadcast->left_strides[last] == left * dim &&
            broadcast->right_strides[last] == right * dim) {
            broadcast->dims[last] *= dim;
            broadcast->left_strides[last] = left;
            broadcast->right_strides[last] = right;
            return;
        }
    }
    broadcast->dims[broadcast->rank] = dim;
    broadcast->left_strides[broadcast->rank] = left;
    broadcast->right_strides[broadcast->rank] = right;
    broadcast->rank += 1;
}

struct neuron_broadcast
neuron_broadcast_plan(enum neuron_operator kind, const struct neuron_tensor_shape *left,
                      const struct neuron_tensor_shape *right,
                      const struct neuron_tensor_shape *result)
{
    struct neuron_broadcast broadcast = {.kind = kind};
    int64_t left_strides[NEURON_RANK_LIMIT] = {0};
    int64_t right_strides[NEURON_RANK_LIMIT] = {0};

    find_strides(left, result, left_strides);
    find_strides(right, result, right_strides);
    for (uint32_t i = 0; i < result->rank; i += 1) {
        if (result->dims[i] != 1) {
            append_loop(&broadcast, result->dims[i], left_strides[i], right_strides[i]);
        }
    }
    if (broadcast.rank == 0) {
        append_loop(&broadcast, 1, 0, 0);
    }
    return broadcast;
}

/* One number of the result. With a constant kind the switch is gone after inlining. */
static inline float
combine(enum neuron_operator kind, float left, float right)
{
    if (kind == NEURON_OPERATOR_ADD) {
        return left + right;
    }
    if (kind == NEURON_OPERATOR_SUBTRACT) {
        return left - right;
    }
    return kind == NEURON_OPERATOR_MULTIPLY ? left * right : left / right;
}

/* The innermost loop. Each case of the strides is a loop of its own, which the compiler widens. */
static inline void
combine_row(enum neuron_operator kind, const float *restrict left, int64_t left_stride,
            const float *restrict right, int64_t right_stride, struct row row)
{
    if (left_stride == 0) {
        for (int64_t i = 0; i < row.count; i += 1) {
            row.result[i] = combine(kind, left[0], right[i]);
        }
    } else if (right_stride == 0) {
        for (int64_t i = 0; i < row.count; i += 1) {
            row.result[i] = combine(kind, left[i], right[0]);
        }
    } else {
        for (int64_t i = 0; i < row.count; i += 1) {
            row.result[i] = combine(kind, left[i], right[i]);
        }
    }
}

/* Moves to the next row: counts up the outer loops like an odometer. Returns false after the last.
 */
static bool
next_row(const struct neuron_broadcast *broadcast, int64_t *counters, const float **left,
         const float **right)
{
    for (uint32_t i = broadcast->rank - 1; i > 0; i -= 1) {
        uint32_t loop = i - 1;

        counters[loop] += 1;
        *left += broadcast->left_strides[loop];
        *right += broadcast->right_strides[loop];
        if (counters[loop] < broadcast->dims[loop]) {
            return true;
        }
        *left -= broadcast->left_strides[loop] * broadcast->dims[loop];
        *right -= broadcast->right_strides[loop] * broadcast->dims[loop];
        counters[loop] = 0;
    }
    return false;
}

static void
run_row(const struct neuron_broadcast *broadcast, const float *left, const float *right,
        struct row row)
{
    int64_t left_stride = broadcast->left_strides[broadcast->rank - 1];
    int64_t right_stride = broadcast->right_strides[broadcast->rank - 1];

    if (broadcast->kind == NEURON_OPERATOR_ADD) {
        combine_row(NEURON_OPERATOR_ADD, left, left_stride, right, right_stride, row);
    } else if (broadcast->kind == NEURON_OPERATOR_SUBTRACT) {
        combine_row(NEURON_OPERATOR_SUBTRACT, left, left_stride, right, right_stride, row);
    } else if (broadcast->kind == NEURON_OPERATOR_MULTIPLY) {
        combine_row(NEURON_OPERATOR_MULTIPLY, left, left_stride, right, right_stride, row);
    } else {
        combine_row(NEURON_OPERATOR_DIVIDE, left, left_stride, right, right_stride, row);
    }
}

void
neuron_broadcast_run(const struct neuron_broadcast *broadcast, const float *left,
                     const float *right, float *result)
{
    struct row row = {.count = broadcast->dims[broadcast->rank - 1]};
    int64_t counters[NEURON_RANK_LIMIT] = {0};

    row.result = result;
    do {
        run_row(broadcast, left, right, row);
        row.result += row.count;
    } while (next_row(broadcast, counters, &left, &right));
}
