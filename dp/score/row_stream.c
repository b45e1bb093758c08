/* SPDX-License-Identifier: Apache-2.0 */
#include "score/row_stream.h"

#include <stdlib.h>
#include <string.h>

/* Closes the file that was not used for the longest time, of those that no block lies in. */
static void
close_oldest(struct neuron_row_stream *stream)
{
    struct neuron_row_file *oldest = NULL;

    for (uint32_t i = 0; i < stream->files.count; i += 1) {
        struct neuron_row_file *file = &stream->shards[i];
        bool is_idle = file->descriptor >= 0 && file->use_count == 0;

        if (is_idle && (oldest == NULL || file->last_use < oldest->last_use)) {
            oldest = file;
        }
    }
    if (oldest != NULL) {
        neuron_row_file_close(oldest);
        stream->open_count -= 1;
    }
}

enum neuron_status
neuron_row_stream_use(struct neuron_row_stream *stream, struct neuron_row_file *file,
                      struct neuron_error *error)
{
    stream->clock += 1;
    file->last_use = stream->clock;
    if (file->descriptor >= 0) {
        return NEURON_OK;
    }
    if (stream->open_count >= NEURON_OPEN_FILE_LIMIT) {
        close_oldest(stream);
    }
    enum neuron_status status = neuron_row_file_open(file, error);
    stream->open_count += status == NEURON_OK ? 1 : 0;
    return status;
}

enum neuron_text_form
neuron_row_stream_form(const struct neuron_row_stream *stream)
{
    return stream->files.kind == NEURON_INPUT_CSV ? NEURON_TEXT_CSV : NEURON_TEXT_LINES;
}

/* Checks that an array has the type and, but for the rows, the shape of the input. */
static enum neuron_status
check_shape(const struct neuron_row_file *file, const struct neuron_tensor_shape *shape,
            const struct neuron_row_target *target, const struct neuron_stream_plan *plan,
            struct neuron_error *error)
{
    struct neuron_tensor_shape wanted = target->spec->shape;
    char actual[80] = "";
    char expected[80] = "";

    if (shape->rank > 0) {
        wanted.dims[0] = shape->dims[0];
    }
    if (shape->rank > 0 && neuron_tensor_shape_equals(shape, &wanted)) {
        return NEURON_OK;
    }
    return NEURON_FAIL(
        error, NEURON_INVALID_ARGUMENT,
        "%s is %s, but input %.40s of %.60s takes %s with any number of rows; save it like that",
        file->path, neuron_tensor_shape_format(shape, actual, sizeof(actual)), target->spec->name,
        plan->model_path,
        neuron_tensor_shape_format(&target->spec->shape, expected, sizeof(expected)));
}

static enum neuron_status
open_array(struct neuron_row_stream *stream, struct neuron_row_file *file,
           const struct neuron_stream_plan *plan, struct neuron_error *error)
{
    const struct neuron_row_target *target = &stream->targets[0];
    struct neuron_array_place array = {0};
    enum neuron_status status =
        stream->files.kind == NEURON_INPUT_NPZ
            ? neuron_array_find_in_npz(file->path, stream->files.member, target->spec->name, &array,
                                       error)
            : neuron_array_find_in_npy(file->descriptor, file->path, &file->status, &array, error);

    if (status == NEURON_OK) {
        status = check_shape(file, &array.shape, target, plan, error);
    }
    if (status == NEURON_OK) {
        file->place = array.place;
        file->rows = (uint64_t)array.shape.dims[0];
    }
    return status;
}

/* Takes the first line of the first csv file that has one. */
static enum neuron_status
learn_header(struct neuron_row_stream *stream, const struct neuron_text_record *line,
             struct neuron_error *error)
{
    enum neuron_status status =
        neuron_csv_header_read(line->text, line->size_bytes, &stream->header, error);

    if (status == NEURON_OK && stream->header.names != NULL) {
        stream->header_line = malloc(line->size_bytes + 1);
        stream->header_bytes = line->size_bytes;
        if (stream->header_line == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for its columns");
        }
        memcpy(stream->header_line, line->text, line->size_bytes);
    }
    return status == NEURON_OK ? neuron_csv_rows_create(&stream->header, stream->targets,
                                                        stream->target_count, &stream->csv, error)
                               : status;
}

/* Reads the first line that is not blank; its text is NULL when there is none. */
static enum neuron_status
read_first_line(struct neuron_row_file *file, struct neuron_text_record *line,
                struct neuron_error *error)
{
    bool is_found = true;
    enum neuron_status status = NEURON_OK;

    do {
        *line = (struct neuron_text_record){0};
        status = neuron_text_records_next(&file->records, line, &is_found, error);
    } while (status == NEURON_OK && is_found && neuron_text_is_blank(line->text, line->size_bytes));
    return status;
}

/* Reads the header line of a csv file, if there is one: rows begin behind it. */
static enum neuron_status
open_csv(struct neuron_row_stream *stream, struct neuron_row_file *file, struct neuron_error *error)
{
    struct neuron_text_record line = {0};
    struct neuron_error reason = {0};
    enum neuron_status status = read_first_line(file, &line, error);

    if (status != NEURON_OK || line.text == NULL) {
        return status;
    }
    if (stream->csv == NULL) {
        status = learn_header(stream, &line, &reason);
        if (status != NEURON_OK) {
            return NEURON_FAIL(error, status, "%s: %s", file->path, reason.text);
        }
    } else if (stream->header_line != NULL &&
               (line.size_bytes != stream->header_bytes ||
                memcmp(line.text, stream->header_line, line.size_bytes) != 0)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s has another header line than the files before it; give all the "
                           "same columns",
                           file->path);
    }
    if (stream->header_line == NULL) {
        neuron_text_records_seek(&file->records, line.offset);
    }
    return NEURON_OK;
}

static enum neuron_status
open_text(struct neuron_row_stream *stream, struct neuron_row_file *file,
          const struct neuron_stream_plan *plan, struct neuron_error *error)
{
    enum neuron_status status =
        neuron_row_file_start_text(file, neuron_row_stream_form(stream), error);

    if (status == NEURON_OK && stream->files.kind == NEURON_INPUT_CSV) {
        status = open_csv(stream, file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_text_index_build(&file->records, plan->stop_signal, &file->index, error);
    }
    file->rows = file->index.rows;
    return status == NEURON_OK ? neuron_row_file_check(file, error) : status;
}

static enum neuron_status
open_fields(struct neuron_row_stream *stream, struct neuron_error *error)
{
    struct neuron_error reason = {0};
    enum neuron_status status =
        neuron_jsonl_rows_create(stream->targets, stream->target_count, &stream->jsonl, &reason);

    return status == NEURON_OK
               ? status
               : NEURON_FAIL(error, status, "%s: %s", stream->files.path, reason.text);
}

static enum neuron_status
open_shards(struct neuron_row_stream *stream, const struct neuron_stream_plan *plan,
            struct neuron_error *error)
{
    bool is_text = neuron_input_kind_is_text(stream->files.kind);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < stream->files.count; i += 1) {
        struct neuron_row_file *file = &stream->shards[i];

        file->first = stream->rows;
        status = neuron_row_stream_use(stream, file, error);
        if (status == NEURON_OK) {
            status = is_text ? open_text(stream, file, plan, error)
                             : open_array(stream, file, plan, error);
        }
        if (status == NEURON_OK &&
            __builtin_add_overflow(stream->rows, file->rows, &stream->rows)) {
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "%s: more rows than can be counted", file->path);
        }
    }
    return status;
}

enum neuron_status
neuron_row_stream_open(struct neuron_row_stream *stream, const struct neuron_stream_plan *plan,
                       struct neuron_error *error)
{
    enum neuron_input_kind kind = stream->files.kind;

    if (stream->files.member != NULL && kind != NEURON_INPUT_NPZ) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s holds no npz files, which alone "
                           "have arrays with names",
                           stream->files.path);
    }
    if (!neuron_input_kind_is_text(kind) && stream->targets[0].columns != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: --columns chooses from csv and jsonl files; leave it out",
                           stream->files.path);
    }
    stream->shards = calloc(stream->files.count, sizeof(*stream->shards));
    if (stream->shards == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "%s: no memory for %u files",
                           stream->files.path, stream->files.count);
    }
    for (uint32_t i = 0; i < stream->files.count; i += 1) {
        stream->shards[i].path = stream->files.paths[i];
        stream->shards[i].descriptor = -1;
    }
    enum neuron_status status = kind == NEURON_INPUT_JSONL ? open_fields(stream, error) : NEURON_OK;
    return status == NEURON_OK ? open_shards(stream, plan, error) : status;
}

struct neuron_row_file *
neuron_row_stream_find(const struct neuron_row_stream *stream, uint64_t row)
{
    uint32_t low = 0;
    uint32_t high = stream->files.count;

    /* The last one that begins at or before the row: those without rows begin as their next. */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (stream->shards[middle].first <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &stream->shards[low];
}

void
neuron_row_stream_destroy(struct neuron_row_stream *stream)
{
    for (uint32_t i = 0; stream->shards != NULL && i < stream->files.count; i += 1) {
        neuron_row_file_destroy(&stream->shards[i]);
    }
    neuron_csv_rows_destroy(stream->csv);
    neuron_jsonl_rows_destroy(stream->jsonl);
    neuron_csv_header_destroy(&stream->header);
    free(stream->header_line);
    free(stream->shards);
    free(stream->targets);
    neuron_input_files_destroy(&stream->files);
    *stream = (struct neuron_row_stream){0};
}
