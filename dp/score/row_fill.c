/* SPDX-License-Identifier: Apache-2.0 */
/* How rows get from the files of a stream into a block. */
#include <stdlib.h>
#include <string.h>

#include "score/row_stream.h"

/* Rows of one file, by their numbers in it. */
struct fill {
    struct neuron_row_stream *stream;
    struct neuron_row_file *file;
    uint64_t first;
    uint64_t count;
    uint64_t first_number; /* of the first row, in the source */
    struct neuron_row_block *block;
};

static void
set_view(const struct fill *fill, const struct neuron_row_target *target, void *rows)
{
    struct neuron_tensor_shape shape = target->spec->shape;

    shape.dims[0] = (int64_t)fill->count;
    fill->block->views[target->input] = neuron_tensor_view_of(&shape, rows);
}

/* Has rows of an input lie in memory of the block. */
static enum neuron_status
reserve(const struct fill *fill, const struct neuron_row_target *target, struct neuron_error *error)
{
    size_t size_bytes = (size_t)fill->count * target->row_bytes;
    enum neuron_status status =
        neuron_row_block_reserve(fill->block, target->input, size_bytes, error);

    if (status == NEURON_OK) {
        set_view(fill, target, fill->block->memory->parts[target->input].bytes);
    }
    return status;
}

/*
 * Has rows read ahead, and those after them. Rows that nobody asked for would be found missing page
 * by page, and the kernel would read as much around each as it sees fit: megabytes.
 */
static void
want_rows(struct neuron_row_file *file, size_t from, size_t until, size_t ahead)
{
    if (from < file->wanted_from || until > file->wanted_until) {
        neuron_array_want(&file->mapping, from, until);
    }
    neuron_array_want(&file->mapping, until, until + ahead);
    file->wanted_from = until;
    file->wanted_until = until + ahead;
}

/* Has rows lie in the mapped file, or copies them where their type may not stand there. */
static enum neuron_status
fill_mapped(const struct fill *fill, struct neuron_error *error)
{
    const struct neuron_row_target *target = &fill->stream->targets[0];
    struct neuron_block_part *part = &fill->block->memory->parts[target->input];
    struct neuron_row_file *file = fill->file;
    uint64_t payload = file->place.offset_bytes + file->place.payload_offset_bytes;
    size_t from = (size_t)(payload + fill->first * target->row_bytes);
    size_t size_bytes = (size_t)(fill->count * target->row_bytes);
    enum neuron_status status = NEURON_OK;

    if (file->mapping.bytes == NULL) {
        status = neuron_array_map(file->descriptor, file->path, (size_t)file->status.st_size,
                                  &file->mapping, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    fill->block->read_bytes += size_bytes;
    size_t after = (size_t)(payload + file->rows * target->row_bytes);
    size_t ahead = after - from - size_bytes < size_bytes ? after - from - size_bytes : size_bytes;
    want_rows(file, from, from + size_bytes, ahead);
    if (payload % neuron_type_size_bytes(target->spec->shape.type) == 0) {
        part->file = file;
        part->from = from;
        part->until = from + size_bytes;
        file->use_count += 1;
        set_view(fill, target, file->mapping.bytes + from);
        return NEURON_OK;
    }
    status = reserve(fill, target, error);
    if (status == NEURON_OK && size_bytes > 0) {
        memcpy(part->bytes, file->mapping.bytes + from, size_bytes);
    }
    neuron_array_forget(&file->mapping, from, from + size_bytes);
    return status;
}

static enum neuron_status
fill_deflated(const struct fill *fill, struct neuron_error *error)
{
    const struct neuron_row_target *target = &fill->stream->targets[0];
    struct neuron_row_file *file = fill->file;
    size_t size_bytes = (size_t)(fill->count * target->row_bytes);
    enum neuron_status status = reserve(fill, target, error);

    if (status == NEURON_OK && file->member == NULL) {
        status = neuron_deflated_member_create(file->descriptor, file->path, &file->place,
                                               &file->member, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    uint64_t before = neuron_deflated_member_read_bytes(file->member);
    status = neuron_deflated_member_read(
        file->member, file->place.payload_offset_bytes + fill->first * target->row_bytes,
        fill->block->memory->parts[target->input].bytes, size_bytes, error);
    fill->block->read_bytes += neuron_deflated_member_read_bytes(file->member) - before;
    return status;
}

/* Reads a record to where its row goes. */
static bool
read_row(const struct fill *fill, const struct neuron_text_record *record,
         unsigned char *const *values, struct neuron_row_fault *fault)
{
    static const char empty[] = "the line is empty";

    if (neuron_text_is_blank(record->text, record->size_bytes)) {
        fault->target = 0;
        memcpy(fault->reason, empty, sizeof(empty));
        return false;
    }
    return fill->stream->csv != NULL ? neuron_csv_rows_read(fill->stream->csv, record->text,
                                                            record->size_bytes, values, fault)
                                     : neuron_jsonl_rows_read(fill->stream->jsonl, record->text,
                                                              record->size_bytes, values, fault);
}

/* Clears what was read of a row that is none, and notes it. */
static enum neuron_status
give_up_row(const struct fill *fill, uint64_t row, unsigned char *const *values,
            const struct neuron_row_fault *fault, struct neuron_error *error)
{
    for (uint32_t i = 0; i < fill->stream->target_count; i += 1) {
        memset(values[i], 0, fill->stream->targets[i].row_bytes);
    }
    return neuron_row_block_add_bad(fill->block, fill->first_number + row,
                                    fill->stream->targets[fault->target].input, fault->reason,
                                    error);
}

static enum neuron_status
read_rows(const struct fill *fill, unsigned char **values, struct neuron_error *error)
{
    struct neuron_row_stream *stream = fill->stream;
    enum neuron_status status =
        neuron_row_file_seek(fill->file, neuron_row_stream_form(stream), fill->first, error);

    for (uint64_t row = 0; status == NEURON_OK && row < fill->count; row += 1) {
        struct neuron_text_record record = {0};
        struct neuron_row_fault fault = {0};

        status = neuron_row_file_next(fill->file, &record, error);
        if (status == NEURON_OK && !read_row(fill, &record, values, &fault)) {
            status = give_up_row(fill, row, values, &fault, error);
        }
        for (uint32_t i = 0; i < stream->target_count; i += 1) {
            values[i] += stream->targets[i].row_bytes;
        }
    }
    return status;
}

static enum neuron_status
fill_text(const struct fill *fill, struct neuron_error *error)
{
    struct neuron_row_stream *stream = fill->stream;
    unsigned char **values = calloc(stream->target_count, sizeof(unsigned char *));
    enum neuron_status status = NEURON_OK;

    if (values == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a block of rows");
    }
    for (uint32_t i = 0; status == NEURON_OK && i < stream->target_count; i += 1) {
        status = reserve(fill, &stream->targets[i], error);
        values[i] = fill->block->memory->parts[stream->targets[i].input].bytes;
    }
    uint64_t before = fill->file->records.read_bytes;
    if (status == NEURON_OK) {
        status = read_rows(fill, values, error);
    }
    fill->block->read_bytes += fill->file->records.read_bytes - before;
    free(values);
    return status;
}

enum neuron_status
neuron_row_stream_fill(struct neuron_row_stream *stream, struct neuron_row_range rows,
                       uint64_t base, struct neuron_row_block *block, struct neuron_error *error)
{
    struct neuron_row_file *file = neuron_row_stream_find(stream, rows.first);
    struct fill fill = {.stream = stream,
                        .file = file,
                        .first = rows.first - file->first,
                        .count = rows.count,
                        .first_number = rows.first - base,
                        .block = block};
    enum neuron_status status = neuron_row_stream_use(stream, file, error);

    if (status == NEURON_OK) {
        status = neuron_row_file_check(file, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (neuron_input_kind_is_text(stream->files.kind)) {
        return fill_text(&fill, error);
    }
    return file->place.is_deflated ? fill_deflated(&fill, error) : fill_mapped(&fill, error);
}
