/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_range.h"

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
