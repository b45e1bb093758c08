/* SPDX-License-Identifier: Apache-2.0 */
#include "cc_same_file.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "frontend/onnx/onnx_report.h"

/* Says whether both are there, and are one file. */
static bool
is_same_file(const char *left, const char *right)
{
    struct stat first = {0};
    struct stat second = {0};

    return stat(left, &first) == 0 && stat(right, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

enum neuron_status
neuron_cc_check_output(const struct neuron_cc_options *options,
                       const struct neuron_onnx_report *report, const char *path,
                       struct neuron_error *error)
{
    const char *taken = is_same_file(options->model_path, path) ? options->model_path : NULL;

    for (uint32_t i = 0; taken == NULL && i < options->array_file_count; i += 1) {
        if (is_same_file(options->array_files[i].path, path)) {
            taken = options->array_files[i].path;
        }
    }
    if (taken == NULL && options->weights_path != NULL &&
        is_same_file(options->weights_path, path)) {
        taken = options->weights_path;
    }
    if (taken != NULL) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%.100s would overwrite %.100s, which is read: write to another file",
                           path, taken);
    }
    if (report != NULL && neuron_onnx_report_has_file(report, path)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%.100s holds weights of %.100s, which would be overwritten: write to "
                           "another file",
                           path, options->model_path);
    }
    return NEURON_OK;
}
