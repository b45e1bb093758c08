/* SPDX-License-Identifier: Apache-2.0 */
#include "program_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec_trouble.h"

static bool
is_regular_file(const char *path)
{
    struct stat status = {0};

    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* "DIRECTORY/NAME" in new memory; an empty directory is the current one. NULL without memory. */
static char *
join_path(const char *directory, size_t length, const char *name)
{
    char *joined = NULL;

    if (asprintf(&joined, "%.*s/%s", length == 0 ? 1 : (int)length, length == 0 ? "." : directory,
                 name) < 0) {
        return NULL;
    }
    return joined;
}

/* Says why a file cannot be executed. Returns the exit code. */
static int
refuse_file(const char *path, const char *directory, int reason, struct neuron_error *error)
{
    struct neuron_exec_trouble trouble;
    char text[NEURON_ERROR_TEXT_BYTES] = "";

    neuron_exec_trouble_find(path, directory, reason, &trouble);
    neuron_error_set(error, NEURON_INVALID_ARGUMENT, "%s",
                     neuron_exec_trouble_format(&trouble, path, text, sizeof(text)));
    return neuron_exec_trouble_code(&trouble);
}

static int
refuse(const char *name, const char *blocked, struct neuron_error *error)
{
    if (blocked != NULL) {
        return refuse_file(blocked, NULL, EACCES, error);
    }
    neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                     "program %.120s is not found in PATH; for one in this directory say ./%.60s",
                     name, name);
    return NEURON_EXIT_NOT_FOUND;
}

/*
 * Goes through the directories to the first executable file of that name. NULL when there is none:
 * then `blocked` is the first that lacks only the permission, if any.
 */
static char *
search_directories(const char *name, const char *search, char **blocked)
{
    for (const char *directory = search; directory != NULL;) {
        size_t length = strcspn(directory, ":");
        char *candidate = join_path(directory, length, name);
        bool is_file = candidate != NULL && is_regular_file(candidate);

        if (is_file && access(candidate, X_OK) == 0) {
            return candidate;
        }
        if (is_file && *blocked == NULL) {
            *blocked = candidate;
        } else {
            free(candidate);
        }
        directory = directory[length] == ':' ? directory + length + 1 : NULL;
    }
    return NULL;
}

int
neuron_program_path_find(const char *name, const char *search, char **path,
                         struct neuron_error *error)
{
    const char *directories = search == NULL ? "/usr/local/bin:/usr/bin:/bin" : search;
    char *blocked = NULL;
    char *found =
        strchr(name, '/') == NULL ? search_directories(name, directories, &blocked) : strdup(name);
    int code = 0;

    if (found == NULL) {
        code = refuse(name, blocked, error);
    } else {
        *path = found;
    }
    free(blocked);
    return code;
}

int
neuron_program_path_check(const char *path, const char *directory, struct neuron_error *error)
{
    bool is_here = path[0] == '/' || directory == NULL;
    char *seen = is_here ? strdup(path) : join_path(directory, strlen(directory), path);
    int code = 0;

    /* A directory that is missing is told of by its own name. */
    if (seen != NULL && (is_here || access(directory, X_OK) == 0) && access(seen, X_OK) != 0) {
        code = refuse_file(path, directory, errno, error);
    }
    free(seen);
    return code;
}
