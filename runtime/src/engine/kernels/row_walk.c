/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernels/row_walk.h"

/* The dense stride of each dimension of the result in an operand; 0 where the operand repeats. */
static void
find_strides(const struct neuron_tensor_view *operand, const struct neuron_tensor_view *result,
             int64_t *strides)
{
    int64_t stride = 1;

    for (uint32_t i = 0; i < result->rank; i += 1) {
        uint32_t position = result->rank - 1 - i;
        int64_t dim = i < operand->rank ? operand->shape[operand->rank - 1 - i] : 1;

        strides[position] = dim == 1 ? 0 : stride;
        stride *= dim;
    }
}

/* Says whether the last loop goes on where all operands' next dimension ends. */
static bool
is_seamless(const struct neuron_row_walk *walk, const int64_t (*strides)[NEURON_RANK_LIMIT],
            uint32_t dimension, int64_t dim)
{
    for (uint32_t i = 0; i < walk->operand_count; i += 1) {
        if (walk->strides[i][walk->rank - 1] != strides[i][dimension] * dim) {
            return false;
        }
    }
    return true;
}

/* Appends a loop, or widens the one before. */
static void
append_loop(struct neuron_row_walk *walk, const int64_t (*strides)[NEURON_RANK_LIMIT],
            uint32_t dimension, int64_t dim)
{
    bool widens = walk->rank > 0 && is_seamless(walk, strides, dimension, dim);

    walk->rank += widens ? 0 : 1;
    walk->dims[walk->rank - 1] = widens ? walk->dims[walk->rank - 1] * dim : dim;
    for (uint32_t i = 0; i < walk->operand_count; i += 1) {
        walk->strides[i][walk->rank - 1] = strides[i][dimension];
    }
}

void
neuron_row_walk_begin(struct neuron_row_walk *walk, const struct neuron_tensor_view *operands,
                      uint32_t operand_count, const struct neuron_tensor_view *result)
{
    int64_t strides[NEURON_ROW_OPERANDS][NEURON_RANK_LIMIT] = {{0}};

    *walk = (struct neuron_row_walk){.operand_count = operand_count};
    for (uint32_t i = 0; i < operand_count; i += 1) {
        find_strides(&operands[i], result, strides[i]);
    }
    for (uint32_t i = 0; i < result->rank; i += 1) {
        walk->is_done = walk->is_done || result->shape[i] == 0;
        if (result->shape[i] != 1) {
            append_loop(walk, (const int64_t(*)[NEURON_RANK_LIMIT])strides, i, result->shape[i]);
        }
    }
    if (walk->rank == 0) {
        walk->rank = 1;
        walk->dims[0] = 1;
    }
}

void
neuron_row_walk_next(struct neuron_row_walk *walk)
{
    for (uint32_t loop = walk->rank - 1; loop > 0; loop -= 1) {
        int64_t *counter = &walk->counters[loop - 1];
        bool wraps = *counter + 1 == walk->dims[loop - 1];

        *counter = wraps ? 0 : *counter + 1;
        for (uint32_t i = 0; i < walk->operand_count; i += 1) {
            int64_t stride = walk->strides[i][loop - 1];

            walk->positions[i] += wraps ? -stride * (walk->dims[loop - 1] - 1) : stride;
        }
        if (!wraps) {
            return;
        }
    }
    walk->is_done = true;
}

int64_t
neuron_row_walk_count(const struct neuron_row_walk *walk)
{
    return walk->dims[walk->rank - 1];
}

int64_t
neuron_row_walk_stride(const struct neuron_row_walk *walk, uint32_t operand)
{
    return walk->strides[operand][walk->rank - 1];
}
