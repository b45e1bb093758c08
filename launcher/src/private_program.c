/* SPDX-License-Identifier: Apache-2.0 */
#include "private_program.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* From the folder of the running program: beside it, and as it is installed. */
static const char *const places[] = {"", NEURON_PRIVATE_FROM_PROGRAM "/"};

enum neuron_status
neuron_private_program_find(const char *name, char path[PATH_MAX], struct neuron_error *error)
{
    char own[PATH_MAX] = "";
    char found[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    const char *slash = length > 0 ? strrchr(own, '/') : NULL;

    for (size_t i = 0; slash != NULL && i < sizeof(places) / sizeof(places[0]); i += 1) {
        int found_length =
            snprintf(found, sizeof(found), "%.*s/%s%s", (int)(slash - own), own, places[i], name);

        if (found_length < (int)sizeof(found) && access(found, X_OK) == 0) {
            memcpy(path, found, sizeof(found));
            return NEURON_OK;
        }
    }
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "%s is neither beside neuronrun nor in %s from there; install it again, or "
                       "say --mpi off",
                       name, NEURON_PRIVATE_FROM_PROGRAM);
}
