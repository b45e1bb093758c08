/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a block of rows: what the source fills and lets go of. */
#ifndef NEURON_SCORE_ROW_BLOCK_H
#define NEURON_SCORE_ROW_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "neuron/status.h"
#include "score/row_file.h"
#include "score/row_source.h"

/* The rows of one input: in memory of the block, or in a mapped file. */
struct neuron_block_part {
    void *bytes; /* owned; kept for the next rows */
    size_t room_bytes;
    struct neuron_row_file *file; /* NULL when they lie in `bytes` */
    size_t from, until;           /* in the file */
};

struct neuron_block_memory {
    struct neuron_block_part *parts; /* one an input of the model */
    uint32_t part_count;
    size_t bad_room;
};

/* Makes views and memory for this many inputs, where the block has none. NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_block_prepare(struct neuron_row_block *block, uint32_t input_count,
                         struct neuron_error *error);

/* Gets memory for the rows of an input, aligned to 64 bytes. NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_block_reserve(struct neuron_row_block *block, uint32_t input, size_t size_bytes,
                         struct neuron_error *error);

/* Notes a bad row. NEURON_OUT_OF_MEMORY. */
NEURON_MUST_CHECK enum neuron_status
neuron_row_block_add_bad(struct neuron_row_block *block, uint64_t row, uint32_t input,
                         const char *reason, struct neuron_error *error);

/* Sorts the bad rows; of those that are bad for several inputs, the first one stays. */
void
neuron_row_block_settle_bad(struct neuron_row_block *block);

#endif
