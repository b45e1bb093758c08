/* SPDX-License-Identifier: Apache-2.0 */
/* How output files come to be, are found again, and go away. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "score/folder_sync.h"
#include "score/output_set.h"
#include "score/output_set_body.h"

static bool
is_same_file(const struct stat *left, const struct stat *right)
{
    return left->st_dev == right->st_dev && left->st_ino == right->st_ino;
}

/* Whatever stands under a name, a file of ours will replace it. */
static enum neuron_status
check_name(const char *path, const struct stat *read, const char *what, struct neuron_error *error)
{
    struct stat present = {0};

    if (stat(path, &present) != 0) {
        return NEURON_OK;
    }
    if (S_ISDIR(present.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is a folder; name a file in it as the output", path);
    }
    if (!S_ISREG(present.st_mode)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s is no regular file; name another output", path);
    }
    if (is_same_file(&present, read)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%s would replace %s; name another output", path, what);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_check(const struct neuron_output_set *set, const struct stat *read,
                        const char *what, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        const struct neuron_output_file *file = &set->layout.files[i];

        status = check_name(file->path, read, what, error);
        if (status == NEURON_OK) {
            status = check_name(file->part_path, read, what, error);
        }
        if (status == NEURON_OK && file->text_path != NULL) {
            status = check_name(file->text_path, read, what, error);
        }
    }
    return status;
}

static void
close_all(struct neuron_output_set *set)
{
    for (uint32_t i = 0; i < set->layout.file_count; i += 1) {
        if (set->descriptors[i] >= 0) {
            (void)close(set->descriptors[i]);
        }
        set->descriptors[i] = -1;
    }
    memset(set->unsent, 0, set->layout.output_count * sizeof(*set->unsent));
}

/* Makes a part file afresh, still empty. */
static enum neuron_status
create_part(struct neuron_output_set *set, uint32_t index, struct neuron_error *error)
{
    const char *path = set->layout.files[index].part_path;

    if (unlink(path) != 0 && errno != ENOENT) {
        return neuron_output_fail(path, "replaced", errno, error);
    }
    set->descriptors[index] = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return set->descriptors[index] >= 0 ? NEURON_OK
                                        : neuron_output_fail(path, "created", errno, error);
}

/* What of the set goes to the disk that a file is on. */
static uint64_t
bytes_on_disk_of(const struct neuron_output_set *set, uint32_t index)
{
    struct stat disk = {0};
    uint64_t bytes = 0;

    (void)fstat(set->descriptors[index], &disk);
    for (uint32_t i = 0; i < set->layout.file_count; i += 1) {
        struct stat file = {0};

        if (fstat(set->descriptors[i], &file) == 0 && file.st_dev == disk.st_dev) {
            bytes += set->layout.files[i].size_bytes;
        }
    }
    return bytes;
}

static enum neuron_status
fail_reserve(const struct neuron_output_set *set, uint32_t index, int reason,
             struct neuron_error *error)
{
    const char *path = set->layout.files[index].part_path;
    unsigned long long needed = bytes_on_disk_of(set, index);
    struct statvfs system = {0};

    /* What was reserved before the disk was full is free again: the files will be removed. */
    for (uint32_t i = 0; reason == ENOSPC && i < set->layout.file_count; i += 1) {
        (void)ftruncate(set->descriptors[i], 0);
    }
    if (reason == ENOSPC && fstatvfs(set->descriptors[index], &system) == 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s needs %llu bytes, but its disk has %llu free; free some, or write "
                           "elsewhere",
                           path, needed, (unsigned long long)system.f_bavail * system.f_frsize);
    }
    if (reason == EFBIG) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "%s needs %llu bytes, more than files may have here; see 'ulimit -f', "
                           "or write elsewhere",
                           path, needed);
    }
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s needs %llu bytes, which its disk refuses: %s",
                       path, needed, strerrordesc_np(reason));
}

/* Has the disk keep room for a file, a piece at a time, so that a signal can end it. */
static enum neuron_status
reserve_part(const struct neuron_output_set *set, uint32_t index,
             const volatile sig_atomic_t *stop_signal, struct neuron_error *error)
{
    const uint64_t piece_limit = UINT64_C(1) << 30;
    const struct neuron_output_file *file = &set->layout.files[index];
    uint64_t done = 0;

    while (done < file->size_bytes) {
        uint64_t left = file->size_bytes - done;
        uint64_t piece = left < piece_limit ? left : piece_limit;

        if (stop_signal != NULL && *stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "stopped while making %s", file->part_path);
        }
        int reason = posix_fallocate(set->descriptors[index], (off_t)done, (off_t)piece);
        if (reason != 0 && reason != EINTR) {
            return fail_reserve(set, index, reason, error);
        }
        done += reason == 0 ? piece : 0;
    }
    return NEURON_OK;
}

/* The files are on disk with their names and sizes, before a journal says that they are there. */
static enum neuron_status
make_last(const struct neuron_output_set *set, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        const char *path = set->layout.files[i].part_path;

        status = fsync(set->descriptors[i]) == 0
                     ? neuron_folder_sync(path, error)
                     : neuron_output_fail(path, "put on disk", errno, error);
    }
    return status;
}

enum neuron_status
neuron_output_set_reserve(struct neuron_output_set *set, const volatile sig_atomic_t *stop_signal,
                          struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    close_all(set);
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        status = create_part(set, i, error);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        status = reserve_part(set, i, stop_signal, error);
    }
    if (status == NEURON_OK) {
        status = neuron_output_set_write_frames(set, error);
    }
    if (status == NEURON_OK) {
        status = make_last(set, error);
    }
    if (status != NEURON_OK) {
        close_all(set);
        neuron_output_set_discard(set);
    }
    return status;
}

/* Opens a file that must be there, in its size. */
static enum neuron_status
open_file(struct neuron_output_set *set, uint32_t index, const char *path, int flags,
          struct neuron_error *error)
{
    unsigned long long wanted = set->layout.files[index].size_bytes;
    struct stat status = {0};

    set->descriptors[index] = open(path, flags | O_CLOEXEC | O_NONBLOCK);
    if (set->descriptors[index] < 0 && errno == ENOENT) {
        return NEURON_FAIL(error, NEURON_PEER_LOST, "%s is not there", path);
    }
    if (set->descriptors[index] < 0 || fstat(set->descriptors[index], &status) != 0) {
        return neuron_output_fail(path, "opened", errno, error);
    }
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != wanted) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "%s has %llu bytes, where the job made %llu; it is not of this job",
                           path, (unsigned long long)status.st_size, wanted);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_output_set_open(struct neuron_output_set *set, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    close_all(set);
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        status = open_file(set, i, set->layout.files[i].part_path, O_RDWR | O_NOFOLLOW, error);
    }
    if (status != NEURON_OK) {
        close_all(set);
    }
    return status;
}

enum neuron_status
neuron_output_set_open_published(struct neuron_output_set *set, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    close_all(set);
    for (uint32_t i = 0; status == NEURON_OK && i < set->layout.file_count; i += 1) {
        if (neuron_output_set_file_is_dense(set, i)) {
            status = open_file(set, i, set->layout.files[i].path, O_RDONLY, error);
        }
    }
    if (status != NEURON_OK) {
        close_all(set);
    }
    return status;
}

void
neuron_output_set_discard(struct neuron_output_set *set)
{
    for (uint32_t i = 0; i < set->layout.file_count; i += 1) {
        (void)unlink(set->layout.files[i].part_path);
        if (set->layout.files[i].text_path != NULL) {
            (void)unlink(set->layout.files[i].text_path);
        }
    }
}
