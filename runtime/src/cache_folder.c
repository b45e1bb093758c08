/* SPDX-License-Identifier: Apache-2.0 */
#include "cache_folder.h"

#include <stdio.h>
#include <string.h>

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

/* Writes both texts. Takes slashes off the end of the first, but for one that is all of it. */
static bool
write_path(const char *start, const char *end, char *folder, size_t size_bytes)
{
    size_t length = strlen(start);

    while (length > 1 && start[length - 1] == '/') {
        length -= 1;
    }
    if (length + strlen(end) >= size_bytes) {
        return false;
    }
    (void)snprintf(folder, size_bytes, "%.*s%s", (int)length, start, end);
    return true;
}

bool
neuron_cache_folder_choose(const struct neuron_cache_variables *variables, char *folder,
                           size_t size_bytes)
{
    if (variables->cache_url != NULL) {
        const char *path = path_of_url(variables->cache_url);

        return path != NULL && write_path(path, "", folder, size_bytes);
    }
    if (variables->xdg_cache_home != NULL && variables->xdg_cache_home[0] == '/') {
        return write_path(variables->xdg_cache_home, "/neuron", folder, size_bytes);
    }
    return variables->home != NULL && variables->home[0] == '/' &&
           write_path(variables->home, "/.cache/neuron", folder, size_bytes);
}
