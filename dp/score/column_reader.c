/* SPDX-License-Identifier: Apache-2.0 */
#include "score/column_reader.h"

#include <stdlib.h>
#include <string.h>

#include "score/csv_fields.h"
#include "score/json_scan.h"
#include "score/row_source_body.h"

/* A column that is read. */
struct wanted_column {
    char *name;      /* of a field; owned */
    uint32_t number; /* of a csv column */
    char *text;      /* what was unquoted; owned */
    size_t room_bytes;
};

struct neuron_column_reader {
    const struct neuron_row_stream *stream;
    struct wanted_column *columns;
    uint32_t column_count;
    uint64_t row;                /* that comes next, of all rows of the files */
    struct neuron_row_file file; /* the file that is read, opened once more */
};

/* Says whether a stream has all columns. Of fields nothing is known before they are read. */
static bool
has_columns(const struct neuron_row_stream *stream, const char *const *names, uint32_t name_count,
            const char **missing)
{
    uint32_t number = 0;

    if (stream->files.kind != NEURON_INPUT_CSV || stream->csv == NULL) {
        return neuron_input_kind_is_text(stream->files.kind);
    }
    for (uint32_t i = 0; i < name_count; i += 1) {
        if (!neuron_csv_header_find(&stream->header, names[i], &number)) {
            *missing = names[i];
            return false;
        }
    }
    return true;
}

/* Finds the stream that has the columns: a csv file rather than a jsonl file. */
static enum neuron_status
find_stream(const struct neuron_row_source *source, const char *const *names, uint32_t name_count,
            const struct neuron_row_stream **stream, struct neuron_error *error)
{
    const char *missing = NULL;
    const struct neuron_row_stream *found = NULL;

    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        const struct neuron_row_stream *candidate = &source->streams[i];

        if (has_columns(candidate, names, name_count, &missing) &&
            (found == NULL || found->files.kind == NEURON_INPUT_JSONL)) {
            found = candidate;
        }
    }
    if (found == NULL && missing != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "no input has a column '%.80s'",
                           missing);
    }
    if (found == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "no column '%.60s' can pass through: no input is a csv or jsonl file",
                           name_count > 0 ? names[0] : "");
    }
    *stream = found;
    return NEURON_OK;
}

static enum neuron_status
set_columns(struct neuron_column_reader *reader, const char *const *names, uint32_t name_count,
            struct neuron_error *error)
{
    reader->columns = calloc((size_t)name_count + 1, sizeof(*reader->columns));
    if (reader->columns == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for columns");
    }
    for (uint32_t i = 0; i < name_count; i += 1) {
        struct wanted_column *column = &reader->columns[i];

        reader->column_count = i + 1;
        column->name = strdup(names[i]);
        if (column->name == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for columns");
        }
        /* Was found before, or there are no rows. */
        (void)neuron_csv_header_find(&reader->stream->header, names[i], &column->number);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_column_reader_open(struct neuron_row_source *source, const char *const *names,
                          uint32_t name_count, uint64_t first, struct neuron_column_reader **reader,
                          struct neuron_error *error)
{
    const struct neuron_row_stream *stream = NULL;
    enum neuron_status status = find_stream(source, names, name_count, &stream, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_column_reader *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for columns");
    }
    made->stream = stream;
    made->row = source->first_row + first;
    made->file.descriptor = -1;
    status = set_columns(made, names, name_count, error);
    if (status != NEURON_OK) {
        neuron_column_reader_destroy(made);
        return status;
    }
    *reader = made;
    return NEURON_OK;
}

/* Gets memory for a text. */
static enum neuron_status
reserve(struct wanted_column *column, size_t size_bytes, struct neuron_error *error)
{
    if (size_bytes <= column->room_bytes) {
        return NEURON_OK;
    }
    char *grown = realloc(column->text, size_bytes);
    if (grown == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a text of %zu bytes",
                           size_bytes);
    }
    column->text = grown;
    column->room_bytes = size_bytes;
    return NEURON_OK;
}

/* Hands out a field, unquoted where quotes stand in it. */
static enum neuron_status
give_field(struct wanted_column *column, const struct neuron_csv_field *field,
           struct neuron_column_text *text, struct neuron_error *error)
{
    *text = (struct neuron_column_text){field->text, field->size_bytes, false};
    if (!field->is_quoted || memchr(field->text, '"', field->size_bytes) == NULL) {
        return NEURON_OK;
    }
    enum neuron_status status = reserve(column, field->size_bytes, error);
    if (status == NEURON_OK) {
        text->size_bytes = neuron_csv_field_text(field, column->text);
        text->text = column->text;
    }
    return status;
}

/* Hands out a field to all columns of its number. */
static enum neuron_status
give_number(struct neuron_column_reader *reader, uint32_t number,
            const struct neuron_csv_field *field, struct neuron_column_text *texts,
            struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < reader->column_count; i += 1) {
        if (reader->columns[i].number == number) {
            status = give_field(&reader->columns[i], field, &texts[i], error);
        }
    }
    return status;
}

static enum neuron_status
read_csv(struct neuron_column_reader *reader, const struct neuron_text_record *record,
         struct neuron_column_text *texts, struct neuron_error *error)
{
    struct neuron_csv_walk walk = neuron_csv_walk_of(record->text, record->size_bytes);
    struct neuron_csv_field field = {0};
    enum neuron_status status = NEURON_OK;

    for (uint32_t number = 0; status == NEURON_OK && neuron_csv_walk_next(&walk, &field);
         number += 1) {
        status = give_number(reader, number, &field, texts, error);
    }
    return status;
}

/* Hands out the value of a field to all columns of its name. */
static void
give_value(const struct neuron_column_reader *reader, const struct neuron_json_part *name,
           const struct neuron_json_part *value, struct neuron_column_text *texts)
{
    for (uint32_t i = 0; i < reader->column_count; i += 1) {
        if (neuron_json_string_equals(name, reader->columns[i].name)) {
            texts[i] = (struct neuron_column_text){value->text, value->size_bytes, true};
        }
    }
}

/* Reads the fields of an object as far as it is one. */
static void
read_json(const struct neuron_column_reader *reader, const struct neuron_text_record *record,
          struct neuron_column_text *texts)
{
    struct neuron_json_scan scan = {record->text, record->text + record->size_bytes};
    struct neuron_json_part name = {0};
    struct neuron_json_part value = {0};
    bool goes_on = neuron_json_accept(&scan, '{');

    while (goes_on && neuron_json_read_string(&scan, &name) && neuron_json_accept(&scan, ':') &&
           neuron_json_read_value(&scan, &value)) {
        give_value(reader, &name, &value, texts);
        goes_on = neuron_json_accept(&scan, ',');
    }
}

/* Has the file open that the next row stands in. */
static enum neuron_status
open_file(struct neuron_column_reader *reader, struct neuron_error *error)
{
    const struct neuron_row_file *shard = neuron_row_stream_find(reader->stream, reader->row);
    enum neuron_text_form form = neuron_row_stream_form(reader->stream);

    if (reader->file.path != shard->path) {
        neuron_row_file_close(&reader->file);
        reader->file = (struct neuron_row_file){.path = shard->path,
                                                .status = shard->status,
                                                .is_known = true,
                                                .first = shard->first,
                                                .rows = shard->rows,
                                                .index = shard->index,
                                                .descriptor = -1};
    }
    enum neuron_status status = neuron_row_file_open(&reader->file, error);
    return status == NEURON_OK
               ? neuron_row_file_seek(&reader->file, form, reader->row - shard->first, error)
               : status;
}

enum neuron_status
neuron_column_reader_next(struct neuron_column_reader *reader, struct neuron_column_text *texts,
                          struct neuron_error *error)
{
    struct neuron_text_record record = {0};
    enum neuron_status status = open_file(reader, error);

    for (uint32_t i = 0; i < reader->column_count; i += 1) {
        texts[i] = (struct neuron_column_text){
            .text = "", .is_json = reader->stream->files.kind == NEURON_INPUT_JSONL};
    }
    if (status == NEURON_OK) {
        status = neuron_row_file_next(&reader->file, &record, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    reader->row += 1;
    if (reader->stream->files.kind == NEURON_INPUT_CSV) {
        return read_csv(reader, &record, texts, error);
    }
    read_json(reader, &record, texts);
    return NEURON_OK;
}

void
neuron_column_reader_destroy(struct neuron_column_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    neuron_row_file_close(&reader->file); /* the index is the stream's */
    for (uint32_t i = 0; i < reader->column_count; i += 1) {
        free(reader->columns[i].name);
        free(reader->columns[i].text);
    }
    free(reader->columns);
    free(reader);
}
