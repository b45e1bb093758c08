/* SPDX-License-Identifier: Apache-2.0 */
#include "score/positioned_io.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

bool
neuron_read_at(int file, void *bytes, size_t size_bytes, uint64_t offset_bytes)
{
    char *position = bytes;

    while (size_bytes > 0) {
        ssize_t length = pread(file, position, size_bytes, (off_t)offset_bytes);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            errno = length == 0 ? 0 : errno;
            return false;
        }
        position += length;
        size_bytes -= (size_t)length;
        offset_bytes += (uint64_t)length;
    }
    return true;
}

bool
neuron_write_at(int file, const void *bytes, size_t size_bytes, uint64_t offset_bytes)
{
    const char *position = bytes;

    while (size_bytes > 0) {
        ssize_t length = pwrite(file, position, size_bytes, (off_t)offset_bytes);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0) {
            return false;
        }
        position += length;
        size_bytes -= (size_t)length;
        offset_bytes += (uint64_t)length;
    }
    return true;
}
