/* SPDX-License-Identifier: Apache-2.0 */
#include "roofline_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "roofline_text.h"
#include "whole_file.h"

enum { FOLDER_MODE = 0700 /* what the rules for such folders ask for */ };

bool
neuron_roofline_load(const char *path, const struct neuron_cpu *cpu,
                     struct neuron_roofline *roofline)
{
    char text[NEURON_ROOFLINE_TEXT_BYTES + 1] = "";
    struct stat status = {0};
    /* Whatever lies there, opening it does not wait. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t length = -1;

    if (descriptor < 0) {
        return false;
    }
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        length = read(descriptor, text, sizeof(text) - 1);
    }
    (void)close(descriptor);
    return length > 0 && strlen(text) == (size_t)length &&
           neuron_roofline_parse(text, cpu->text, roofline);
}

/* Makes the folders above a file, as far as they are not there. */
static enum neuron_status
make_folders(const char *path, struct neuron_error *error)
{
    char folder[PATH_MAX] = "";
    int length = snprintf(folder, sizeof(folder), "%s", path);

    if (length < 0 || (size_t)length >= sizeof(folder)) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "%.100s...: the path is too long", path);
    }
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "cannot make %.150s: %s", folder,
                               strerrordesc_np(errno));
        }
        *slash = '/';
    }
    return NEURON_OK;
}

enum neuron_status
neuron_roofline_save(const struct neuron_roofline *roofline, const struct neuron_cpu *cpu,
                     const char *path, struct neuron_error *error)
{
    char text[NEURON_ROOFLINE_TEXT_BYTES] = "";
    size_t length = neuron_roofline_format(roofline, cpu->text, text);
    enum neuron_status status = make_folders(path, error);

    return status == NEURON_OK ? neuron_whole_file_save(path, text, length, error) : status;
}
