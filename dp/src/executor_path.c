/* SPDX-License-Identifier: Apache-2.0 */
#include "executor_path.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment.h"

static const char program_name[] = "neuron-executor";

/* From the folder of the library, or of a program: beside it, and as it is installed. */
static const char *const places[] = {"", NEURON_EXECUTOR_FROM_LIBRARY "/",
                                     NEURON_EXECUTOR_FROM_PROGRAM "/"};

/* Says whether there is a program; else errno says why not. */
static bool
is_program(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return false;
    }
    if (!S_ISREG(status.st_mode)) {
        errno = EACCES;
        return false;
    }
    return access(path, X_OK) == 0;
}

/* Takes a path that somebody named. */
static enum neuron_status
take_named(const char *named, const char *named_by, char path[PATH_MAX], struct neuron_error *error)
{
    if (!is_program(named)) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s names no program for isolated replicas: %.100s: %s", named_by, named,
                           strerrordesc_np(errno));
    }
    if (snprintf(path, PATH_MAX, "%s", named) >= PATH_MAX) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%s is too long a path", named_by);
    }
    return NEURON_OK;
}

/* Looks around a file. */
static bool
find_beside(const char *file, char path[PATH_MAX])
{
    const char *slash = strrchr(file, '/');
    char found[PATH_MAX] = "";

    for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(places[0]); i += 1) {
        int length = snprintf(found, sizeof(found), "%.*s/%s%s", (int)(slash - file), file,
                              places[i], program_name);

        if (length < (int)sizeof(found) && is_program(found)) {
            memcpy(path, found, sizeof(found));
            return true;
        }
    }
    return false;
}

/* Looks around the shared library, or the program, that this very code is in. */
static bool
find_near(char path[PATH_MAX])
{
    char program[PATH_MAX] = "";
    Dl_info library = {0};
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);

    if (dladdr(places, &library) != 0 && library.dli_fname != NULL &&
        find_beside(library.dli_fname, path)) {
        return true;
    }
    return length > 0 && find_beside(program, path);
}

enum neuron_status
neuron_executor_path_find(const char *given, char path[PATH_MAX], struct neuron_error *error)
{
    static const char installed[] = NEURON_EXECUTOR_INSTALLED;
    const char *variable = neuron_environment_executor_path();

    if (given != NULL) {
        return take_named(given, "the caller", path, error);
    }
    if (variable != NULL) {
        return take_named(variable, "NEURON_EXECUTOR_PATH", path, error);
    }
    if (find_near(path)) {
        return NEURON_OK;
    }
    if (!is_program(installed)) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s, which isolated replicas run in, is neither beside the library nor "
                           "at %.80s; install it, or name it by NEURON_EXECUTOR_PATH",
                           program_name, installed);
    }
    (void)snprintf(path, PATH_MAX, "%s", installed);
    return NEURON_OK;
}
