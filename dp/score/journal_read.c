/* SPDX-License-Identifier: Apache-2.0 */
#include "score/journal_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/journal_record.h"

/* Bytes of a file that are not taken yet. */
struct window {
    char *bytes;
    size_t size_bytes;
    bool is_skipping; /* the line is too long, and counted already */
};

/* Takes all whole lines out of the window; `taken` receives their bytes. */
static enum neuron_status
take_lines(struct neuron_journal_reading *reading, const char *path, struct window *window,
           size_t *taken, struct neuron_error *error)
{
    size_t at = 0;
    const char *end = NULL;

    while ((end = memchr(window->bytes + at, '\n', window->size_bytes - at)) != NULL) {
        size_t length = (size_t)(end - window->bytes) - at;
        /* What is left of a line that was too long is damaged as a line, too: counted once. */
        enum neuron_status status =
            window->is_skipping
                ? NEURON_OK
                : neuron_journal_reading_add_line(reading, path, window->bytes + at, length, error);

        if (status != NEURON_OK) {
            return status;
        }
        window->is_skipping = false;
        at += length + 1;
    }
    *taken = at;
    return NEURON_OK;
}

/* Makes room in a window that holds no whole line, or moves the rest of it to the front. */
static enum neuron_status
move_window(struct neuron_journal_reading *reading, const char *path, struct window *window,
            size_t taken, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    if (taken == 0 && window->size_bytes == NEURON_RECORD_LINE_LIMIT) {
        if (!window->is_skipping) {
            status = neuron_journal_reading_add_line(reading, path, "", 0, error);
        }
        window->is_skipping = true;
        taken = window->size_bytes;
    }
    window->size_bytes -= taken;
    if (window->size_bytes > 0) {
        memmove(window->bytes, window->bytes + taken, window->size_bytes);
    }
    return status;
}

/* Reads on into the window. Returns how many bytes came, -1 with errno set. */
static ssize_t
fill_window(int file, struct window *window, uint64_t offset)
{
    ssize_t got = 0;

    do {
        got = pread(file, window->bytes + window->size_bytes,
                    NEURON_RECORD_LINE_LIMIT - window->size_bytes, (off_t)offset);
    } while (got < 0 && errno == EINTR);
    window->size_bytes += got > 0 ? (size_t)got : 0;
    return got;
}

static enum neuron_status
read_lines(struct neuron_journal_reading *reading, int file, const char *path,
           struct window *window, uint64_t *end_bytes, struct neuron_error *error)
{
    uint64_t start = 0; /* of the window in the file */
    ssize_t got = 0;

    while ((got = fill_window(file, window, start + window->size_bytes)) > 0) {
        size_t taken = 0;
        size_t before = window->size_bytes;
        enum neuron_status status = take_lines(reading, path, window, &taken, error);

        if (status == NEURON_OK) {
            status = move_window(reading, path, window, taken, error);
        }
        if (status != NEURON_OK) {
            return status;
        }
        *end_bytes = taken > 0 ? start + taken : *end_bytes;
        start += before - window->size_bytes;
    }
    if (got < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read: %s", path,
                           strerrordesc_np(errno));
    }
    /* A line that a death cut off; as the first one it is none of a journal. */
    return window->size_bytes > 0 && !window->is_skipping
               ? neuron_journal_reading_add_line(reading, path, "", 0, error)
               : NEURON_OK;
}

enum neuron_status
neuron_journal_read_file(int file, const char *path, struct neuron_journal_reading *reading,
                         uint64_t *end_bytes, struct neuron_error *error)
{
    struct window window = {.bytes = malloc(NEURON_RECORD_LINE_LIMIT)};
    uint64_t end = 0;

    if (window.bytes == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the journal");
    }
    enum neuron_status status = read_lines(reading, file, path, &window, &end, error);
    free(window.bytes);
    if (status == NEURON_OK) {
        status = neuron_journal_reading_finish(reading, error);
    }
    if (status == NEURON_OK) {
        *end_bytes = end;
    }
    return status;
}
