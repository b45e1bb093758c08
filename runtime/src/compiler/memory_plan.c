/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Greedy best fit by size: the largest interval is placed first, each next one into the smallest
 * gap that holds it between those that are alive at the same time, or behind them. Large results
 * decide how much memory a model takes, so they choose first; the small ones fill the gaps.
 *
 * It takes time in the square of the count, once when a program is made.
 */
#include "compiler/memory_plan.h"

#include <stdbool.h>
#include <stdlib.h>

/* What an interval takes in the arena; check_intervals() has seen that it does not overflow. */
static size_t
padded_bytes(const struct neuron_memory_interval *interval)
{
    const size_t mask = NEURON_MEMORY_ALIGNMENT_BYTES - 1;

    return (interval->size_bytes + mask) & ~mask;
}

/* The sum of all sizes fits, and so does every offset that can come out. */
static enum neuron_status
check_intervals(const struct neuron_memory_interval *intervals, uint32_t count,
                struct neuron_error *error)
{
    size_t sum = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        size_t most_bytes = 0;

        if (intervals[i].last_step < intervals[i].first_step) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "memory interval %u ends at step %u, before it begins at step %u", i,
                               intervals[i].last_step, intervals[i].first_step);
        }
        if (__builtin_add_overflow(intervals[i].size_bytes, NEURON_MEMORY_ALIGNMENT_BYTES - 1,
                                   &most_bytes) ||
            __builtin_add_overflow(sum, most_bytes, &sum)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "the intermediate results of the model do not fit the address "
                               "space: compile it for a smaller batch");
        }
    }
    return NEURON_OK;
}

/* Larger first; then as given, for they stand in one array. */
static int
compare_size(const void *left, const void *right)
{
    const struct neuron_memory_interval *a = *(struct neuron_memory_interval *const *)left;
    const struct neuron_memory_interval *b = *(struct neuron_memory_interval *const *)right;

    if (a->size_bytes != b->size_bytes) {
        return a->size_bytes > b->size_bytes ? -1 : 1;
    }
    return (a > b) - (a < b);
}

static bool
overlap_in_time(const struct neuron_memory_interval *a, const struct neuron_memory_interval *b)
{
    return a->first_step <= b->last_step && b->first_step <= a->last_step;
}

/* `placed` is in the order of offsets. */
static size_t
find_offset(struct neuron_memory_interval *const *placed, uint32_t placed_count,
            const struct neuron_memory_interval *interval)
{
    size_t needed = padded_bytes(interval);
    size_t end = 0; /* of all that were seen */
    size_t best = SIZE_MAX;
    size_t best_gap = SIZE_MAX;

    for (uint32_t i = 0; i < placed_count; i += 1) {
        if (!overlap_in_time(placed[i], interval)) {
            continue;
        }
        size_t gap = placed[i]->offset > end ? placed[i]->offset - end : 0;
        if (gap >= needed && gap < best_gap) {
            best = end;
            best_gap = gap;
        }
        size_t placed_end = placed[i]->offset + padded_bytes(placed[i]);
        end = placed_end > end ? placed_end : end;
    }
    return best == SIZE_MAX ? end : best;
}

/* Keeps `placed` in the order of offsets. */
static void
insert_placed(struct neuron_memory_interval **placed, uint32_t placed_count,
              struct neuron_memory_interval *interval)
{
    uint32_t position = placed_count;

    while (position > 0 && placed[position - 1]->offset > interval->offset) {
        placed[position] = placed[position - 1];
        position -= 1;
    }
    placed[position] = interval;
}

/* Both arrays have room for `count`. Returns the end of the last interval. */
static size_t
place_all(struct neuron_memory_interval **by_size, uint32_t count,
          struct neuron_memory_interval **placed)
{
    uint32_t placed_count = 0;
    size_t total = 0;

    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_memory_interval *interval = by_size[i];

        if (interval->size_bytes == 0) {
            interval->offset = 0;
            continue;
        }
        interval->offset = find_offset(placed, placed_count, interval);
        insert_placed(placed, placed_count, interval);
        placed_count += 1;
        size_t end = interval->offset + padded_bytes(interval);
        total = end > total ? end : total;
    }
    return total;
}

enum neuron_status
neuron_memory_plan(struct neuron_memory_interval *intervals, uint32_t count, size_t *total_bytes,
                   struct neuron_error *error)
{
    enum neuron_status status = check_intervals(intervals, count, error);

    if (status != NEURON_OK) {
        return status;
    }
    const size_t pointer_bytes = sizeof(struct neuron_memory_interval *);
    struct neuron_memory_interval **by_size = calloc((size_t)count + 1, pointer_bytes);
    struct neuron_memory_interval **placed = calloc((size_t)count + 1, pointer_bytes);
    if (by_size == NULL || placed == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                             "out of memory for the memory plan of %u results", count);
    } else {
        for (uint32_t i = 0; i < count; i += 1) {
            by_size[i] = &intervals[i];
        }
        qsort(by_size, count, pointer_bytes, compare_size);
        *total_bytes = place_all(by_size, count, placed);
    }
    free(by_size);
    free(placed);
    return status;
}
