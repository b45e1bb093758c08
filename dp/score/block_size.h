/* SPDX-License-Identifier: Apache-2.0 */
/* How many rows a rank takes through its cores at a time. */
#ifndef NEURON_SCORE_BLOCK_SIZE_H
#define NEURON_SCORE_BLOCK_SIZE_H

#include <stdint.h>

/* What bounds a block of rows. */
struct neuron_block_bounds {
    uint64_t chunk_rows;     /* rows that keep one core busy once; at least 1 */
    uint64_t core_count;     /* at least 1 */
    uint64_t row_size_bytes; /* of inputs and outputs together */
    uint64_t wanted_bytes;   /* what stays in the caches on the way from the cores to the file */
    uint64_t most_bytes;     /* what memory allows for one block */
};

/*
 * Says how many rows a block has: whole rounds of all cores, as many as stay in the caches, at
 * least one; where memory does not allow a round whole chunks, or as many rows as it does, at
 * least 1.
 */
uint64_t
neuron_block_size_rows(const struct neuron_block_bounds *bounds);

#endif
