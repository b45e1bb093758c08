/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_block.h"

#include <stdio.h>
#include <stdlib.h>

enum { ALIGNMENT = 64, FIRST_BAD_ROOM = 16 };

enum neuron_status
neuron_row_block_prepare(struct neuron_row_block *block, uint32_t input_count,
                         struct neuron_error *error)
{
    block->count = 0;
    block->bad_count = 0;
    block->read_bytes = 0;
    if (block->memory != NULL && block->memory->parts != NULL && block->views != NULL) {
        return NEURON_OK;
    }
    if (block->memory == NULL) {
        block->memory = calloc(1, sizeof(*block->memory));
    }
    if (block->memory != NULL && block->memory->parts == NULL) {
        block->memory->parts = calloc((size_t)input_count + 1, sizeof(*block->memory->parts));
        block->memory->part_count = block->memory->parts == NULL ? 0 : input_count;
    }
    if (block->views == NULL) {
        block->views = calloc((size_t)input_count + 1, sizeof(*block->views));
    }
    if (block->memory == NULL || block->memory->parts == NULL || block->views == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a block of rows");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_row_block_reserve(struct neuron_row_block *block, uint32_t input, size_t size_bytes,
                         struct neuron_error *error)
{
    struct neuron_block_part *part = &block->memory->parts[input];
    size_t room = 0;

    if (size_bytes <= part->room_bytes) {
        return NEURON_OK;
    }
    void *bytes = NULL;
    if (!__builtin_add_overflow(size_bytes, ALIGNMENT - 1, &room)) {
        room -= room % ALIGNMENT;
        bytes = aligned_alloc(ALIGNMENT, room);
    }
    if (bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %zu bytes of rows",
                           size_bytes);
    }
    free(part->bytes);
    part->bytes = bytes;
    part->room_bytes = room;
    return NEURON_OK;
}

enum neuron_status
neuron_row_block_add_bad(struct neuron_row_block *block, uint64_t row, uint32_t input,
                         const char *reason, struct neuron_error *error)
{
    size_t room = block->memory->bad_room;

    if (block->bad_count == room) {
        room = room == 0 ? FIRST_BAD_ROOM : room * 2;
        struct neuron_bad_row *grown = realloc(block->bad, room * sizeof(*grown));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %zu bad rows", room);
        }
        block->bad = grown;
        block->memory->bad_room = room;
    }
    struct neuron_bad_row *bad = &block->bad[block->bad_count];
    *bad = (struct neuron_bad_row){.row = row, .input = input};
    (void)snprintf(bad->reason, sizeof(bad->reason), "%s", reason);
    block->bad_count += 1;
    return NEURON_OK;
}

static int
compare_bad(const void *left, const void *right)
{
    const struct neuron_bad_row *l = left;
    const struct neuron_bad_row *r = right;

    return l->row != r->row ? (l->row > r->row) - (l->row < r->row)
                            : (l->input > r->input) - (l->input < r->input);
}

void
neuron_row_block_settle_bad(struct neuron_row_block *block)
{
    size_t kept = 0;

    if (block->bad_count < 2) {
        return;
    }
    qsort(block->bad, block->bad_count, sizeof(*block->bad), compare_bad);
    for (size_t i = 0; i < block->bad_count; i += 1) {
        if (kept == 0 || block->bad[kept - 1].row != block->bad[i].row) {
            block->bad[kept] = block->bad[i];
            kept += 1;
        }
    }
    block->bad_count = kept;
}

void
neuron_row_block_release(struct neuron_row_source *source, struct neuron_row_block *block)
{
    (void)source; /* its files are known to the parts */
    for (uint32_t i = 0; block->memory != NULL && i < block->memory->part_count; i += 1) {
        struct neuron_block_part *part = &block->memory->parts[i];

        if (part->file != NULL) {
            neuron_array_forget(&part->file->mapping, part->from, part->until);
            part->file->use_count -= 1;
            part->file = NULL;
        }
    }
    block->count = 0;
    block->bad_count = 0;
}

void
neuron_row_block_destroy(struct neuron_row_block *block)
{
    neuron_row_block_release(NULL, block);
    for (uint32_t i = 0; block->memory != NULL && i < block->memory->part_count; i += 1) {
        free(block->memory->parts[i].bytes);
    }
    if (block->memory != NULL) {
        free(block->memory->parts);
    }
    free(block->memory);
    free(block->views);
    free(block->bad);
    *block = (struct neuron_row_block){0};
}
