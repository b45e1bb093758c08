/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_folder.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The path of a URL of this machine, or of a text that is none; NULL for other places. */
static const char *
path_of_url(const char *url)
{
    static const char file_scheme[] = "file://";

    if (strncmp(url, file_scheme, sizeof(file_scheme) - 1) == 0) {
        const char *path = url + sizeof(file_scheme) - 1;

        return path[0] == '/' ? path : NULL;
    }
    return strstr(url, "://") == NULL ? url : NULL;
}

/* How long a path is without the slashes at its end, but for one that is all of it. */
static size_t
trimmed_length(const char *path)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/') {
        length -= 1;
    }
    return length;
}

/* Writes both texts, without slashes at the end of either. */
static bool
write_path(const char *start, const char *end, char *folder, size_t size_bytes)
{
    size_t length = trimmed_length(start);

    if (length + strlen(end) >= size_bytes) {
        return false;
    }
    (void)snprintf(folder, size_bytes, "%.*s%s", (int)length, start, end);
    folder[trimmed_length(folder)] = '\0';
    return true;
}

static enum neuron_status
refuse_url(const char *url, const char *reason, struct neuron_error *error)
{
    return NEURON_FAIL(
        error, NEURON_INVALID_SYNTAX,
        "NEURON_COMPILE_CACHE_URL=%.80s %s; give a path, or file:///path, or unset it", url,
        reason);
}

static bool
is_absolute(const char *path)
{
    return path != NULL && path[0] == '/';
}

/* Writes what a URL names; a program that was not called by a shell gets its "~" as it stands. */
static enum neuron_status
write_url(const char *url, const char *home, char *folder, size_t size_bytes,
          struct neuron_error *error)
{
    const char *path = path_of_url(url);
    bool is_of_home = path != NULL && path[0] == '~' && (path[1] == '/' || path[1] == '\0');

    if (path == NULL) {
        return refuse_url(url, "is no folder of this machine", error);
    }
    if (is_of_home && !is_absolute(home)) {
        return refuse_url(url, "is in the home of a user, and HOME names none", error);
    }
    bool fits = is_of_home ? write_path(home, path + 1, folder, size_bytes)
                           : write_path(path, "", folder, size_bytes);
    return fits ? NEURON_OK : refuse_url(url, "is too long", error);
}

enum neuron_status
neuron_cache_folder_choose(const struct neuron_cache_variables *variables, char *folder,
                           size_t size_bytes, struct neuron_error *error)
{
    const char *home = variables->home;

    if (variables->cache_url != NULL) {
        return write_url(variables->cache_url, home, folder, size_bytes, error);
    }
    if (is_absolute(variables->xdg_cache_home)
            ? !write_path(variables->xdg_cache_home, "/neuron", folder, size_bytes)
            : !is_absolute(home) || !write_path(home, "/.cache/neuron", folder, size_bytes)) {
        folder[0] = '\0';
    }
    return NEURON_OK;
}

enum neuron_status
neuron_cache_folder_make_above(const char *path, struct neuron_error *error)
{
    char folder[PATH_MAX] = "";
    int length = snprintf(folder, sizeof(folder), "%s", path);

    if (length < 0 || (size_t)length >= sizeof(folder)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%.100s...: the path is too long", path);
    }
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, S_IRWXU) != 0 && errno != EEXIST) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make %.150s: %s", folder,
                               strerrordesc_np(errno));
        }
        *slash = '/';
    }
    return NEURON_OK;
}
