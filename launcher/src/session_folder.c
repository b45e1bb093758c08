/* SPDX-License-Identifier: Apache-2.0 */
#include "session_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char shared_memory[] = "/dev/shm";
static const char prefix[] = "neuronrun-mpi-";

enum {
    TRY_LIMIT = 8,    /* a sweep may take a new folder for one that was left behind */
    OPEN_FOLDERS = 16 /* at once, while a tree is removed */
};

static int
remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    (void)remove(path);
    return 0;
}

static void
remove_tree(const char *path)
{
    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    (void)nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

void
neuron_session_folder_remove_foreign(const char *path)
{
    struct stat status = {0};
    char parent[PATH_MAX] = "";
    const char *name = strrchr(path, '/');

    if (name == NULL || (size_t)(name - path) >= sizeof(parent)) {
        return;
    }
    memcpy(parent, path, (size_t)(name - path));
    const char *top = strrchr(parent, '/');
    if (top == NULL || strncmp(top, "/ompi.", strlen("/ompi.")) != 0 || lstat(path, &status) != 0 ||
        !S_ISDIR(status.st_mode) || status.st_uid != geteuid()) {
        return;
    }
    remove_tree(path);
    /* Other jobs may have theirs in it. */
    (void)rmdir(parent);
}

/* Says whether a path still leads to an open folder. */
static bool
is_at(int folder, const char *path)
{
    struct stat opened = {0};
    struct stat found = {0};

    return fstat(folder, &opened) == 0 && lstat(path, &found) == 0 &&
           opened.st_dev == found.st_dev && opened.st_ino == found.st_ino;
}

/* Opens a folder of this user and locks it. Returns -1 where it is none, or somebody holds it. */
static int
lock_folder(const char *path)
{
    struct stat status = {0};
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (folder < 0) {
        return -1;
    }
    if (fstat(folder, &status) == 0 && status.st_uid == geteuid() &&
        flock(folder, LOCK_EX | LOCK_NB) == 0 && is_at(folder, path)) {
        return folder;
    }
    (void)close(folder);
    return -1;
}

/* Makes a locked folder. Returns -1 where that fails; errno says why. */
static int
make_folder(const char *parent, char path[NEURON_SESSION_PATH_BYTES])
{
    for (int i = 0; i < TRY_LIMIT; i += 1) {
        int length = snprintf(path, NEURON_SESSION_PATH_BYTES, "%s/%s%u-XXXXXX", parent, prefix,
                              (unsigned)geteuid());

        if (length >= NEURON_SESSION_PATH_BYTES) {
            errno = ENAMETOOLONG;
            break;
        }
        if (mkdtemp(path) == NULL) {
            break;
        }
        int lock = lock_folder(path);
        if (lock >= 0) {
            return lock;
        }
        (void)rmdir(path);
        errno = EAGAIN;
    }
    path[0] = '\0';
    return -1;
}

static const char *
parent_of_files(const char *temporary)
{
    return temporary == NULL || temporary[0] == '\0' ? "/tmp" : temporary;
}

enum neuron_status
neuron_session_folder_create(const char *temporary, struct neuron_session_folder *folder,
                             struct neuron_error *error)
{
    const char *parent = parent_of_files(temporary);

    *folder = (struct neuron_session_folder){.files_lock = -1, .shared_lock = -1};
    folder->files_lock = make_folder(parent, folder->files);
    if (folder->files_lock < 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot make a folder for the job in %.120s: %s; TMPDIR names another "
                           "place",
                           parent, strerrordesc_np(errno));
    }
    folder->shared_lock = make_folder(shared_memory, folder->shared);
    return NEURON_OK;
}

void
neuron_session_folder_destroy(struct neuron_session_folder *folder)
{
    if (folder->files[0] != '\0') {
        remove_tree(folder->files);
        (void)close(folder->files_lock);
    }
    if (folder->shared[0] != '\0') {
        remove_tree(folder->shared);
        (void)close(folder->shared_lock);
    }
    *folder = (struct neuron_session_folder){.files_lock = -1, .shared_lock = -1};
}

static void
sweep_parent(const char *parent)
{
    char own[sizeof(prefix) + 16] = "";
    char path[NEURON_SESSION_PATH_BYTES] = "";
    int own_length = snprintf(own, sizeof(own), "%s%u-", prefix, (unsigned)geteuid());
    DIR *folder = opendir(parent);
    const struct dirent *entry = NULL;

    /* One thread: NOLINTNEXTLINE(concurrency-mt-unsafe) */
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, own, (size_t)own_length) != 0 ||
            snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name) >= (int)sizeof(path)) {
            continue;
        }
        int lock = lock_folder(path);
        if (lock >= 0) {
            remove_tree(path);
            (void)close(lock);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
}

void
neuron_session_folder_sweep(const char *temporary)
{
    sweep_parent(parent_of_files(temporary));
    sweep_parent(shared_memory);
}
