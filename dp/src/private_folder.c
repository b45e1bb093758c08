/* SPDX-License-Identifier: Apache-2.0 */
#include "private_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Tries to make it below a folder; else errno says why not. */
static bool
make_below(const char *parent, struct neuron_private_folder *folder)
{
    int length = snprintf(folder->path, sizeof(folder->path), "%s/neuron-XXXXXX", parent);

    if (length >= (int)sizeof(folder->path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    return mkdtemp(folder->path) != NULL;
}

enum neuron_status
neuron_private_folder_create(const char *preferred, struct neuron_private_folder *folder,
                             struct neuron_error *error)
{
    if ((preferred != NULL && preferred[0] == '/' && make_below(preferred, folder)) ||
        make_below("/tmp", folder)) {
        return NEURON_OK;
    }
    folder->path[0] = '\0';
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "cannot make a folder for sockets below /tmp: %s; set XDG_RUNTIME_DIR to a "
                       "folder that you may write to",
                       strerrordesc_np(errno));
}

void
neuron_private_folder_destroy(struct neuron_private_folder *folder)
{
    DIR *opened = folder->path[0] == '\0' ? NULL : opendir(folder->path);

    if (opened == NULL) {
        return;
    }
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own */
    for (const struct dirent *entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
        /* Refused for the folders "." and "..". */
        (void)unlinkat(dirfd(opened), entry->d_name, 0);
    }
    (void)closedir(opened);
    (void)rmdir(folder->path);
    folder->path[0] = '\0';
}
