/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source has streams: each is one --input with the inputs of the model that it serves, and the
 * files in which its rows follow each other. All streams have the same rows, but their files may
 * end at different ones; a block ends where any of them does.
 */
#include "score/row_source.h"

#include <stdlib.h>
#include <string.h>

#include "score/input_match.h"
#include "score/row_source_body.h"

static enum neuron_status
refuse_memory(struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the inputs");
}

/* Fills in a target. Inputs of rows have a dimension 0. */
static enum neuron_status
set_target(struct neuron_row_target *target, const struct neuron_row_source_plan *plan,
           uint32_t input, const char *columns, struct neuron_error *error)
{
    const struct neuron_tensor_spec *spec = &plan->inputs[input];
    struct neuron_tensor_shape row = spec->shape;

    if (row.rank > 0) {
        row.dims[0] = 1;
    }
    *target = (struct neuron_row_target){.input = input, .spec = spec, .columns = columns};
    if (row.rank == 0 || !neuron_tensor_shape_element_count(&row, &target->elements) ||
        target->elements == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "input %.60s of %.100s has no rows",
                           spec->name, plan->model_path);
    }
    target->row_bytes = neuron_tensor_shape_size_bytes(&row);
    return NEURON_OK;
}

/* A stream of text that this value has already; NULL for none. */
static struct neuron_row_stream *
find_text_stream(const struct neuron_row_source *source, const char *value)
{
    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        struct neuron_row_stream *stream = &source->streams[i];

        if (neuron_input_kind_is_text(stream->files.kind) && strcmp(stream->value, value) == 0) {
            return stream;
        }
    }
    return NULL;
}

/* Adds an input of rows to the stream of its value, or a new stream. */
static enum neuron_status
add_rows_input(struct neuron_row_source *source, const struct neuron_row_source_plan *plan,
               uint32_t input, const struct neuron_input_choice *choice, struct neuron_error *error)
{
    struct neuron_row_stream *stream = find_text_stream(source, choice->value);
    enum neuron_status status = NEURON_OK;

    if (stream == NULL) {
        stream = &source->streams[source->stream_count];
        source->stream_count += 1;
        stream->value = choice->value;
        stream->targets = calloc(plan->input_count, sizeof(*stream->targets));
        status = stream->targets == NULL
                     ? refuse_memory(error)
                     : neuron_input_files_find(choice->value, &stream->files, error);
    }
    if (status == NEURON_OK && stream->files.kind == NEURON_INPUT_NPY && choice->value_uses > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s holds one array, but is for %u inputs of %.60s; name files as "
                           "--input %.40s=FILE, or give an npz, csv or jsonl file",
                           stream->files.path, choice->value_uses, plan->model_path,
                           plan->inputs[input].name);
    }
    if (status == NEURON_OK && stream->files.member != NULL && choice->value_uses > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s names one array, but is for %u inputs of %.60s", choice->value,
                           choice->value_uses, plan->model_path);
    }
    if (status == NEURON_OK) {
        status =
            set_target(&stream->targets[stream->target_count], plan, input, choice->columns, error);
        stream->target_count += 1;
    }
    return status;
}

static enum neuron_status
add_shared_input(struct neuron_row_source *source, const struct neuron_row_source_plan *plan,
                 uint32_t input, const char *value, struct neuron_error *error)
{
    struct neuron_shared_input *shared = &source->shared[source->shared_count];

    source->shared_count += 1;
    shared->input = input;
    shared->spec = &plan->inputs[input];
    enum neuron_status status = neuron_input_files_find(value, &shared->files, error);
    return status == NEURON_OK ? neuron_shared_input_open(shared, plan, error) : status;
}

/* Sets up streams and shared inputs as the options say. */
static enum neuron_status
add_inputs(struct neuron_row_source *source, const struct neuron_row_source_plan *plan,
           struct neuron_error *error)
{
    struct neuron_input_choice *choices = calloc(plan->input_count, sizeof(*choices));

    source->streams = calloc(plan->input_count, sizeof(*source->streams));
    source->shared = calloc(plan->input_count, sizeof(*source->shared));
    source->input_count = plan->input_count;
    enum neuron_status status = choices == NULL || source->streams == NULL || source->shared == NULL
                                    ? refuse_memory(error)
                                    : neuron_input_match(plan, choices, error);
    for (uint32_t i = 0; status == NEURON_OK && i < plan->input_count; i += 1) {
        status = plan->is_shared[i] ? add_shared_input(source, plan, i, choices[i].value, error)
                                    : add_rows_input(source, plan, i, &choices[i], error);
    }
    free(choices);
    return status;
}

static enum neuron_status
open_streams(struct neuron_row_source *source, const struct neuron_row_source_plan *plan,
             struct neuron_error *error)
{
    const struct neuron_stream_plan stream_plan = {.model_path = plan->model_path,
                                                   .stop_signal = plan->stop_signal};

    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        struct neuron_row_stream *stream = &source->streams[i];
        enum neuron_status status = neuron_row_stream_open(stream, &stream_plan, error);

        if (status != NEURON_OK) {
            return status;
        }
        if (stream->rows != source->streams[0].rows) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s has %llu rows, but %.100s has %llu; inputs go together row by "
                               "row",
                               stream->files.path, (unsigned long long)stream->rows,
                               source->streams[0].files.path,
                               (unsigned long long)source->streams[0].rows);
        }
        for (uint32_t j = 0; j < stream->target_count; j += 1) {
            source->row_bytes += stream->targets[j].row_bytes;
        }
    }
    if (source->stream_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: all inputs are shared by all rows; there are no rows to score",
                           plan->model_path);
    }
    source->all_rows = source->streams[0].rows;
    return NEURON_OK;
}

/* Applies --rows. */
static enum neuron_status
choose_rows(struct neuron_row_source *source, const struct neuron_score_options *options,
            struct neuron_error *error)
{
    uint64_t all = source->all_rows;
    uint64_t end = options->end_row == UINT64_MAX ? all : options->end_row;

    if (options->first_row > end || end > all) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s: --rows %llu:%llu, but there are %llu rows",
                           source->streams[0].files.path, (unsigned long long)options->first_row,
                           (unsigned long long)end, (unsigned long long)all);
    }
    source->first_row = options->first_row;
    source->rows = end - options->first_row;
    return NEURON_OK;
}

/* Says whether an earlier stream or a shared input has the files of a stream. */
static bool
is_listed(const struct neuron_row_source *source, uint32_t stream, const char *path)
{
    for (uint32_t i = 0; i < source->shared_count; i += 1) {
        if (strcmp(source->shared[i].files.path, path) == 0) {
            return true;
        }
    }
    for (uint32_t i = 0; i < stream; i += 1) {
        if (strcmp(source->streams[i].files.path, path) == 0) {
            return true;
        }
    }
    return false;
}

/* Makes the list of all files, each once. */
static enum neuron_status
list_files(struct neuron_row_source *source, struct neuron_error *error)
{
    size_t limit = source->shared_count;

    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        limit += source->streams[i].files.count;
    }
    source->files = calloc(limit, sizeof(*source->files));
    if (source->files == NULL) {
        return refuse_memory(error);
    }
    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        const struct neuron_row_stream *stream = &source->streams[i];
        bool is_new = !is_listed(source, i, stream->files.path);

        for (uint32_t j = 0; is_new && j < stream->files.count; j += 1) {
            source->files[source->file_count] =
                (struct neuron_source_file){stream->shards[j].path, &stream->shards[j].status};
            source->file_count += 1;
        }
    }
    for (uint32_t i = 0; i < source->shared_count; i += 1) {
        const struct neuron_shared_input *shared = &source->shared[i];
        bool is_new = true;

        for (uint32_t j = 0; j < i; j += 1) {
            is_new = is_new && strcmp(source->shared[j].files.path, shared->files.path) != 0;
        }
        if (is_new) {
            source->files[source->file_count] =
                (struct neuron_source_file){shared->files.path, &shared->status};
            source->file_count += 1;
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_row_source_open(const struct neuron_row_source_plan *plan, struct neuron_row_source **source,
                       struct neuron_error *error)
{
    struct neuron_row_source *made = calloc(1, sizeof(*made));

    if (made == NULL) {
        return refuse_memory(error);
    }
    enum neuron_status status = add_inputs(made, plan, error);
    if (status == NEURON_OK) {
        status = open_streams(made, plan, error);
    }
    if (status == NEURON_OK) {
        status = choose_rows(made, plan->options, error);
    }
    if (status == NEURON_OK) {
        status = list_files(made, error);
    }
    if (status != NEURON_OK) {
        neuron_row_source_destroy(made);
        return status;
    }
    *source = made;
    return NEURON_OK;
}

uint64_t
neuron_row_source_rows(const struct neuron_row_source *source)
{
    return source->rows;
}

size_t
neuron_row_source_row_bytes(const struct neuron_row_source *source)
{
    return source->row_bytes;
}

uint32_t
neuron_row_source_file_count(const struct neuron_row_source *source)
{
    return source->file_count;
}

const char *
neuron_row_source_file_path(const struct neuron_row_source *source, uint32_t file)
{
    return source->files[file].path;
}

const struct stat *
neuron_row_source_file_stat(const struct neuron_row_source *source, uint32_t file)
{
    return source->files[file].status;
}

/* How many rows there are from one on before a file of any stream ends, at most `count`. */
static uint64_t
rows_together(const struct neuron_row_source *source, uint64_t row, uint64_t count)
{
    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        const struct neuron_row_file *file = neuron_row_stream_find(&source->streams[i], row);
        uint64_t left = file->first + file->rows - row;

        count = left < count ? left : count;
    }
    return count;
}

enum neuron_status
neuron_row_source_take(struct neuron_row_source *source, uint64_t first, uint64_t count,
                       struct neuron_row_block *block, struct neuron_error *error)
{
    enum neuron_status status = neuron_row_block_prepare(block, source->input_count, error);

    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_row_range rows = {.first = source->first_row + first};
    rows.count = rows_together(source, rows.first, count);
    for (uint32_t i = 0; status == NEURON_OK && i < source->stream_count; i += 1) {
        status = neuron_row_stream_fill(&source->streams[i], rows, source->first_row, block, error);
    }
    if (status != NEURON_OK) {
        neuron_row_block_release(source, block);
        return status;
    }
    for (uint32_t i = 0; i < source->shared_count; i += 1) {
        const struct neuron_shared_input *shared = &source->shared[i];

        block->views[shared->input] = neuron_npy_array_view(shared->array);
    }
    neuron_row_block_settle_bad(block);
    block->first = first;
    block->count = rows.count;
    return NEURON_OK;
}

enum neuron_status
neuron_row_source_check(const struct neuron_row_source *source, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        const struct neuron_row_stream *stream = &source->streams[i];

        for (uint32_t j = 0; status == NEURON_OK && j < stream->files.count; j += 1) {
            status = neuron_row_file_check(&stream->shards[j], error);
        }
    }
    return status;
}

void
neuron_row_source_destroy(struct neuron_row_source *source)
{
    if (source == NULL) {
        return;
    }
    for (uint32_t i = 0; i < source->stream_count; i += 1) {
        neuron_row_stream_destroy(&source->streams[i]);
    }
    for (uint32_t i = 0; i < source->shared_count; i += 1) {
        neuron_shared_input_destroy(&source->shared[i]);
    }
    free(source->streams);
    free(source->shared);
    free(source->files);
    free(source);
}
