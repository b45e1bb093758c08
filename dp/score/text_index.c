/* SPDX-License-Identifier: Apache-2.0 */
#include "score/text_index.h"

#include <stdlib.h>

enum { FIRST_STEP_BYTES = 256 << 10, FIRST_ROOM = 16, ROWS_BETWEEN_STOPS = 4096 };

bool
neuron_text_is_blank(const char *text, size_t size_bytes)
{
    for (size_t i = 0; i < size_bytes; i += 1) {
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
            return false;
        }
    }
    return true;
}

/* Gives up every second mark, so that there is room again. */
static void
thin_out(struct neuron_text_index *index)
{
    for (uint32_t i = 0; i < index->count; i += 2) {
        index->marks[i / 2] = index->marks[i];
    }
    index->count = (index->count + 1) / 2;
    index->step_bytes *= 2;
}

bool
neuron_text_index_note(struct neuron_text_index *index, uint64_t row, uint64_t offset)
{
    if (index->count > 0 && offset - index->marks[index->count - 1].offset < index->step_bytes) {
        return true;
    }
    if (index->count == NEURON_TEXT_MARK_LIMIT) {
        thin_out(index);
    }
    if (index->count == index->room) {
        uint32_t room = index->room == 0 ? FIRST_ROOM : index->room * 2;
        struct neuron_text_mark *grown = realloc(index->marks, room * sizeof(*grown));

        if (grown == NULL) {
            return false;
        }
        index->marks = grown;
        index->room = room;
    }
    index->marks[index->count] = (struct neuron_text_mark){row, offset};
    index->count += 1;
    return true;
}

enum neuron_status
neuron_text_index_build(struct neuron_text_records *records,
                        const volatile sig_atomic_t *stop_signal, struct neuron_text_index *index,
                        struct neuron_error *error)
{
    struct neuron_text_record record = {0};
    bool is_found = true;

    index->step_bytes = FIRST_STEP_BYTES;
    for (uint64_t row = 0; is_found; row += 1) {
        if (row % ROWS_BETWEEN_STOPS == 0 && stop_signal != NULL && *stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "%s: stopped while its rows were counted",
                               records->path);
        }
        enum neuron_status status = neuron_text_records_next(records, &record, &is_found, error);
        if (status != NEURON_OK) {
            return status;
        }
        if (is_found && !neuron_text_index_note(index, row, record.offset)) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory to index its rows",
                               records->path);
        }
        if (is_found && !neuron_text_is_blank(record.text, record.size_bytes)) {
            index->rows = row + 1;
        }
    }
    return NEURON_OK;
}

const struct neuron_text_mark *
neuron_text_index_find(const struct neuron_text_index *index, uint64_t row)
{
    uint32_t low = 0;
    uint32_t high = index->count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (index->marks[middle].row <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &index->marks[low];
}

void
neuron_text_index_destroy(struct neuron_text_index *index)
{
    free(index->marks);
    *index = (struct neuron_text_index){0};
}
