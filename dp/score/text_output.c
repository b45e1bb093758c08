/* SPDX-License-Identifier: Apache-2.0 */
#include "score/text_output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/column_reader.h"
#include "score/field_text.h"
#include "score/new_file.h"
#include "score/number_text.h"
#include "score/output_set_body.h"

enum { CHUNK_BYTES = 4 * 1024 * 1024, CHUNK_ROWS_LIMIT = 65536 };

/* A file on its way. */
struct rendering {
    const struct neuron_output_set *set;
    const struct neuron_output_file *file;
    const struct neuron_output_end *end;
    struct neuron_new_file out;
    enum neuron_number_style style;
    const char **names; /* of columns: join key first */
    struct neuron_column_text *texts;
    uint32_t column_count;
    unsigned char **rows; /* of a chunk, one an output of the file */
    uint64_t chunk_rows;
};

static void
put_text(struct rendering *rendering, const char *text)
{
    neuron_new_file_put(&rendering->out, text, strlen(text));
}

static const struct neuron_output_place *
place_of(const struct rendering *rendering, uint32_t member)
{
    return &rendering->set->layout.places[rendering->file->outputs[member]];
}

static const char *
name_of(const struct rendering *rendering, uint32_t member)
{
    return rendering->set->plan.outputs[rendering->file->outputs[member]].name;
}

/* Lists the columns that pass through, where there are any. */
static enum neuron_status
list_columns(struct rendering *rendering, struct neuron_error *error)
{
    const struct neuron_score_options *options = rendering->set->plan.options;
    uint32_t count = options->passthrough_count + (options->join_key != NULL ? 1 : 0);

    if (rendering->end->columns == NULL || count == 0) {
        return NEURON_OK;
    }
    rendering->names = calloc(count, sizeof(*rendering->names));
    rendering->texts = calloc(count, sizeof(*rendering->texts));
    if (rendering->names == NULL || rendering->texts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the columns");
    }
    if (options->join_key != NULL) {
        rendering->names[0] = options->join_key;
        rendering->column_count = 1;
    }
    for (uint32_t i = 0; i < options->passthrough_count; i += 1) {
        rendering->names[rendering->column_count] = options->passthrough[i];
        rendering->column_count += 1;
    }
    return NEURON_OK;
}

/* Makes room for as many rows as are read at once. */
static enum neuron_status
make_room(struct rendering *rendering, struct neuron_error *error)
{
    uint32_t count = rendering->file->output_count;
    size_t row_bytes = 0;

    rendering->rows = calloc(count, sizeof(*rendering->rows));
    if (rendering->rows == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for rows of text");
    }
    for (uint32_t i = 0; i < count; i += 1) {
        row_bytes += place_of(rendering, i)->row_bytes;
    }
    rendering->chunk_rows = CHUNK_BYTES / (row_bytes + 1) + 1;
    if (rendering->chunk_rows > CHUNK_ROWS_LIMIT) {
        rendering->chunk_rows = CHUNK_ROWS_LIMIT;
    }
    for (uint32_t i = 0; i < count; i += 1) {
        rendering->rows[i] = malloc(rendering->chunk_rows * place_of(rendering, i)->row_bytes + 1);
        if (rendering->rows[i] == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for rows of text");
        }
    }
    return NEURON_OK;
}

static void
put_number(struct rendering *rendering, enum neuron_type type, const unsigned char *element)
{
    char *room = neuron_new_file_room(&rendering->out);

    neuron_new_file_took(&rendering->out,
                         neuron_number_format(type, element, rendering->style, room));
}

/* Puts the names of the values of an output. */
static void
put_value_names(struct rendering *rendering, uint32_t member, bool is_first)
{
    const struct neuron_output_place *place = place_of(rendering, member);
    const char *name = name_of(rendering, member);
    char numbered[NEURON_NAME_LIMIT_BYTES + 24] = "";

    for (size_t i = 0; i < place->row_values; i += 1) {
        if (place->row_values == 1) {
            (void)snprintf(numbered, sizeof(numbered), "%s", name);
        } else {
            (void)snprintf(numbered, sizeof(numbered), "%s_%zu", name, i);
        }
        put_text(rendering, is_first && i == 0 ? "" : ",");
        neuron_field_put_csv(&rendering->out, numbered, strlen(numbered));
    }
}

static void
put_csv_head(struct rendering *rendering)
{
    for (uint32_t i = 0; i < rendering->column_count; i += 1) {
        put_text(rendering, i == 0 ? "" : ",");
        neuron_field_put_csv(&rendering->out, rendering->names[i], strlen(rendering->names[i]));
    }
    for (uint32_t i = 0; i < rendering->file->output_count; i += 1) {
        put_value_names(rendering, i, rendering->column_count == 0 && i == 0);
    }
    put_text(rendering, "\n");
}

static void
put_csv_row(struct rendering *rendering, uint64_t row)
{
    bool is_first = true;

    for (uint32_t i = 0; i < rendering->column_count; i += 1) {
        put_text(rendering, is_first ? "" : ",");
        neuron_column_put_csv(&rendering->out, &rendering->texts[i]);
        is_first = false;
    }
    for (uint32_t i = 0; i < rendering->file->output_count; i += 1) {
        const struct neuron_output_place *place = place_of(rendering, i);
        size_t step_bytes = neuron_type_size_bytes(place->shape.type);
        const unsigned char *element = rendering->rows[i] + row * place->row_bytes;

        for (size_t k = 0; k < place->row_values; k += 1, element += step_bytes) {
            put_text(rendering, is_first ? "" : ",");
            put_number(rendering, place->shape.type, element);
            is_first = false;
        }
    }
    put_text(rendering, "\n");
}

/* Puts the values of a row from a dimension on: at most 8 levels deep. */
static const unsigned char *
put_nested(struct rendering *rendering, const struct neuron_tensor_shape *shape, uint32_t dimension,
           const unsigned char *element)
{
    if (dimension == shape->rank) {
        put_number(rendering, shape->type, element);
        return element + neuron_type_size_bytes(shape->type);
    }
    put_text(rendering, "[");
    for (int64_t i = 0; i < shape->dims[dimension]; i += 1) {
        put_text(rendering, i == 0 ? "" : ",");
        element = put_nested(rendering, shape, dimension + 1, element);
    }
    put_text(rendering, "]");
    return element;
}

static void
put_json_name(struct rendering *rendering, const char *name, bool is_first)
{
    put_text(rendering, is_first ? "{" : ",");
    neuron_field_put_json(&rendering->out, name, strlen(name));
    put_text(rendering, ":");
}

static void
put_json_row(struct rendering *rendering, uint64_t row)
{
    for (uint32_t i = 0; i < rendering->column_count; i += 1) {
        put_json_name(rendering, rendering->names[i], i == 0);
        neuron_column_put_json(&rendering->out, &rendering->texts[i]);
    }
    for (uint32_t i = 0; i < rendering->file->output_count; i += 1) {
        const struct neuron_output_place *place = place_of(rendering, i);

        put_json_name(rendering, name_of(rendering, i), rendering->column_count == 0 && i == 0);
        (void)put_nested(rendering, &place->shape, 1, rendering->rows[i] + row * place->row_bytes);
    }
    put_text(rendering, "}\n");
}

/* Reads a chunk of rows, and puts them. */
static enum neuron_status
put_chunk(struct rendering *rendering, struct neuron_row_range rows, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < rendering->file->output_count; i += 1) {
        status = neuron_output_set_read(rendering->set, rendering->file->outputs[i], rows,
                                        rendering->rows[i], error);
    }
    for (uint64_t row = 0; status == NEURON_OK && row < rows.count; row += 1) {
        if (rendering->column_count > 0) {
            status = neuron_column_reader_next(rendering->end->columns, rendering->texts, error);
        }
        if (status == NEURON_OK && rendering->style == NEURON_NUMBER_CSV) {
            put_csv_row(rendering, row);
        } else if (status == NEURON_OK) {
            put_json_row(rendering, row);
        }
    }
    return status;
}

static enum neuron_status
put_all(struct rendering *rendering, struct neuron_error *error)
{
    const volatile sig_atomic_t *stop_signal = rendering->end->stop_signal;
    uint64_t total = rendering->set->plan.rows;
    enum neuron_status status = NEURON_OK;

    if (rendering->style == NEURON_NUMBER_CSV) {
        put_csv_head(rendering);
    }
    for (uint64_t first = 0; status == NEURON_OK && first < total; first += rendering->chunk_rows) {
        uint64_t left = total - first;
        const struct neuron_row_range rows = {
            .first = first, .count = left < rendering->chunk_rows ? left : rendering->chunk_rows};

        if (stop_signal != NULL && *stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED,
                               "stopped while writing %s; run it again to go on",
                               rendering->file->path);
        }
        status = put_chunk(rendering, rows, error);
    }
    return status;
}

static void
destroy(struct rendering *rendering)
{
    for (uint32_t i = 0; rendering->rows != NULL && i < rendering->file->output_count; i += 1) {
        free(rendering->rows[i]);
    }
    free(rendering->rows);
    free(rendering->names);
    free(rendering->texts);
    neuron_new_file_close(&rendering->out);
}

enum neuron_status
neuron_text_output_write(const struct neuron_output_set *set, uint32_t file,
                         const struct neuron_output_end *end, uint64_t *sum,
                         struct neuron_error *error)
{
    const struct neuron_output_file *made = &set->layout.files[file];
    struct rendering rendering = {.set = set, .file = made, .end = end, .out = {.descriptor = -1}};

    rendering.style = made->kind == NEURON_OUTPUT_CSV ? NEURON_NUMBER_CSV : NEURON_NUMBER_JSON;
    enum neuron_status status = list_columns(&rendering, error);
    if (status == NEURON_OK) {
        status = make_room(&rendering, error);
    }
    if (status == NEURON_OK) {
        status = neuron_new_file_open(&rendering.out, made->path, made->text_path, error);
    }
    if (status == NEURON_OK) {
        status = put_all(&rendering, error);
    }
    if (status == NEURON_OK) {
        status = neuron_new_file_settle(&rendering.out, error);
    }
    if (status == NEURON_OK) {
        *sum = neuron_new_file_sum(&rendering.out);
    }
    destroy(&rendering);
    return status;
}
