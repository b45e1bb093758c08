/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum neuron_status
refuse(const char *path, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write %.150s: %s", path,
                       strerrordesc_np(reason));
}

/* Says whether there is something at the path that must not be replaced. */
static bool
is_special(const char *path)
{
    struct stat status = {0};

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Writes the folder of a path, "." for none. */
static bool
find_folder(const char *path, char *folder)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 1 : (size_t)(slash - path) + 1;

    if (length >= PATH_MAX) {
        return false;
    }
    memcpy(folder, slash == NULL ? "." : path, length);
    folder[length] = '\0';
    return true;
}

enum neuron_status
neuron_record_file_check(const char *path, struct neuron_error *error)
{
    char folder[PATH_MAX] = "";
    struct stat status = {0};

    if (!find_folder(path, folder)) {
        return refuse(path, ENAMETOOLONG, error);
    }
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        return refuse(path, EISDIR, error);
    }
    if (access(is_special(path) ? path : folder, W_OK) != 0) {
        return refuse(path, errno, error);
    }
    return NEURON_OK;
}

/* Writes all bytes; returns 0 or an errno. */
static int
write_all(int file, const char *bytes, size_t size_bytes)
{
    while (size_bytes > 0) {
        ssize_t length = write(file, bytes, size_bytes);

        if (length < 0 && errno != EINTR) {
            return errno;
        }
        if (length > 0) {
            bytes += length;
            size_bytes -= (size_t)length;
        }
    }
    return 0;
}

/* Writes and closes; returns 0 or an errno. */
static int
fill_file(int file, const char *bytes, size_t size_bytes)
{
    int reason = write_all(file, bytes, size_bytes);

    if (close(file) != 0 && reason == 0) {
        reason = errno;
    }
    return reason;
}

enum neuron_status
neuron_record_file_write(const char *path, const char *bytes, size_t size_bytes,
                         struct neuron_error *error)
{
    const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    char target[PATH_MAX] = "";
    char other[PATH_MAX + 32] = "";

    if (is_special(path)) {
        int file = open(path, O_WRONLY | O_CLOEXEC);
        int reason = file < 0 ? errno : fill_file(file, bytes, size_bytes);

        return reason == 0 ? NEURON_OK : refuse(path, reason, error);
    }
    /* Behind a link the file is replaced, not the link. */
    if (realpath(path, target) == NULL) {
        (void)snprintf(target, sizeof(target), "%s", path);
    }
    (void)snprintf(other, sizeof(other), "%s.%d.part", target, (int)getpid());
    int file = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file < 0) {
        return refuse(path, errno, error);
    }
    int reason = fill_file(file, bytes, size_bytes);
    if (reason == 0 && rename(other, target) != 0) {
        reason = errno;
    }
    if (reason != 0) {
        (void)unlink(other);
        return refuse(path, reason, error);
    }
    return NEURON_OK;
}
