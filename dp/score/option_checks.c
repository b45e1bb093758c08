/* SPDX-License-Identifier: Apache-2.0 */
#include "score/option_checks.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Says whether one of the first items of a list has a name. */
static bool
has_name(const struct neuron_named_list *list, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i += 1) {
        if (strcmp(list->items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Of several items each has a name, and none that another one has. */
static enum neuron_status
check_names(const struct neuron_named_list *list, const char *option, struct neuron_error *error)
{
    for (uint32_t i = 0; list->count > 1 && i < list->count; i += 1) {
        const struct neuron_named_text *item = &list->items[i];

        if (item->name == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "%s %.100s: of several each needs a name; write %s NAME=%.40s",
                               option, item->value, option, item->value);
        }
        if (has_name(list, i, item->name)) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "%s %.100s is given twice; give each name once", option, item->name);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_files(const struct neuron_score_options *options, struct neuron_error *error)
{
    const char *missing = options->model_path == NULL ? "--model"
                          : options->inputs.count == 0 && options->request != NEURON_SCORE_VERIFY
                              ? "--input"
                          : options->outputs.count == 0 ? "--output"
                                                        : NULL;

    if (missing != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_SYNTAX, "%s is missing; see neuron-score --help",
                           missing);
    }
    return NEURON_OK;
}

/* A file that is written, and by which option. */
struct written_file {
    const char *option;
    const char *path; /* NULL for none */
};

/* A file is none of some others. */
static enum neuron_status
check_apart(const struct written_file *file, const struct written_file *others, size_t count,
            struct neuron_error *error)
{
    for (size_t i = 0; file->path != NULL && i < count; i += 1) {
        if (others[i].path != NULL && strcmp(file->path, others[i].path) == 0) {
            return NEURON_FAIL(error, NEURON_INVALID_SYNTAX,
                               "%s %.100s is the file of %s, too; name another one", file->option,
                               file->path, others[i].option);
        }
    }
    return NEURON_OK;
}

/* No file is written for two purposes. That outputs may share a file is for the output to say. */
static enum neuron_status
check_written(const struct neuron_score_options *options, struct neuron_error *error)
{
    const struct written_file files[] = {
        {"--mask", options->mask_path},
        {"--report", options->report_path},
        {"--report-html", options->report_html_path},
        {"--metrics", options->metrics_path},
    };
    size_t count = sizeof(files) / sizeof(files[0]);
    enum neuron_status status = NEURON_OK;

    for (size_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = check_apart(&files[i], files, i, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < options->outputs.count; i += 1) {
        const struct written_file output = {"--output", options->outputs.items[i].value};

        status = check_apart(&output, files, count, error);
    }
    return status;
}

enum neuron_status
neuron_score_options_check(const struct neuron_score_options *options, struct neuron_error *error)
{
    enum neuron_status status = check_files(options, error);

    if (status == NEURON_OK) {
        status = check_names(&options->inputs, "--input", error);
    }
    if (status == NEURON_OK) {
        status = check_names(&options->outputs, "--output", error);
    }
    if (status == NEURON_OK) {
        status = check_names(&options->columns, "--columns", error);
    }
    return status == NEURON_OK ? check_written(options, error) : status;
}
