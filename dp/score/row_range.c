/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_range.h"

static const double block_seconds = 0.1;

/* floor(rows * rank / world_size) without forming the product, which may not fit. */
static uint64_t
first_row(uint64_t rows, uint64_t rank, uint64_t world_size)
{
    return rows / world_size * rank + rows % world_size * rank / world_size;
}

struct neuron_row_range
neuron_row_range_of_rank(uint64_t rows, uint32_t rank, uint32_t world_size)
{
    uint64_t first = first_row(rows, rank, world_size);
    uint64_t next = first_row(rows, (uint64_t)rank + 1, world_size);

    return (struct neuron_row_range){.first = first, .count = next - first};
}

static uint64_t
round_down(uint64_t rows, uint64_t unit)
{
    return rows - rows % unit;
}

uint64_t
neuron_block_rows(const struct neuron_block_limits *limits, double rows_per_s)
{
    uint64_t row_bytes = limits->row_size_bytes == 0 ? 1 : limits->row_size_bytes;
    uint64_t most = limits->size_bytes / row_bytes;

    if (most < limits->chunk_rows) {
        return most == 0 ? 1 : most;
    }
    if (most < limits->round_rows) {
        return round_down(most, limits->chunk_rows);
    }
    double rounds = rows_per_s * block_seconds / (double)limits->round_rows;
    uint64_t most_rounds = most / limits->round_rows;
    if (!(rounds > 1.0)) {
        return limits->round_rows;
    }
    if (rounds >= (double)most_rounds) {
        return most_rounds * limits->round_rows;
    }
    uint64_t whole_rounds = (uint64_t)rounds;
    whole_rounds += (double)whole_rounds < rounds ? 1 : 0;
    return whole_rounds * limits->round_rows;
}
