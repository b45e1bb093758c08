/* SPDX-License-Identifier: Apache-2.0 */
#include "score/output_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LIST_BYTES = 120 };

/* Of an output that no option takes, and of the option that takes the rest where there is none. */
static const uint32_t no_file = UINT32_MAX;

static bool
ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path);
    size_t ending_bytes = strlen(ending);

    return length > ending_bytes && strcmp(path + length - ending_bytes, ending) == 0;
}

static enum neuron_output_kind
kind_of(const char *path)
{
    if (ends_in(path, ".npz")) {
        return NEURON_OUTPUT_NPZ;
    }
    if (ends_in(path, ".csv")) {
        return NEURON_OUTPUT_CSV;
    }
    return ends_in(path, ".jsonl") ? NEURON_OUTPUT_JSONL : NEURON_OUTPUT_NPY;
}

/* Lists the names of the model's outputs, for error texts. */
static const char *
list_outputs(const struct neuron_output_plan *plan, char text[NAME_LIST_BYTES])
{
    size_t used = 0;

    for (uint32_t i = 0; i < plan->output_count && used < NAME_LIST_BYTES - 1; i += 1) {
        used += (size_t)snprintf(text + used, NAME_LIST_BYTES - used, "%s%.40s", i == 0 ? "" : ", ",
                                 plan->outputs[i].name);
    }
    if (used >= NAME_LIST_BYTES) {
        (void)snprintf(text + NAME_LIST_BYTES - 4, 4, "...");
    }
    return text;
}

static enum neuron_status
join_text(const char *path, const char *ending, char **text, struct neuron_error *error)
{
    size_t room_bytes = strlen(path) + strlen(ending) + 1;

    *text = malloc(room_bytes);
    if (*text == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the name of an output");
    }
    (void)snprintf(*text, room_bytes, "%s%s", path, ending);
    return NEURON_OK;
}

/* Makes the names of a file. */
static enum neuron_status
name_file(struct neuron_output_file *file, const char *path, struct neuron_error *error)
{
    size_t length = strlen(path);

    if (length == 0 || path[length - 1] == '/') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "output '%s' names no file; name one, as in scores.npy", path);
    }
    file->kind = kind_of(path);
    enum neuron_status status = join_text(path, "", &file->path, error);
    if (status == NEURON_OK) {
        status = join_text(path, ".part", &file->part_path, error);
    }
    if (status == NEURON_OK && !neuron_output_kind_is_dense(file->kind)) {
        status = join_text(path, ".text.part", &file->text_path, error);
    }
    return status;
}

static uint32_t
find_output(const struct neuron_output_plan *plan, const char *name)
{
    uint32_t index = 0;

    while (index < plan->output_count && strcmp(plan->outputs[index].name, name) != 0) {
        index += 1;
    }
    return index;
}

/* Gives a named output its file. `files` has one an output: which of them it goes to. */
static enum neuron_status
take_named(const struct neuron_output_plan *plan, uint32_t item, uint32_t *files,
           struct neuron_error *error)
{
    const struct neuron_named_text *given = &plan->options->outputs.items[item];
    uint32_t output = find_output(plan, given->name);
    char names[NAME_LIST_BYTES] = "";

    if (output == plan->output_count) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s has no output '%.60s'; it has: %s",
                           plan->model_path, given->name, list_outputs(plan, names));
    }
    if (files[output] != no_file) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "output %.60s is to go to %s and to %s; name it once", given->name,
                           plan->options->outputs.items[files[output]].value, given->value);
    }
    files[output] = item;
    return NEURON_OK;
}

/* Gives all outputs that have no file to the option without a name, or says which have none. */
static enum neuron_status
take_rest(const struct neuron_output_plan *plan, uint32_t nameless, uint32_t *files,
          struct neuron_error *error)
{
    for (uint32_t i = 0; i < plan->output_count; i += 1) {
        if (files[i] == no_file && nameless == no_file) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "output %.60s of %s has no file; give --output %.60s=FILE too, or "
                               "one .npz, .csv or .jsonl file for all",
                               plan->outputs[i].name, plan->model_path, plan->outputs[i].name);
        }
        files[i] = files[i] == no_file ? nameless : files[i];
    }
    return NEURON_OK;
}

/* Finds for each output which option it goes to. */
static enum neuron_status
deal_outputs(const struct neuron_output_plan *plan, uint32_t *files, struct neuron_error *error)
{
    const struct neuron_named_list *given = &plan->options->outputs;
    enum neuron_status status = NEURON_OK;
    uint32_t nameless = no_file;

    for (uint32_t i = 0; i < plan->output_count; i += 1) {
        files[i] = no_file;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < given->count; i += 1) {
        if (given->items[i].name != NULL) {
            status = take_named(plan, i, files, error);
        } else if (nameless != no_file) {
            status = NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                                 "%s and %s are both to take all outputs; give one, or "
                                 "--output NAME=FILE for each output",
                                 given->items[nameless].value, given->items[i].value);
        } else {
            nameless = i;
        }
    }
    return status == NEURON_OK ? take_rest(plan, nameless, files, error) : status;
}

/* Lists in a file the outputs that go there. */
static enum neuron_status
fill_file(const struct neuron_output_plan *plan, const uint32_t *files, uint32_t item,
          struct neuron_output_file *file, struct neuron_error *error)
{
    char names[NAME_LIST_BYTES] = "";

    file->outputs = calloc((size_t)plan->output_count + 1, sizeof(*file->outputs));
    if (file->outputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
    }
    for (uint32_t i = 0; i < plan->output_count; i += 1) {
        if (files[i] == item) {
            file->outputs[file->output_count] = i;
            file->output_count += 1;
        }
    }
    if (file->output_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "no output is left for %s: each has a file of its own; leave it out",
                           file->path);
    }
    if (file->kind == NEURON_OUTPUT_NPY && file->output_count > 1) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s can hold one output, and %s has %u (%s); name an .npz, .csv or "
                           ".jsonl file, or give each --output NAME=FILE",
                           file->path, plan->model_path, plan->output_count,
                           list_outputs(plan, names));
    }
    return NEURON_OK;
}

/* No two files may have a name in common, temporary ones included. */
static enum neuron_status
check_apart(const struct neuron_output_file *left, const struct neuron_output_file *right,
            struct neuron_error *error)
{
    const char *left_names[] = {left->path, left->part_path, left->text_path};
    const char *right_names[] = {right->path, right->part_path, right->text_path};

    for (size_t i = 0; i < 9; i += 1) {
        const char *name = left_names[i / 3];
        const char *other = right_names[i % 3];

        if (name != NULL && other != NULL && strcmp(name, other) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "outputs %s and %s would both write %s; give them other names",
                               left->path, right->path, name);
        }
    }
    return NEURON_OK;
}

/* Of a name that stands twice, a reader would see one. */
static enum neuron_status
check_column(const struct neuron_output_plan *plan, const struct neuron_output_file *text,
             const char *column, struct neuron_error *error)
{
    for (uint32_t i = 0; column != NULL && i < text->output_count; i += 1) {
        if (strcmp(plan->outputs[text->outputs[i]].name, column) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s: '%.60s' is a column of the input and an output of the model; "
                               "leave the column out",
                               text->path, column);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_columns(const struct neuron_output_plan *plan, const struct neuron_output_file *text,
              struct neuron_error *error)
{
    enum neuron_status status = check_column(plan, text, plan->options->join_key, error);

    for (uint32_t i = 0; status == NEURON_OK && i < plan->options->passthrough_count; i += 1) {
        status = check_column(plan, text, plan->options->passthrough[i], error);
    }
    return status;
}

/* Columns of the input go into one text file: they are read once. */
static enum neuron_status
check_texts(const struct neuron_output_plan *plan, const struct neuron_output_layout *layout,
            struct neuron_error *error)
{
    const struct neuron_score_options *options = plan->options;
    const struct neuron_output_file *text = NULL;
    bool has_columns = options->join_key != NULL || options->passthrough_count > 0;

    for (uint32_t i = 0; i < layout->file_count; i += 1) {
        const struct neuron_output_file *file = &layout->files[i];

        if (!neuron_output_kind_is_dense(file->kind) && text != NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s and %s are both text; write one file of text, and the others as "
                               ".npy or .npz",
                               text->path, file->path);
        }
        text = neuron_output_kind_is_dense(file->kind) ? text : file;
    }
    if (has_columns && text == NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s cannot hold the columns of %s; name a .csv or .jsonl file",
                           layout->files[0].path,
                           options->join_key != NULL ? "--join-key" : "--passthrough");
    }
    return has_columns ? check_columns(plan, text, error) : NEURON_OK;
}

/* Makes one file for each option. */
static enum neuron_status
make_files(const struct neuron_output_plan *plan, const uint32_t *files,
           struct neuron_output_layout *layout, struct neuron_error *error)
{
    const struct neuron_named_list *given = &plan->options->outputs;
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < given->count; i += 1) {
        struct neuron_output_file *file = &layout->files[i];

        layout->file_count += 1;
        status = name_file(file, given->items[i].value, error);
        if (status == NEURON_OK) {
            status = fill_file(plan, files, i, file, error);
        }
        for (uint32_t k = 0; status == NEURON_OK && k < i; k += 1) {
            status = check_apart(&layout->files[k], file, error);
        }
    }
    return status == NEURON_OK ? check_texts(plan, layout, error) : status;
}

enum neuron_status
neuron_output_files_choose(const struct neuron_output_plan *plan,
                           struct neuron_output_layout *layout, struct neuron_error *error)
{
    const struct neuron_named_list *given = &plan->options->outputs;

    if (given->count == 0 || plan->output_count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s: there is no output to write",
                           plan->model_path);
    }
    uint32_t *files = calloc(plan->output_count, sizeof(*files));
    layout->files = calloc(given->count, sizeof(*layout->files));
    if (files == NULL || layout->files == NULL) {
        free(files);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the outputs");
    }
    enum neuron_status status = deal_outputs(plan, files, error);
    if (status == NEURON_OK) {
        status = make_files(plan, files, layout, error);
    }
    free(files);
    return status;
}
