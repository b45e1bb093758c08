/* SPDX-License-Identifier: Apache-2.0 */
#include "score/path_check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_readable(const char *path)
{
    return path == NULL || strpbrk(path, "*?[:") != NULL || access(path, R_OK) == 0;
}

static bool
is_folder_writable(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    bool is_usable = path == NULL || folder == NULL || access(folder, W_OK | X_OK) == 0;

    free(folder);
    return is_usable;
}

bool
neuron_paths_are_usable(const struct neuron_score_options *options)
{
    bool is_usable = is_readable(options->model_path) && is_readable(options->weights_path) &&
                     is_readable(options->labels_path) && is_folder_writable(options->mask_path);

    for (uint32_t i = 0; i < options->inputs.count; i += 1) {
        is_usable = is_usable && is_readable(options->inputs.items[i].value);
    }
    for (uint32_t i = 0; i < options->outputs.count; i += 1) {
        is_usable = is_usable && is_folder_writable(options->outputs.items[i].value);
    }
    return is_usable;
}
