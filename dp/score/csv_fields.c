/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields are separated by commas; a field in double quotes may hold commas, line ends and doubled
 * quotes (RFC 4180). Records are taken apart in place.
 *
 * This is not done by libcsv, as that does not tell where in the bytes a record begins, which the
 * index of a file needs, and drops the blanks around fields that are to pass through unchanged.
 */
#include "score/csv_fields.h"

#include <string.h>

/* Steps over a quoted field, from behind its opening quote to behind the closing one; NULL when
   there is none. */
static const char *
find_closing(const char *next, const char *end)
{
    while (next < end) {
        const char *quote = memchr(next, '"', (size_t)(end - next));

        if (quote == NULL) {
            return NULL;
        }
        if (quote + 1 == end || quote[1] != '"') {
            return quote + 1;
        }
        next = quote + 2;
    }
    return NULL;
}

/* The next comma or line end; `end` when there is none. */
static const char *
find_separator(const char *next, const char *end)
{
    while (next < end && *next != ',' && *next != '\n') {
        next += 1;
    }
    return next;
}

enum neuron_csv_end
neuron_csv_record_end(const char *bytes, size_t size_bytes, size_t *length)
{
    const char *end = bytes + size_bytes;
    const char *newline = size_bytes == 0 ? NULL : memchr(bytes, '\n', size_bytes);
    size_t line_bytes = newline == NULL ? size_bytes : (size_t)(newline - bytes);

    if (line_bytes == 0 || memchr(bytes, '"', line_bytes) == NULL) {
        *length = line_bytes;
        return newline == NULL ? NEURON_CSV_OPEN : NEURON_CSV_ENDED;
    }
    for (const char *next = bytes; next < end; next += 1) {
        if (*next == '"') {
            next = find_closing(next + 1, end);
        }
        if (next == NULL) {
            return NEURON_CSV_IN_QUOTES;
        }
        next = find_separator(next, end);
        if (next < end && *next == '\n') {
            *length = (size_t)(next - bytes);
            return NEURON_CSV_ENDED;
        }
    }
    return NEURON_CSV_OPEN;
}

struct neuron_csv_walk
neuron_csv_walk_of(const char *record, size_t size_bytes)
{
    return (struct neuron_csv_walk){.next = record, .end = record + size_bytes};
}

bool
neuron_csv_walk_next(struct neuron_csv_walk *walk, struct neuron_csv_field *field)
{
    const char *start = walk->next;
    const char *after = start;

    if (start == NULL) {
        return false;
    }
    bool is_quoted = start < walk->end && *start == '"';
    if (is_quoted) {
        after = find_closing(start + 1, walk->end);
        walk->is_damaged = walk->is_damaged || after == NULL;
        after = after == NULL ? walk->end : after;
    }
    const char *comma = after == walk->end ? NULL : memchr(after, ',', (size_t)(walk->end - after));
    const char *end = comma == NULL ? walk->end : comma;
    walk->next = comma == NULL ? NULL : comma + 1;
    if (is_quoted && end == after && !(walk->is_damaged && comma == NULL)) {
        *field = (struct neuron_csv_field){start + 1, (size_t)(after - start) - 2, true};
        return true;
    }
    walk->is_damaged = walk->is_damaged || is_quoted;
    *field = (struct neuron_csv_field){start, (size_t)(end - start), false};
    return true;
}

size_t
neuron_csv_field_text(const struct neuron_csv_field *field, char *text)
{
    size_t length = 0;

    for (size_t i = 0; i < field->size_bytes; i += 1) {
        text[length] = field->text[i];
        length += 1;
        if (field->is_quoted && field->text[i] == '"') {
            i += 1; /* the second one of two */
        }
    }
    return length;
}
