/* SPDX-License-Identifier: Apache-2.0 */
#include "output_tail.h"

#include <stdlib.h>
#include <string.h>

/* Twice what is kept: bytes are moved once for that many new ones. */
enum { CAPACITY = 2 * NEURON_OUTPUT_TAIL_BYTES };

void
neuron_output_tail_put(struct neuron_output_tail *tail, const char *bytes, size_t size_bytes)
{
    if (size_bytes == 0) {
        return;
    }
    if (tail->bytes == NULL) {
        tail->bytes = malloc(CAPACITY);
        if (tail->bytes == NULL) {
            return;
        }
    }
    if (size_bytes > NEURON_OUTPUT_TAIL_BYTES) {
        bytes += size_bytes - NEURON_OUTPUT_TAIL_BYTES;
        size_bytes = NEURON_OUTPUT_TAIL_BYTES;
        tail->length = 0;
        tail->is_cut = true;
    }
    if (tail->length + size_bytes > CAPACITY) {
        memmove(tail->bytes, tail->bytes + tail->length - NEURON_OUTPUT_TAIL_BYTES,
                NEURON_OUTPUT_TAIL_BYTES);
        tail->length = NEURON_OUTPUT_TAIL_BYTES;
        tail->is_cut = true;
    }
    memcpy(tail->bytes + tail->length, bytes, size_bytes);
    tail->length += size_bytes;
}

size_t
neuron_output_tail_copy(const struct neuron_output_tail *tail, char *text, size_t size_bytes)
{
    size_t length = tail->length < size_bytes ? tail->length : size_bytes - 1;
    bool is_cut = tail->is_cut || length < tail->length;
    const char *begin = length == 0 ? "" : tail->bytes + tail->length - length;

    if (is_cut && length > 0) {
        /* The line end of the last line is none to begin behind. */
        const char *line_end = memchr(begin, '\n', length - 1);

        if (line_end != NULL) {
            length -= (size_t)(line_end + 1 - begin);
            begin = line_end + 1;
        }
    }
    memcpy(text, begin, length);
    text[length] = '\0';
    return length;
}

void
neuron_output_tail_clear(struct neuron_output_tail *tail)
{
    free(tail->bytes);
    *tail = (struct neuron_output_tail){0};
}
