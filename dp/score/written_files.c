/* SPDX-License-Identifier: Apache-2.0 */
#include "score/written_files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is written, by the one name that its folder has. */
struct written_file {
    char *path; /* as it was given */
    char *real; /* the folder without links, and the name in it */
};

struct written_list {
    struct written_file *items;
    size_t count;
    size_t limit;
};

static void
destroy_list(struct written_list *list)
{
    for (size_t i = 0; i < list->count; i += 1) {
        free(list->items[i].path);
        free(list->items[i].real);
    }
    free(list->items);
}

/* The real folder of a path with its name; NULL, with errno set, where there is no such folder. */
static char *
resolve(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    char *real_folder = folder == NULL ? NULL : realpath(folder, NULL);
    char *real = NULL;

    if (real_folder != NULL &&
        asprintf(&real, "%s/%s", real_folder, slash == NULL ? path : slash + 1) < 0) {
        real = NULL;
    }
    free(folder);
    free(real_folder);
    return real;
}

/* Adds a path with an ending; NULL is none. */
static enum neuron_status
add(struct written_list *list, const char *path, const char *ending, struct neuron_error *error)
{
    struct written_file file = {0};

    if (path == NULL) {
        return NEURON_OK;
    }
    if (list->count == list->limit) {
        size_t limit = 2 * list->limit + 16;
        struct written_file *grown = reallocarray(list->items, limit, sizeof(*grown));

        if (grown == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the names of files");
        }
        list->items = grown;
        list->limit = limit;
    }
    if (asprintf(&file.path, "%s%s", path, ending) < 0) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the names of files");
    }
    file.real = resolve(file.path);
    if (file.real == NULL) {
        int reason = errno;

        (void)NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s cannot be created: %s", file.path,
                          strerrordesc_np(reason));
        free(file.path);
        return NEURON_INVALID_ARGUMENT;
    }
    list->items[list->count] = file;
    list->count += 1;
    return NEURON_OK;
}

static enum neuron_status
add_outputs(struct written_list *list, const struct neuron_job_files *files,
            struct neuron_error *error)
{
    static const char *const endings[] = {"", ".part", ".text.part"};
    uint32_t count = neuron_output_set_file_count(files->outputs);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        const char *path = neuron_output_set_file_path(files->outputs, i);

        for (size_t j = 0; status == NEURON_OK && j < sizeof(endings) / sizeof(endings[0]);
             j += 1) {
            status = add(list, path, endings[j], error);
        }
    }
    return status;
}

static enum neuron_status
add_all(struct written_list *list, const struct neuron_job_files *files, struct neuron_error *error)
{
    const char *const paths[] = {files->journal_path,         files->server_path,
                                 files->errors_path,          files->options->mask_path,
                                 files->options->report_path, files->options->report_html_path,
                                 files->options->metrics_path};
    enum neuron_status status = add_outputs(list, files, error);

    for (size_t i = 0; status == NEURON_OK && i < sizeof(paths) / sizeof(paths[0]); i += 1) {
        status = add(list, paths[i], "", error);
    }
    return status;
}

/* Another file of the list that is the same, behind it; NULL for none. */
static const struct written_file *
find_same(const struct written_list *list, size_t index)
{
    for (size_t i = index + 1; i < list->count; i += 1) {
        if (strcmp(list->items[index].real, list->items[i].real) == 0) {
            return &list->items[i];
        }
    }
    return NULL;
}

static enum neuron_status
check_each_other(const struct written_list *list, struct neuron_error *error)
{
    for (size_t i = 0; i < list->count; i += 1) {
        const struct written_file *same = find_same(list, i);

        if (same != NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%.100s and %.100s are one file; name another for one of them",
                               list->items[i].path, same->path);
        }
    }
    return NEURON_OK;
}

/* No file that is read may be replaced. */
static enum neuron_status
check_read(const struct written_list *list, const struct stat *read, const char *what,
           struct neuron_error *error)
{
    for (size_t i = 0; i < list->count; i += 1) {
        struct stat present = {0};

        if (stat(list->items[i].path, &present) == 0 && present.st_dev == read->st_dev &&
            present.st_ino == read->st_ino) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%.180s would replace %s; name another file", list->items[i].path,
                               what);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
check_path(const struct written_list *list, const char *path, const char *what,
           struct neuron_error *error)
{
    struct stat file = {0};

    return path == NULL || stat(path, &file) != 0 ? NEURON_OK
                                                  : check_read(list, &file, what, error);
}

static enum neuron_status
check_all_read(const struct written_list *list, const struct neuron_job_files *files,
               struct neuron_error *error)
{
    const struct neuron_score_options *options = files->options;
    uint32_t count = neuron_row_source_file_count(files->source);
    enum neuron_status status = check_path(list, options->model_path, "the model", error);

    if (status == NEURON_OK) {
        status = check_path(list, options->weights_path, "the weights", error);
    }
    if (status == NEURON_OK) {
        status = check_path(list, options->labels_path, "the labels", error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status =
            check_read(list, neuron_row_source_file_stat(files->source, i), "the input", error);
    }
    return status;
}

enum neuron_status
neuron_written_files_check(const struct neuron_job_files *files, struct neuron_error *error)
{
    struct written_list list = {0};
    enum neuron_status status = add_all(&list, files, error);

    if (status == NEURON_OK) {
        status = check_each_other(&list, error);
    }
    if (status == NEURON_OK) {
        status = check_all_read(&list, files, error);
    }
    destroy_list(&list);
    return status;
}
