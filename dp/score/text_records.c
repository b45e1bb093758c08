/* SPDX-License-Identifier: Apache-2.0 */
#include "score/text_records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/csv_fields.h"

enum { FIRST_ROOM_BYTES = 1 << 20 };

void
neuron_text_records_seek(struct neuron_text_records *records, uint64_t offset)
{
    size_t known = records->end - records->start;

    if (offset >= records->offset && offset - records->offset <= known) {
        records->start += (size_t)(offset - records->offset);
    } else {
        records->start = 0;
        records->end = 0;
    }
    records->offset = offset;
}

/* Makes room behind what is known: moves it to the front, or takes a larger buffer. */
static enum neuron_status
make_room(struct neuron_text_records *records, struct neuron_error *error)
{
    size_t known = records->end - records->start;

    if (known > 0 && records->start > 0) {
        memmove(records->buffer, records->buffer + records->start, known);
    }
    records->start = 0;
    records->end = known;
    if (known < records->room_bytes) {
        return NEURON_OK;
    }
    if (known >= NEURON_TEXT_RECORD_LIMIT_BYTES) {
        return NEURON_FAIL(
            error, NEURON_INVALID_SYNTAX,
            "%s: a row of more than %d MiB at byte %llu; is a line end, or a closing "
            "quote, missing?",
            records->path, NEURON_TEXT_RECORD_LIMIT_BYTES >> 20,
            (unsigned long long)records->offset);
    }
    size_t room = records->room_bytes == 0 ? FIRST_ROOM_BYTES : records->room_bytes * 2;
    char *grown = realloc(records->buffer, room);
    if (grown == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for a row of %zu bytes",
                           records->path, known);
    }
    records->buffer = grown;
    records->room_bytes = room;
    return NEURON_OK;
}

/* Reads as much as there is room for. */
static enum neuron_status
read_more(struct neuron_text_records *records, struct neuron_error *error)
{
    uint64_t from = records->offset + (records->end - records->start);
    ssize_t length = -1;

    enum neuron_status status = make_room(records, error);
    if (status != NEURON_OK) {
        return status;
    }
    size_t room = records->room_bytes - records->end;
    uint64_t left = records->file_bytes - from;
    size_t wanted = left < room ? (size_t)left : room;
    do {
        length = pread(records->file, records->buffer + records->end, wanted, (off_t)from);
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s cannot be read at byte %llu: %s",
                           records->path, (unsigned long long)from, strerrordesc_np(errno));
    }
    if (length == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s was changed while it was read: it ends at byte %llu; score again "
                           "when it is complete",
                           records->path, (unsigned long long)from);
    }
    records->end += (size_t)length;
    records->read_bytes += (uint64_t)length;
    return NEURON_OK;
}

static enum neuron_csv_end
find_end(const struct neuron_text_records *records, size_t *length)
{
    const char *bytes = records->buffer + records->start;
    size_t known = records->end - records->start;

    if (records->form == NEURON_TEXT_CSV) {
        return neuron_csv_record_end(bytes, known, length);
    }
    const char *newline = known == 0 ? NULL : memchr(bytes, '\n', known);
    *length = newline == NULL ? known : (size_t)(newline - bytes);
    return newline == NULL ? NEURON_CSV_OPEN : NEURON_CSV_ENDED;
}

enum neuron_status
neuron_text_records_next(struct neuron_text_records *records, struct neuron_text_record *record,
                         bool *is_found, struct neuron_error *error)
{
    enum neuron_csv_end end = NEURON_CSV_OPEN;
    size_t length = 0;
    bool has_all = false;

    *is_found = false;
    for (;;) {
        size_t known = records->end - records->start;

        has_all = records->offset + known >= records->file_bytes;
        end = known == 0 ? NEURON_CSV_OPEN : find_end(records, &length);
        if (end == NEURON_CSV_ENDED || has_all) {
            break;
        }
        enum neuron_status status = read_more(records, error);
        if (status != NEURON_OK) {
            return status;
        }
    }
    size_t known = records->end - records->start;
    if (end == NEURON_CSV_IN_QUOTES) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "%s: a quote is opened in the row at byte %llu and never closed; write "
                           "a quote inside of a field twice, and the field in quotes",
                           records->path, (unsigned long long)records->offset);
    }
    if (known == 0) {
        return NEURON_OK;
    }
    length = end == NEURON_CSV_ENDED ? length : known;
    size_t taken = end == NEURON_CSV_ENDED ? length + 1 : known;
    const char *text = records->buffer + records->start;
    size_t size_bytes = length > 0 && text[length - 1] == '\r' ? length - 1 : length;
    *record = (struct neuron_text_record){text, size_bytes, records->offset};
    records->start += taken;
    records->offset += taken;
    *is_found = true;
    return NEURON_OK;
}

void
neuron_text_records_destroy(struct neuron_text_records *records)
{
    free(records->buffer);
    records->buffer = NULL;
    records->room_bytes = 0;
    records->start = 0;
    records->end = 0;
}
