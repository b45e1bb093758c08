/* SPDX-License-Identifier: Apache-2.0 */
#include "score/output_path.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_same_file(const struct stat *left, const struct stat *right)
{
    return left->st_dev == right->st_dev && left->st_ino == right->st_ino;
}

enum neuron_status
neuron_output_path_check(const char *path, const struct stat *read, const char *what,
                         struct neuron_error *error)
{
    struct stat present = {0};

    /* Whatever stands there, the rename at the end would replace it. */
    if (stat(path, &present) != 0) {
        return NEURON_OK;
    }
    if (S_ISDIR(present.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is a folder; name a file in it as the output", path);
    }
    if (!S_ISREG(present.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; name another output", path);
    }
    if (is_same_file(&present, read)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s would replace %s; name another output", path, what);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_path_name_part(const char *path, char **part_path, struct neuron_error *error)
{
    size_t length = strlen(path);
    size_t part_bytes = length + sizeof(".part");

    if (length == 0 || path[length - 1] == '/') {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "output '%s' names no file; name one, as in scores.npy", path);
    }
    char *part = malloc(part_bytes);
    if (part == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the output's name");
    }
    (void)snprintf(part, part_bytes, "%s.part", path);
    *part_path = part;
    return NEURON_OK;
}
