/* SPDX-License-Identifier: Apache-2.0 */
#include "score/csv_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/csv_fields.h"
#include "score/text_number.h"

enum { SUMMARY_BYTES = 90, NAME_ROOM_BYTES = 300 };

/* Counts the fields of a record, and says whether it is one of names. */
static enum neuron_status
look_over(const char *record, size_t size_bytes, uint32_t *count, bool *has_names,
          struct neuron_error *error)
{
    struct neuron_csv_walk walk = neuron_csv_walk_of(record, size_bytes);
    struct neuron_csv_field field = {0};

    *count = 0;
    *has_names = false;
    while (neuron_csv_walk_next(&walk, &field)) {
        if (*count == NEURON_CSV_COLUMN_LIMIT) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "its first line has more than %d columns", NEURON_CSV_COLUMN_LIMIT);
        }
        *has_names = *has_names ||
                     (field.size_bytes > 0 && !neuron_text_is_number(field.text, field.size_bytes));
        *count += 1;
    }
    if (walk.is_damaged) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                           "its first line has something behind a closing quote; write a quote "
                           "inside of a field twice");
    }
    return NEURON_OK;
}

/* Copies the fields of a record as names, each with its terminator. */
static void
copy_names(const char *record, size_t size_bytes, struct neuron_csv_header *header)
{
    struct neuron_csv_walk walk = neuron_csv_walk_of(record, size_bytes);
    struct neuron_csv_field field = {0};
    char *next = header->text;

    for (uint32_t i = 0; neuron_csv_walk_next(&walk, &field); i += 1) {
        size_t length = neuron_csv_field_text(&field, next);

        next[length] = '\0';
        header->names[i] = next;
        next += length + 1;
    }
}

enum neuron_status
neuron_csv_header_read(const char *record, size_t size_bytes, struct neuron_csv_header *header,
                       struct neuron_error *error)
{
    uint32_t count = 0;
    bool has_names = false;
    enum neuron_status status = look_over(record, size_bytes, &count, &has_names, error);

    if (status != NEURON_OK) {
        return status;
    }
    header->column_count = count;
    if (!has_names) {
        return NEURON_OK;
    }
    /* A field is followed by a comma or by the end: its terminator finds room there. */
    header->names = calloc(count, sizeof(const char *));
    header->text = malloc(size_bytes + 1);
    if (header->names == NULL || header->text == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
    }
    copy_names(record, size_bytes, header);
    return NEURON_OK;
}

static bool
parse_position(const char *text, const char *end, uint32_t *position)
{
    uint64_t number = 0;

    if (text == end) {
        return false;
    }
    for (const char *c = text; c < end; c += 1) {
        if (*c < '0' || *c > '9' || number > UINT32_MAX) {
            return false;
        }
        number = number * 10 + (uint64_t)(*c - '0');
    }
    *position = (uint32_t)number;
    return number < UINT32_MAX;
}

static bool
find_name(const struct neuron_csv_header *header, const char *name, uint32_t *column)
{
    for (uint32_t i = 0; header->names != NULL && i < header->column_count; i += 1) {
        if (strcmp(header->names[i], name) == 0) {
            *column = i;
            return true;
        }
    }
    return false;
}

bool
neuron_csv_header_find(const struct neuron_csv_header *header, const char *name, uint32_t *column)
{
    uint32_t position = 0;

    if (find_name(header, name, column)) {
        return true;
    }
    if (!parse_position(name, name + strlen(name), &position) || position >= header->column_count) {
        return false;
    }
    *column = position;
    return true;
}

const char *
neuron_csv_header_summary(const struct neuron_csv_header *header, char *text, size_t size_bytes)
{
    size_t used = 0;

    if (header->names == NULL) {
        (void)snprintf(text, size_bytes, "0 to %u, without names", header->column_count - 1);
        return text;
    }
    text[0] = '\0';
    for (uint32_t i = 0; i < header->column_count && used + 1 < size_bytes; i += 1) {
        int length =
            snprintf(text + used, size_bytes - used, "%s%s", i == 0 ? "" : ", ", header->names[i]);
        used += length < 0 ? 0 : (size_t)length;
    }
    return text;
}

void
neuron_csv_header_destroy(struct neuron_csv_header *header)
{
    free(header->names);
    free(header->text);
    *header = (struct neuron_csv_header){0};
}

static enum neuron_status
select_column(struct neuron_csv_selection *selection, uint32_t column, struct neuron_error *error)
{
    if (selection->count == NEURON_CSV_COLUMN_LIMIT) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "more than %d columns are listed",
                           NEURON_CSV_COLUMN_LIMIT);
    }
    if (selection->count == selection->room) {
        size_t room = selection->room == 0 ? 16 : selection->room * 2;
        uint32_t *grown = realloc(selection->columns, room * sizeof(*grown));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
        }
        selection->columns = grown;
        selection->room = room;
    }
    selection->columns[selection->count] = column;
    selection->count += 1;
    return NEURON_OK;
}

static enum neuron_status
refuse_column(const struct neuron_csv_header *header, const char *name, struct neuron_error *error)
{
    char summary[SUMMARY_BYTES] = "";

    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "no column '%.60s'; there are %s", name,
                       neuron_csv_header_summary(header, summary, sizeof(summary)));
}

/* Selects what one item of a list names: a column, or "4-7". */
static enum neuron_status
select_item(const struct neuron_csv_header *header, const char *item,
            struct neuron_csv_selection *selection, struct neuron_error *error)
{
    const char *dash = strchr(item, '-');
    uint32_t first = 0;
    uint32_t last = 0;
    enum neuron_status status = NEURON_OK;

    if (neuron_csv_header_find(header, item, &first)) {
        return select_column(selection, first, error);
    }
    if (dash == NULL || !parse_position(item, dash, &first) ||
        !parse_position(dash + 1, dash + strlen(dash), &last) || last < first ||
        last >= header->column_count) {
        return refuse_column(header, item, error);
    }
    for (uint32_t i = first; status == NEURON_OK && i <= last; i += 1) {
        status = select_column(selection, i, error);
    }
    return status;
}

enum neuron_status
neuron_csv_select_list(const struct neuron_csv_header *header, const char *list,
                       struct neuron_csv_selection *selection, struct neuron_error *error)
{
    char *copy = strdup(list);
    char *rest = copy;
    enum neuron_status status = NEURON_OK;

    if (copy == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
    }
    while (status == NEURON_OK && rest != NULL) {
        status = select_item(header, strsep(&rest, ","), selection, error);
    }
    free(copy);
    return status;
}

enum neuron_status
neuron_csv_select_all(const struct neuron_csv_header *header,
                      struct neuron_csv_selection *selection, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < header->column_count; i += 1) {
        status = select_column(selection, i, error);
    }
    return status;
}

enum neuron_status
neuron_csv_select_tensor(const struct neuron_csv_header *header, const char *name, size_t elements,
                         struct neuron_csv_selection *selection, struct neuron_error *error)
{
    char column_name[NAME_ROOM_BYTES] = "";
    enum neuron_status status = NEURON_OK;
    uint32_t next = 0; /* a column's neighbour is most often the next one */

    for (size_t i = 0; status == NEURON_OK && i < elements; i += 1) {
        uint32_t column = 0;

        (void)snprintf(column_name, sizeof(column_name), "%s_%zu", name, i);
        if (elements == 1) {
            (void)snprintf(column_name, sizeof(column_name), "%s", name);
        }
        if (header->names != NULL && next < header->column_count &&
            strcmp(header->names[next], column_name) == 0) {
            column = next;
        } else if (!find_name(header, column_name, &column)) {
            return refuse_column(header, column_name, error);
        }
        status = select_column(selection, column, error);
        next = column + 1;
    }
    return status;
}

void
neuron_csv_selection_destroy(struct neuron_csv_selection *selection)
{
    free(selection->columns);
    *selection = (struct neuron_csv_selection){0};
}
