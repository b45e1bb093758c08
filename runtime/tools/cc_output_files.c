/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_output_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/onnx/onnx_report.h"
#include "npy/npy_file.h"

enum { NAME_TEXT_BYTES = 48 };

static const char kept_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

/* The path of an output's file; NULL when there is no memory. */
static char *
make_path(const char *folder, const char *output)
{
    char name[NEURON_NAME_LIMIT_BYTES] = "";
    char *path = NULL;

    (void)snprintf(name, sizeof(name), "%s", output);
    for (char *c = name + strspn(name, kept_characters); *c != '\0';
         c += strspn(c, kept_characters)) {
        *c = '_';
    }
    if (asprintf(&path, "%s/%s.npy", folder, name) < 0) {
        return NULL;
    }
    return path;
}

/* Refuses an output whose file is that of one before it. */
static enum neuron_status
check_unique(const struct neuron_cc_output_files *files, const struct neuron_model *model,
             uint32_t index, struct neuron_error *error)
{
    for (uint32_t i = 0; i < index; i += 1) {
        if (strcmp(files->paths[i], files->paths[index]) == 0) {
            char first[NAME_TEXT_BYTES] = "";
            char second[NAME_TEXT_BYTES] = "";

            neuron_onnx_copy_printable(first, sizeof(first), neuron_model_output(model, i)->name);
            neuron_onnx_copy_printable(second, sizeof(second),
                                       neuron_model_output(model, index)->name);
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "the outputs %s and %s would both be written to %.60s; rename one "
                               "in the ONNX file",
                               first, second, files->paths[index]);
        }
    }
    return NEURON_OK;
}

static enum neuron_status
find_paths(struct neuron_cc_output_files *files, const struct neuron_model *model,
           struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < files->count; i += 1) {
        files->paths[i] = make_path(files->folder, neuron_model_output(model, i)->name);
        if (files->paths[i] == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a path");
        }
        status = check_unique(files, model, i, error);
    }
    return status;
}

static enum neuron_status
make_folder(struct neuron_cc_output_files *files, struct neuron_error *error)
{
    struct stat place;

    if (mkdir(files->folder, S_IRWXU | S_IRWXG | S_IRWXO) == 0) {
        files->made_folder = true;
        return NEURON_OK;
    }
    if (errno != EEXIST) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "the folder %s cannot be made: %s", files->folder,
                           strerrordesc_np(errno));
    }
    if (stat(files->folder, &place) != 0 || !S_ISDIR(place.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s is no folder; name another one",
                           files->folder);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_cc_output_files_open(const struct neuron_model *model, const char *folder,
                            struct neuron_cc_output_files *files, struct neuron_error *error)
{
    struct neuron_cc_output_files found = {.folder = folder,
                                           .count = neuron_model_output_count(model)};
    enum neuron_status status = NEURON_OK;

    found.paths = calloc((size_t)found.count + 1, sizeof(char *));
    if (found.paths == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for paths");
    }
    status = find_paths(&found, model, error);
    if (status == NEURON_OK) {
        status = make_folder(&found, error);
    }
    if (status != NEURON_OK) {
        neuron_cc_output_files_close(&found);
        return status;
    }
    *files = found;
    return NEURON_OK;
}

static enum neuron_status
write_parts(const struct neuron_cc_output_files *files, const struct neuron_tensor_view *outputs,
            struct neuron_whole_file *parts, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < files->count; i += 1) {
        status = neuron_whole_file_open(&parts[i], files->paths[i], error);
        if (status == NEURON_OK) {
            status = neuron_npy_write(&outputs[i], &parts[i], error);
        }
    }
    for (uint32_t i = 0; status == NEURON_OK && i < files->count; i += 1) {
        status = neuron_whole_file_publish(&parts[i], error);
    }
    return status;
}

enum neuron_status
neuron_cc_output_files_write(const struct neuron_cc_output_files *files,
                             const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    struct neuron_whole_file *parts = calloc((size_t)files->count + 1, sizeof(*parts));

    if (parts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u files", files->count);
    }
    enum neuron_status status = write_parts(files, outputs, parts, error);
    for (uint32_t i = 0; i < files->count; i += 1) {
        neuron_whole_file_close(&parts[i]);
    }
    free(parts);
    return status;
}

void
neuron_cc_output_files_take_back(const struct neuron_cc_output_files *files)
{
    if (files->made_folder) {
        /* Whatever somebody put there meanwhile keeps it. */
        (void)rmdir(files->folder);
    }
}

void
neuron_cc_output_files_close(struct neuron_cc_output_files *files)
{
    for (uint32_t i = 0; files->paths != NULL && i < files->count; i += 1) {
        free(files->paths[i]);
    }
    free(files->paths);
    *files = (struct neuron_cc_output_files){0};
}
