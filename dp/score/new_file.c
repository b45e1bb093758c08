/* SPDX-License-Identifier: Apache-2.0 */
#include "score/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "score/folder_sync.h"

enum { BUFFER_BYTES = 256 * 1024 };

static enum neuron_status
refuse(const struct neuron_new_file *file, int reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "%s cannot be written: %s; name a place with room that you may write to",
                       file->path, strerrordesc_np(reason));
}

enum neuron_status
neuron_new_file_open(struct neuron_new_file *file, const char *path, const char *part_path,
                     struct neuron_error *error)
{
    *file = (struct neuron_new_file){.path = path, .part_path = part_path, .descriptor = -1};
    enum neuron_status status = neuron_summer_create(&file->summer, error);

    if (status != NEURON_OK) {
        return status;
    }
    file->buffer = malloc(BUFFER_BYTES);
    if (file->buffer == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory to write %s", path);
    }
    /* Not overwritten: a process that was stopped may still write to what is there. */
    if (unlink(part_path) != 0 && errno != ENOENT) {
        return refuse(file, errno, error);
    }
    file->descriptor = open(part_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return file->descriptor >= 0 ? NEURON_OK : refuse(file, errno, error);
}

/* Hands what was put to the kernel. */
static void
flush(struct neuron_new_file *file)
{
    const char *next = file->buffer;
    size_t left = file->used_bytes;

    neuron_summer_add(file->summer, file->buffer, file->used_bytes);
    while (left > 0 && file->failure == 0) {
        ssize_t written = write(file->descriptor, next, left);

        if (written < 0) {
            file->failure = errno == EINTR ? 0 : errno;
            continue;
        }
        next += written;
        left -= (size_t)written;
    }
    file->used_bytes = 0;
}

char *
neuron_new_file_room(struct neuron_new_file *file)
{
    if (BUFFER_BYTES - file->used_bytes < NEURON_NEW_FILE_ROOM_BYTES) {
        flush(file);
    }
    return file->buffer + file->used_bytes;
}

void
neuron_new_file_took(struct neuron_new_file *file, size_t size_bytes)
{
    file->used_bytes += size_bytes;
}

void
neuron_new_file_put(struct neuron_new_file *file, const void *bytes, size_t size_bytes)
{
    const char *next = bytes;

    while (size_bytes > 0) {
        char *room = neuron_new_file_room(file);
        size_t piece =
            size_bytes < NEURON_NEW_FILE_ROOM_BYTES ? size_bytes : NEURON_NEW_FILE_ROOM_BYTES;

        memcpy(room, next, piece);
        neuron_new_file_took(file, piece);
        next += piece;
        size_bytes -= piece;
    }
}

enum neuron_status
neuron_new_file_settle(struct neuron_new_file *file, struct neuron_error *error)
{
    flush(file);
    if (file->failure == 0 && fsync(file->descriptor) != 0) {
        file->failure = errno;
    }
    if (file->failure != 0) {
        return refuse(file, file->failure, error);
    }
    /* Some file systems say only here that there was no room. */
    int descriptor = file->descriptor;
    file->descriptor = -1;
    if (close(descriptor) != 0) {
        int reason = errno;

        (void)unlink(file->part_path);
        return refuse(file, reason, error);
    }
    return NEURON_OK;
}

uint64_t
neuron_new_file_sum(const struct neuron_new_file *file)
{
    return neuron_summer_end(file->summer).xxh3;
}

enum neuron_status
neuron_new_file_publish(const struct neuron_new_file *file, struct neuron_error *error)
{
    if (rename(file->part_path, file->path) != 0) {
        return refuse(file, errno, error);
    }
    return neuron_folder_sync(file->path, error);
}

void
neuron_new_file_close(struct neuron_new_file *file)
{
    if (file->descriptor >= 0) {
        (void)close(file->descriptor);
        (void)unlink(file->part_path);
    }
    neuron_summer_destroy(file->summer);
    free(file->buffer);
    *file = (struct neuron_new_file){.descriptor = -1};
}
