/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows a rank scores, and how many at a time. */
#ifndef NEURON_SCORE_ROW_RANGE_H
#define NEURON_SCORE_ROW_RANGE_H

#include <stdint.h>

/* The rows from `first` on, `count` of them. */
struct neuron_row_range {
    uint64_t first;
    uint64_t count;
};

/*
 * Cuts rows into contiguous parts whose sizes differ by at most one: all of them together are all
 * rows, in the order of the ranks. With more ranks than rows some parts are empty.
 *
 * rank        below world_size.
 * world_size  at least 1.
 */
struct neuron_row_range
neuron_row_range_of_rank(uint64_t rows, uint32_t rank, uint32_t world_size);

/* What bounds a block of rows. */
struct neuron_block_limits {
    uint64_t round_rows;     /* rows that keep every core busy once: cores times rows a chunk */
    uint64_t chunk_rows;     /* rows that keep one core busy once; at least 1 */
    uint64_t row_size_bytes; /* the larger one of a row's input and output */
    uint64_t size_bytes;     /* most bytes of a block */
};

/*
 * Says how many rows the next block has: about a tenth of a second of work, which makes what
 * happens between blocks negligible, and still stops soon when asked. In whole rounds, so that no
 * core idles at its end; or, where a round is above the limit in bytes, in whole chunks, or in as
 * many rows as fit, but at least 1.
 *
 * rows_per_s  as measured on the block before; 0 for the first one, which gets one round.
 */
uint64_t
neuron_block_rows(const struct neuron_block_limits *limits, double rows_per_s);

#endif
