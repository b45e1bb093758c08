/* SPDX-License-Identifier: Apache-2.0 */
#include "batch_split.h"

struct neuron_batch_split
neuron_batch_split_of(int64_t rows, int64_t compiled_batch, uint32_t split_rows)
{
    int64_t chunk_rows = split_rows == 0 ? compiled_batch : (int64_t)split_rows;
    int64_t last_rows = rows % chunk_rows;

    /* The usual (rows + chunk_rows - 1) / chunk_rows would overflow near the largest number. */
    return (struct neuron_batch_split){
        .rows = rows,
        .chunk_rows = chunk_rows,
        .chunk_count = rows / chunk_rows + (last_rows == 0 ? 0 : 1),
    };
}

struct neuron_row_range
neuron_batch_split_chunk(const struct neuron_batch_split *split, int64_t index)
{
    /* Cannot overflow: a chunk that exists starts before the last row. */
    int64_t first = index * split->chunk_rows;
    struct neuron_row_range rest = {.first = first, .count = split->rows - first};

    return neuron_row_range_take(&rest, split->chunk_rows);
}

struct neuron_row_range
neuron_row_range_take(struct neuron_row_range *range, int64_t limit)
{
    int64_t count = range->count < limit ? range->count : limit;
    struct neuron_row_range taken = {.first = range->first, .count = count};

    range->first += count;
    range->count -= count;
    return taken;
}
