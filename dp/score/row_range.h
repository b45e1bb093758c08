/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that follow each other, and the parts that ranks have of them. */
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

#endif
