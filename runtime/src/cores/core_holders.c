/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/core_holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cores/lease_files.h"

/* The file of a core. */
struct core_file {
    uint32_t core;
    bool is_invented;
};

/* Reads "core-7" or "invented-HASH-core-7"; says whether the name is one of these. */
static bool
parse_name(const char *name, struct core_file *file)
{
    const char *core = strstr(name, "core-");
    char *end = NULL;

    if (core == NULL || (core != name && strncmp(name, "invented-", strlen("invented-")) != 0)) {
        return false;
    }
    const char *digits = core + strlen("core-");
    unsigned long number = strtoul(digits, &end, 10);
    if (*digits < '0' || *digits > '9' || *end != '\0' || number >= NEURON_CORE_NUMBER_LIMIT) {
        return false;
    }
    *file = (struct core_file){.core = (uint32_t)number, .is_invented = core != name};
    return true;
}

static enum neuron_core_lease_kind
kind_of(const struct flock *lock)
{
    if (lock->l_type == F_RDLCK) {
        return NEURON_CORE_LEASE_SHARED;
    }
    return lock->l_len == 1 ? NEURON_CORE_LEASE_RESERVATION : NEURON_CORE_LEASE_USE;
}

/* Asks the kernel for the outermost lock of a file; says whether there is one. */
static bool
find_lock(int folder, const char *name, struct flock *lock)
{
    struct stat status = {0};
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool is_found = false;

    if (file < 0) {
        return false;
    }
    bool is_plain = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    for (uint32_t depth = 0; is_plain && !is_found && depth < NEURON_LEASE_DEPTH_LIMIT;
         depth += 1) {
        *lock = (struct flock){
            .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)depth, .l_len = 1};
        is_found = fcntl(file, F_GETLK, lock) == 0 && lock->l_type != F_UNLCK;
    }
    (void)close(file);
    return is_found;
}

/* The entry of a process, which is added where it is new; NULL without memory. */
static struct neuron_core_holder *
find_holder(struct neuron_core_holders *list, const struct neuron_core_holder *wanted,
            struct neuron_error *error)
{
    for (uint32_t i = 0; i < list->count; i += 1) {
        if (list->holders[i].pid == wanted->pid &&
            list->holders[i].is_invented == wanted->is_invented) {
            return &list->holders[i];
        }
    }
    struct neuron_core_holder *grown =
        reallocarray(list->holders, (size_t)list->count + 1, sizeof(*grown));
    if (grown == NULL) {
        neuron_error_set(error, NEURON_OUT_OF_MEMORY, "out of memory for the holders of cores");
        return NULL;
    }
    list->holders = grown;
    grown[list->count] = *wanted;
    if (neuron_core_set_create(0, 0, &grown[list->count].cores, error) != NEURON_OK) {
        return NULL;
    }
    list->count += 1;
    return &grown[list->count - 1];
}

static enum neuron_status
add_file(struct neuron_core_holders *list, int folder, const char *name, struct neuron_error *error)
{
    struct core_file file = {0};
    struct flock lock = {0};

    if (!parse_name(name, &file) || !find_lock(folder, name, &lock)) {
        return NEURON_OK;
    }
    const struct neuron_core_holder wanted = {.pid = lock.l_pid > 0 ? lock.l_pid : 0,
                                              .kind = kind_of(&lock),
                                              .is_invented = file.is_invented};
    struct neuron_core_holder *holder = find_holder(list, &wanted, error);
    return holder == NULL ? NEURON_OUT_OF_MEMORY
                          : neuron_core_set_add(holder->cores, file.core, error);
}

static int
compare_holders(const void *left, const void *right)
{
    const struct neuron_core_holder *a = left;
    const struct neuron_core_holder *b = right;
    uint32_t first_a = neuron_core_set_at(a->cores, 0);
    uint32_t first_b = neuron_core_set_at(b->cores, 0);

    if (a->is_invented != b->is_invented) {
        return a->is_invented ? 1 : -1;
    }
    return (first_a > first_b) - (first_a < first_b);
}

enum neuron_status
neuron_core_holders_read(const char *directory, struct neuron_core_holders *holders,
                         struct neuron_error *error)
{
    const char *place = directory == NULL ? neuron_lease_files_place() : directory;
    struct neuron_core_holders list = {0};
    enum neuron_status status = NEURON_OK;
    DIR *folder = opendir(place);

    if (folder == NULL && errno != ENOENT) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read the folder of core leases %.120s: %s",
                           place, strerrordesc_np(errno));
    }
    /* One thread at a time. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (const struct dirent *entry = folder == NULL ? NULL : readdir(folder);
         status == NEURON_OK && entry != NULL;
         entry = readdir(folder)) { /* NOLINT(concurrency-mt-unsafe): as above */
        status = add_file(&list, dirfd(folder), entry->d_name, error);
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    if (status != NEURON_OK) {
        neuron_core_holders_clear(&list);
        return status;
    }
    if (list.count > 0) {
        qsort(list.holders, list.count, sizeof(*list.holders), compare_holders);
    }
    *holders = list;
    return NEURON_OK;
}

void
neuron_core_holders_clear(struct neuron_core_holders *holders)
{
    for (uint32_t i = 0; i < holders->count; i += 1) {
        neuron_core_set_destroy(holders->holders[i].cores);
    }
    free(holders->holders);
    *holders = (struct neuron_core_holders){0};
}
