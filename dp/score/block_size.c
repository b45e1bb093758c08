/* SPDX-License-Identifier: Apache-2.0 */
#include "score/block_size.h"

/* The largest multiple of `unit` up to `rows`. */
static uint64_t
whole(uint64_t rows, uint64_t unit)
{
    return rows - rows % unit;
}

uint64_t
neuron_block_size_rows(const struct neuron_block_bounds *bounds)
{
    /* A row of no bytes is possible: a dimension may be 0. */
    uint64_t row_bytes = bounds->row_size_bytes > 0 ? bounds->row_size_bytes : 1;
    uint64_t wanted_rows = bounds->wanted_bytes / row_bytes;
    uint64_t most_rows = bounds->most_bytes / row_bytes;
    uint64_t round_rows = 0;

    if (most_rows < 1) {
        return 1;
    }
    if (most_rows < bounds->chunk_rows) {
        return most_rows;
    }
    if (__builtin_mul_overflow(bounds->chunk_rows, bounds->core_count, &round_rows) ||
        most_rows < round_rows) {
        return whole(most_rows, bounds->chunk_rows);
    }
    wanted_rows = wanted_rows < most_rows ? wanted_rows : most_rows;
    return wanted_rows < round_rows ? round_rows : whole(wanted_rows, round_rows);
}
