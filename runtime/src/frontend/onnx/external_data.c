/* SPDX-License-Identifier: Apache-2.0 */
#include "frontend/onnx/external_data.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

/* The C library has no call for it. The kernel walks the path, so nobody can change it meanwhile.
 */
static int
open_beneath(int folder, const char *location)
{
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};

    return (int)syscall(SYS_openat2, folder, location, &how, sizeof(how));
}

static enum neuron_status
refuse_open(const char *location, int reason, struct neuron_error *error)
{
    if (reason == EXDEV || reason == ELOOP) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "its external data %.100s leads out of the model's folder, or over a "
                           "symbolic link",
                           location);
    }
    return NEURON_FAIL(error, NEURON_SYSTEM, "its external data %.100s cannot be opened: %s",
                       location, strerrordesc_np(reason));
}

static enum neuron_status
check_file(int descriptor, const char *location, uint64_t offset, uint64_t size_bytes,
           struct neuron_error *error)
{
    struct stat facts = {0};

    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "its external data %.100s is no regular file", location);
    }
    if (facts.st_nlink != 1) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "its external data %.100s has a second hard link, maybe outside of the "
                           "model's folder; make a copy",
                           location);
    }
    if (offset > (uint64_t)facts.st_size || size_bytes > (uint64_t)facts.st_size - offset) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "its external data is %" PRIu64 " bytes at %" PRIu64
                           " of %.100s, which has %" PRIu64,
                           size_bytes, offset, location, (uint64_t)facts.st_size);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_external_data_open(int folder, const char *location, uint64_t offset, uint64_t size_bytes,
                          int *descriptor, struct neuron_error *error)
{
    if (folder < 0) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "its data is external, and a model in memory has no folder");
    }
    int opened = open_beneath(folder, location);
    if (opened < 0) {
        return refuse_open(location, errno, error);
    }
    enum neuron_status status = check_file(opened, location, offset, size_bytes, error);
    if (status != NEURON_OK) {
        (void)close(opened);
        return status;
    }
    *descriptor = opened;
    return NEURON_OK;
}

enum neuron_status
neuron_external_data_read(int descriptor, uint64_t offset, void *bytes, size_t size_bytes,
                          struct neuron_error *error)
{
    unsigned char *next = bytes;

    while (size_bytes > 0) {
        ssize_t count = pread(descriptor, next, size_bytes, (off_t)offset);

        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "its external data cannot be read: %s",
                               strerrordesc_np(errno));
        }
        if (count == 0) {
            return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                               "its external data became shorter while it was read");
        }
        next += count;
        offset += (uint64_t)count;
        size_bytes -= (size_t)count;
    }
    return NEURON_OK;
}
