/* SPDX-License-Identifier: Apache-2.0 */
#include "score/folder_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum neuron_status
neuron_folder_sync(const char *path_of_file, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    char *folder = strdup(path_of_file);

    if (folder == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the name of a folder");
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    int descriptor = open(slash == NULL ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (descriptor < 0) {
        return NEURON_OK;
    }
    if (fsync(descriptor) != 0 && errno == EIO) {
        status = NEURON_FAIL(error, NEURON_SYSTEM, "the folder of %s cannot be put on disk: %s",
                             path_of_file, strerrordesc_np(EIO));
    }
    (void)close(descriptor);
    return status;
}
