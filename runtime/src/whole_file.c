/* SPDX-License-Identifier: Apache-2.0 */
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_NAME_LIMIT = 100, OPEN_FILE_BYTES = 40 };

/* Refuses with the reason of a system call that failed. */
static enum neuron_status
refuse_write(const struct neuron_whole_file *file, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "cannot write %s: %s; name a place with room that you may write to",
                       file->path, strerrordesc_np(reason));
}

/* What is no regular file, such as /dev/null, is not to be replaced by one. */
static enum neuron_status
check_place(const char *path, struct neuron_error *error)
{
    struct stat place;

    if (stat(path, &place) == 0 && !S_ISREG(place.st_mode)) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot write %s: it exists and is no regular file; name another place",
                           path);
    }
    return NEURON_OK;
}

/* The name that the kernel has for an open file, "/proc/self/fd/3". */
static void
name_open_file(int descriptor, char text[OPEN_FILE_BYTES])
{
    (void)snprintf(text, OPEN_FILE_BYTES, "/proc/self/fd/%d", descriptor);
}

/* Gives a part that is open a name beside its place, or opens it under one where it is not open;
   false for an error other than that the name is taken. */
static bool
take_name(struct neuron_whole_file *file)
{
    const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    char source[OPEN_FILE_BYTES] = "";

    if (file->descriptor < 0) {
        file->descriptor = open(file->part_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        file->exists = file->descriptor >= 0;
    } else {
        name_open_file(file->descriptor, source);
        file->exists = linkat(AT_FDCWD, source, AT_FDCWD, file->part_path, AT_SYMLINK_FOLLOW) == 0;
    }
    return file->exists || errno == EEXIST;
}

/* Two threads may write to one place, and a process that died may have left its part. */
static enum neuron_status
find_name(struct neuron_whole_file *file, struct neuron_error *error)
{
    size_t room_bytes = strlen(file->path) + 64;
    bool goes_on = true;

    file->part_path = malloc(room_bytes);
    if (file->part_path == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for the name of a file");
    }
    for (int i = 0; goes_on && !file->exists && i < PART_NAME_LIMIT; i += 1) {
        (void)snprintf(file->part_path, room_bytes, "%s.part-%ld-%d", file->path, (long)getpid(),
                       i);
        goes_on = take_name(file);
    }
    return file->exists ? NEURON_OK : refuse_write(file, errno, error);
}

/* Opens the folder that a file is to be in, with these flags; -1 where that does not work. */
static int
open_folder(const char *path, int flags, mode_t mode)
{
    char *folder = strdup(path);

    if (folder == NULL) {
        return -1;
    }
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    int descriptor = open(slash == NULL ? "." : folder, flags | O_CLOEXEC, mode);
    free(folder);
    return descriptor;
}

/* Opens a part without a name, which the kernel removes when its writer dies; -1 where the file
   system has no such files, or they cannot be given a name here. */
static int
open_nameless(const char *path)
{
    const mode_t mode = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
    char source[OPEN_FILE_BYTES] = "";
    int descriptor = open_folder(path, O_TMPFILE | O_RDWR, mode);

    name_open_file(descriptor, source);
    if (descriptor >= 0 && access(source, F_OK) != 0) {
        (void)close(descriptor);
        return -1;
    }
    return descriptor;
}

enum neuron_status
neuron_whole_file_open_named(struct neuron_whole_file *file, const char *path,
                             struct neuron_error *error)
{
    *file = (struct neuron_whole_file){.path = path, .descriptor = -1};
    enum neuron_status status = check_place(path, error);

    return status == NEURON_OK ? find_name(file, error) : status;
}

enum neuron_status
neuron_whole_file_open(struct neuron_whole_file *file, const char *path, struct neuron_error *error)
{
    *file = (struct neuron_whole_file){.path = path, .descriptor = -1};
    enum neuron_status status = check_place(path, error);

    if (status == NEURON_OK) {
        file->descriptor = open_nameless(path);
    }
    return status == NEURON_OK && file->descriptor < 0 ? find_name(file, error) : status;
}

enum neuron_status
neuron_whole_file_resize(const struct neuron_whole_file *file, uint64_t size_bytes,
                         struct neuron_error *error)
{
    if (ftruncate(file->descriptor, (off_t)size_bytes) != 0) {
        return refuse_write(file, errno, error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_whole_file_write(const struct neuron_whole_file *file, const void *bytes, size_t size_bytes,
                        uint64_t offset, struct neuron_error *error)
{
    const unsigned char *next = bytes;

    while (size_bytes > 0) {
        ssize_t written = pwrite(file->descriptor, next, size_bytes, (off_t)offset);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return refuse_write(file, written < 0 ? errno : ENOSPC, error);
        }
        next += written;
        offset += (uint64_t)written;
        size_bytes -= (size_t)written;
    }
    return NEURON_OK;
}

/* Makes the new name of the file last. Some file systems cannot; the name is there all the same. */
static enum neuron_status
sync_folder(const struct neuron_whole_file *file, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    int descriptor = open_folder(file->path, O_RDONLY | O_DIRECTORY, 0);

    if (descriptor < 0) {
        return NEURON_OK;
    }
    if (fsync(descriptor) != 0 && errno == EIO) {
        status = refuse_write(file, EIO, error);
    }
    (void)close(descriptor);
    return status;
}

enum neuron_status
neuron_whole_file_settle(struct neuron_whole_file *file, struct neuron_error *error)
{
    int descriptor = file->descriptor;

    if (fsync(descriptor) != 0) {
        return refuse_write(file, errno, error);
    }
    enum neuron_status status = file->exists ? NEURON_OK : find_name(file, error);
    if (status != NEURON_OK) {
        return status;
    }
    /* Some file systems say only here that there was no room. */
    file->descriptor = -1;
    if (close(descriptor) != 0) {
        return refuse_write(file, errno, error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_whole_file_publish(struct neuron_whole_file *file, struct neuron_error *error)
{
    if (rename(file->part_path, file->path) != 0) {
        return refuse_write(file, errno, error);
    }
    file->exists = false;
    return sync_folder(file, error);
}

void
neuron_whole_file_close(struct neuron_whole_file *file)
{
    /* A zeroed one has no path; its descriptor is not 0. */
    if (file->path != NULL && file->descriptor >= 0) {
        (void)close(file->descriptor);
    }
    if (file->exists) {
        (void)unlink(file->part_path);
    }
    free(file->part_path);
    *file = (struct neuron_whole_file){.descriptor = -1};
}

enum neuron_status
neuron_whole_file_save(const char *path, const void *bytes, size_t size_bytes,
                       struct neuron_error *error)
{
    struct neuron_whole_file file = {0};
    enum neuron_status status = neuron_whole_file_open(&file, path, error);

    if (status == NEURON_OK) {
        status = neuron_whole_file_write(&file, bytes, size_bytes, 0, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_settle(&file, error);
    }
    if (status == NEURON_OK) {
        status = neuron_whole_file_publish(&file, error);
    }
    neuron_whole_file_close(&file);
    return status;
}
