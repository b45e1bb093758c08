/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded by tests: reading the file whose path ends in FAILING_READ_FILE fails with EIO, once in
 * a process, when FAILING_READ_AFTER bytes of it have been read.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "neuron/status.h"

enum { PATH_BYTES = 4096, LINK_BYTES = 64 };

static _Atomic uint64_t read_bytes;
static atomic_flag has_failed = ATOMIC_FLAG_INIT;

static bool
is_chosen(int file)
{
    const char *end = secure_getenv("FAILING_READ_FILE");
    char descriptor[LINK_BYTES];
    char target[PATH_BYTES];

    (void)snprintf(descriptor, sizeof(descriptor), "/proc/self/fd/%d", file);
    ssize_t length = readlink(descriptor, target, sizeof(target));
    return end != NULL && length >= (ssize_t)strlen(end) &&
           memcmp(target + length - strlen(end), end, strlen(end)) == 0;
}

/* Counts what was read, and says whether that read is to fail. */
static bool
fails(int file, ssize_t length)
{
    const char *limit = secure_getenv("FAILING_READ_AFTER");

    if (length <= 0 || limit == NULL || !is_chosen(file)) {
        return false;
    }
    uint64_t total = atomic_fetch_add(&read_bytes, (uint64_t)length) + (uint64_t)length;
    return total > strtoull(limit, NULL, 10) && !atomic_flag_test_and_set(&has_failed);
}

static ssize_t
read_at(int file, void *bytes, size_t limit, off_t offset)
{
    ssize_t length = syscall(SYS_pread64, file, bytes, limit, offset);

    if (fails(file, length)) {
        errno = EIO;
        return -1;
    }
    return length;
}

/* What the C library calls pread() and read(), in both of their names. */
NEURON_API ssize_t
failing_pread(int file, void *bytes, size_t limit, off_t offset) __asm__("pread");
NEURON_API ssize_t
failing_pread64(int file, void *bytes, size_t limit, off_t offset) __asm__("pread64");
NEURON_API ssize_t
failing_read(int file, void *bytes, size_t limit) __asm__("read");

ssize_t
failing_pread(int file, void *bytes, size_t limit, off_t offset)
{
    return read_at(file, bytes, limit, offset);
}

ssize_t
failing_pread64(int file, void *bytes, size_t limit, off_t offset)
{
    return read_at(file, bytes, limit, offset);
}

ssize_t
failing_read(int file, void *bytes, size_t limit)
{
    ssize_t length = syscall(SYS_read, file, bytes, limit);

    if (fails(file, length)) {
        errno = EIO;
        return -1;
    }
    return length;
}
