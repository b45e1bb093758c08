/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of a batch go together: pure arithmetic, for any number of rows. */
#ifndef NEURON_DP_BATCH_SPLIT_H
#define NEURON_DP_BATCH_SPLIT_H

#include <stdint.h>

/* A batch cut into chunks: what one core takes at a time. The last chunk has what is left over. */
struct neuron_batch_split {
    int64_t rows;
    int64_t chunk_rows;  /* of every chunk but the last; at least 1 */
    int64_t chunk_count; /* 0 for no rows */
};

/* Rows that follow each other. */
struct neuron_row_range {
    int64_t first;
    int64_t count;
};

/*
 * Cuts a batch into chunks of `split_rows`, or, for 0, into chunks of the compiled batch.
 *
 * The number of cores has no say in the automatic cut, for this reason. A run takes as long for one
 * row as for a full compiled batch, so the time of a batch is the number of runs on the core that
 * has most of them. No cut gets by with less than R = ceil(rows / compiled batch) runs, and no
 * order on c cores ends before ceil(R / c) of them in a row. Chunks of one run each reach both
 * bounds, because whoever is free takes the next one. Chunks of max(1, rows / c) rows may miss
 * them: 37 rows on 4 cores compiled for 8 give 5 chunks of 9 or less, 9 runs, the longest way 3 of
 * them; the automatic cut gives 5 runs, the longest way 2.
 *
 * rows            at least 0.
 * compiled_batch  at least 1.
 */
struct neuron_batch_split
neuron_batch_split_of(int64_t rows, int64_t compiled_batch, uint32_t split_rows);

/* The rows of a chunk, of which there are at least 1. `index` is below the number of chunks. */
struct neuron_row_range
neuron_batch_split_chunk(const struct neuron_batch_split *split, int64_t index);

/* Takes the first rows off a range, at most `limit` of them, and returns those taken. */
struct neuron_row_range
neuron_row_range_take(struct neuron_row_range *range, int64_t limit);

#endif
