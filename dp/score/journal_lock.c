/* SPDX-License-Identifier: Apache-2.0 */
#include "score/journal_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "score/positioned_io.h"

/* A position that no line reaches, and that fits every file system's idea of an offset. */
static const off_t lock_position = (off_t)1 << 61;

static struct flock
make_lock(void)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = lock_position, .l_len = 1};
}

static enum neuron_status
fail_system(const char *path, const char *what, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "%s %s: %s", path, what, strerrordesc_np(errno));
}

static enum neuron_status
fail_lock(const char *path, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "%s cannot be locked: %s; write to a file system that has record locks",
                       path, strerrordesc_np(errno));
}

/* Locks a file that no other process knows of. */
static enum neuron_status
lock_new(int file, const char *path, struct neuron_error *error)
{
    struct flock lock = make_lock();

    return fcntl(file, F_SETLK, &lock) == 0 ? NEURON_OK : fail_lock(path, error);
}

bool
neuron_journal_lock_is_in_place(int file, const char *path)
{
    struct stat opened = {0};
    struct stat named = {0};

    return fstat(file, &opened) == 0 && lstat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static enum neuron_status
fail_held(const char *path, pid_t pid, struct neuron_error *error)
{
    if (pid > 0) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "process %ld is at work on the job of %s; wait for it, or end it",
                           (long)pid, path);
    }
    return NEURON_FAIL(error, NEURON_STOPPED,
                       "a process of another host is at work on the job of %s; wait for it, or end "
                       "it",
                       path);
}

/* Finds who has the lock: false when nobody has it any more. -1 is a process of another host. */
static bool
find_holder(int file, pid_t *pid)
{
    struct flock lock = make_lock();

    if (fcntl(file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
        return false;
    }
    *pid = lock.l_pid > 0 ? lock.l_pid : -1;
    return true;
}

/* Locks the file, or tells who has the lock. */
static enum neuron_status
take_lock(int file, const char *path, pid_t *holder, struct neuron_error *error)
{
    enum { ATTEMPTS = 100 }; /* at a lock whose holder ends between two calls */
    pid_t pid = 0;

    for (int i = 0; i < ATTEMPTS; i += 1) {
        struct flock lock = make_lock();

        if (fcntl(file, F_SETLK, &lock) == 0) {
            return NEURON_OK;
        }
        if (errno != EACCES && errno != EAGAIN && errno != EINTR) {
            return fail_lock(path, error);
        }
        if (find_holder(file, &pid)) {
            *holder = pid;
            return fail_held(path, pid, error);
        }
    }
    errno = EAGAIN;
    return fail_lock(path, error);
}

/* Leaves no empty file behind where locks do not work at all. */
static void
remove_empty(int file, const char *path)
{
    struct stat status = {0};

    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0) {
        (void)unlink(path);
    }
}

enum neuron_status
neuron_journal_lock_open(const char *path, int *file, pid_t *holder, struct neuron_error *error)
{
    for (;;) {
        struct stat status = {0};
        int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);

        if (opened < 0) {
            return NEURON_FAIL(
                error, errno == EISDIR || errno == ELOOP ? NEURON_INVALID_ARGUMENT : NEURON_SYSTEM,
                "%s cannot be opened: %s", path, strerrordesc_np(errno));
        }
        if (fstat(opened, &status) != 0 || !S_ISREG(status.st_mode)) {
            (void)close(opened);
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s is no regular file; remove it, or name another output", path);
        }
        pid_t pid = 0;
        enum neuron_status taken = take_lock(opened, path, holder != NULL ? holder : &pid, error);
        if (taken == NEURON_OK && neuron_journal_lock_is_in_place(opened, path)) {
            *file = opened;
            return NEURON_OK;
        }
        if (taken == NEURON_SYSTEM) {
            remove_empty(opened, path);
        }
        (void)close(opened);
        if (taken != NEURON_OK) {
            return taken;
        }
    }
}

/* Makes the name of a file in a folder last. Some file systems have nothing to do for that. */
static enum neuron_status
sync_folder_of(const char *path, struct neuron_error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path) + 1);
    int file = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = file >= 0 && (fsync(file) == 0 || errno == EINVAL);
    enum neuron_status status =
        is_synced ? NEURON_OK
                  : fail_system(path, "is in a folder that cannot be synced to disk", error);

    if (file >= 0) {
        (void)close(file);
    }
    free(folder);
    return status;
}

enum neuron_status
neuron_journal_lock_replace(int *file, const char *path, const char *new_path,
                            const struct neuron_journal_bytes *content, struct neuron_error *error)
{
    (void)unlink(new_path);
    int made = open(new_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (made < 0) {
        return fail_system(new_path, "cannot be created", error);
    }
    enum neuron_status status = lock_new(made, new_path, error);
    if (status == NEURON_OK &&
        (!neuron_write_at(made, content->bytes, content->size_bytes, 0) || fsync(made) != 0)) {
        status = fail_system(new_path, "cannot be written", error);
    }
    if (status == NEURON_OK && rename(new_path, path) != 0) {
        status = fail_system(path, "cannot be put in place", error);
    }
    if (status != NEURON_OK) {
        (void)unlink(new_path);
        (void)close(made);
        return status;
    }
    (void)close(*file);
    *file = made;
    return sync_folder_of(path, error);
}
