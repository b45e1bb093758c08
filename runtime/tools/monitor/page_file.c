/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor/page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "neuron/record_file.h"

#include "monitor/metrics_page.h"

enum { LOOKS_LIMIT = 100, MARK_BYTES = 128, RANDOM_BYTES = 8 };

static enum neuron_status
refuse(const struct neuron_page_file *page, const char *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "--prometheus %.120s: %s", page->path,
                       reason);
}

static enum neuron_status
fail(const struct neuron_page_file *page, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "cannot write %.150s: %s", page->path,
                       strerrordesc_np(reason));
}

static bool
is_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* Says whether what is open stands at the path. */
static bool
is_at_path(const struct neuron_page_file *page, int file)
{
    struct stat opened = {0};
    struct stat found = {0};

    return fstat(file, &opened) == 0 && lstat(page->path, &found) == 0 && is_same(&opened, &found);
}

/* Says whether a file begins as a page does, or is empty. */
static bool
is_page(int file)
{
    char bytes[MARK_BYTES] = "";
    size_t length = strlen(neuron_metrics_page_mark);
    ssize_t count = pread(file, bytes, length, 0);

    return count == 0 ||
           (count == (ssize_t)length && memcmp(bytes, neuron_metrics_page_mark, length) == 0);
}

/* Says whether another process keeps a file; asks, and takes no lock. */
static bool
is_kept(int file)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

    return fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Looks at what is open, which was found at the path. */
static enum neuron_status
check_file(const struct neuron_page_file *page, int file, struct neuron_error *error)
{
    struct stat status = {0};

    if (fstat(file, &status) != 0) {
        return fail(page, errno, error);
    }
    if (!S_ISREG(status.st_mode)) {
        return refuse(page, "is no plain file, and a page takes the place of what is there", error);
    }
    if (!is_page(file)) {
        return refuse(page, "is no page of neuron-monitor's; remove it, or give another file",
                      error);
    }
    if (is_kept(file)) {
        return refuse(page, "is kept by another neuron-monitor; give each a file of its own",
                      error);
    }
    return NEURON_OK;
}

/* Looks at what is at the path, but for what this process wrote there. */
static enum neuron_status
check_path(const struct neuron_page_file *page, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    bool is_there = false;

    /* While another process renames a page onto it, what was opened may be gone by now. */
    for (int i = 0; i < LOOKS_LIMIT && !is_there; i += 1) {
        if (page->file >= 0 && is_at_path(page, page->file)) {
            return NEURON_OK;
        }
        int file = open(page->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (file < 0 && errno == ENOENT) {
            return NEURON_OK;
        }
        if (file < 0) {
            return refuse(
                page, errno == ELOOP ? "is a link; give the file itself" : strerrordesc_np(errno),
                error);
        }
        status = check_file(page, file, error);
        is_there = is_at_path(page, file);
        (void)close(file);
    }
    return status;
}

enum neuron_status
neuron_page_file_check(const struct neuron_page_file *page, struct neuron_error *error)
{
    enum neuron_status status = check_path(page, error);

    return status == NEURON_OK ? neuron_record_file_check(page->path, error) : status;
}

/* Locks a new file, and fills it; returns 0 or an errno. */
static int
fill(int file, const char *bytes, size_t size_bytes)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    /* Who reads it may be another user, whatever the mask of this one. Not every file system has
       locks: without them two monitors are not told of each other. */
    (void)fcntl(file, F_OFD_SETLK, &lock);
    if (fchmod(file, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) != 0) {
        return errno;
    }
    while (size_bytes > 0) {
        ssize_t length = write(file, bytes, size_bytes);

        if (length < 0 && errno != EINTR) {
            return errno;
        }
        bytes += length > 0 ? length : 0;
        size_bytes -= length > 0 ? (size_t)length : 0;
    }
    return 0;
}

enum neuron_status
neuron_page_file_write(struct neuron_page_file *page, const char *bytes, size_t size_bytes,
                       struct neuron_error *error)
{
    char other[PATH_MAX + RANDOM_BYTES] = "";
    enum neuron_status status = check_path(page, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (strlen(page->path) >= PATH_MAX) {
        return fail(page, ENAMETOOLONG, error);
    }
    (void)snprintf(other, sizeof(other), "%s.XXXXXX", page->path);
    int file = mkostemp(other, O_CLOEXEC);
    if (file < 0) {
        return fail(page, errno, error);
    }
    int reason = fill(file, bytes, size_bytes);
    if (reason == 0 && rename(other, page->path) != 0) {
        reason = errno;
    }
    if (reason != 0) {
        (void)unlink(other);
        (void)close(file);
        return fail(page, reason, error);
    }
    /* Only now: the page before is kept until it is no longer there. */
    neuron_page_file_close(page);
    page->file = file;
    return NEURON_OK;
}

void
neuron_page_file_remove(const struct neuron_page_file *page)
{
    if (page->file >= 0 && is_at_path(page, page->file)) {
        (void)unlink(page->path);
    }
}

void
neuron_page_file_close(struct neuron_page_file *page)
{
    if (page->file >= 0) {
        (void)close(page->file);
    }
    page->file = -1;
}
