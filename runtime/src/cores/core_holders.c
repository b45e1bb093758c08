/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/core_holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "cores/kernel_locks.h"
#include "cores/lease_files.h"
#include "cores/topology_body.h"

/* The file of a core. */
struct core_file {
    uint32_t core;
    uint64_t machine; /* which invented one; 0 for the real one */
};

/* Which leases are looked for. */
enum scope { OUTERMOST, ALL };

/* A list in the making. */
struct search {
    enum scope scope;
    struct neuron_kernel_locks locks; /* of ALL: of those who share a core, fcntl() names but one */
    bool has_locks;
    struct neuron_core_holders list;
};

/* Reads "core-7" or "invented-HASH-core-7"; says whether the name is one of these. */
static bool
parse_name(const char *name, struct core_file *file)
{
    static const char invented[] = "invented-";
    const int hash_base = 16;
    char *end = NULL;

    file->machine = 0;
    if (strncmp(name, invented, strlen(invented)) == 0) {
        file->machine = strtoull(name + strlen(invented), &end, hash_base);
        if (*end != '-') {
            return false;
        }
        name = end + 1;
    }
    if (strncmp(name, "core-", strlen("core-")) != 0) {
        return false;
    }
    const char *digits = name + strlen("core-");
    unsigned long number = strtoul(digits, &end, 10);
    file->core = (uint32_t)number;
    return *digits >= '0' && *digits <= '9' && *end == '\0' && number < NEURON_CORE_NUMBER_LIMIT;
}

static enum neuron_core_lease_kind
kind_of(const struct flock *lock)
{
    if (lock->l_type == F_RDLCK) {
        return NEURON_CORE_LEASE_SHARED;
    }
    return lock->l_len == 1 ? NEURON_CORE_LEASE_RESERVATION : NEURON_CORE_LEASE_USE;
}

/* Asks the kernel for a lock from a depth of a file on, so many of them or (0) all; says whether
   there is one. */
static bool
find_lock(int file, uint32_t depth, uint32_t count, struct flock *lock)
{
    *lock = (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)depth, .l_len = (off_t)count};
    return fcntl(file, F_GETLK, lock) == 0 && lock->l_type != F_UNLCK;
}

/* The entry of a process, which is added where it is new; NULL without memory. What a process holds
   of one machine is one entry, or one for each depth and kind where all leases are wanted. */
static struct neuron_core_holder *
find_holder(struct search *search, const struct neuron_core_holder *wanted,
            struct neuron_error *error)
{
    struct neuron_core_holders *list = &search->list;

    for (uint32_t i = 0; i < list->count; i += 1) {
        const struct neuron_core_holder *holder = &list->holders[i];
        bool is_same = holder->pid == wanted->pid && holder->machine == wanted->machine;
        bool is_alike = holder->kind == wanted->kind && holder->depth == wanted->depth;

        if (is_same && (search->scope == OUTERMOST || is_alike)) {
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
add_holder(struct search *search, const struct core_file *file,
           const struct neuron_core_holder *found, struct neuron_error *error)
{
    struct neuron_core_holder wanted = *found;

    wanted.machine = file->machine;
    wanted.is_invented = file->machine != 0;
    struct neuron_core_holder *holder = find_holder(search, &wanted, error);
    if (holder == NULL) {
        return NEURON_OUT_OF_MEMORY;
    }
    return neuron_core_set_contains(holder->cores, file->core)
               ? NEURON_OK
               : neuron_core_set_add(holder->cores, file->core, error);
}

/* Adds all that the kernel lists of those who share a core at a depth. */
static enum neuron_status
add_sharers(struct search *search, const struct core_file *file, const struct stat *state,
            uint32_t depth, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    /* Not before there is a need: the kernel holds up all locks of the machine for the list. */
    if (!search->has_locks) {
        status = neuron_kernel_locks_read(&search->locks, error);
        search->has_locks = true;
    }
    for (uint32_t i = 0; status == NEURON_OK && i < search->locks.count; i += 1) {
        const struct neuron_kernel_lock *lock = &search->locks.locks[i];
        const struct neuron_core_holder found = {
            .pid = lock->pid, .kind = NEURON_CORE_LEASE_SHARED, .depth = depth};

        if (lock->is_shared && lock->inode == state->st_ino &&
            lock->device_major == major(state->st_dev) &&
            lock->device_minor == minor(state->st_dev) && lock->first_byte == depth) {
            status = add_holder(search, file, &found, error);
        }
    }
    return status;
}

/* Adds the holders of a core's file, from the outermost inwards. */
static enum neuron_status
add_locks(struct search *search, const struct core_file *file, int descriptor,
          const struct stat *state, struct neuron_error *error)
{
    struct flock any = {0};
    enum neuron_status status = NEURON_OK;
    bool is_last = !find_lock(descriptor, 0, 0, &any); /* a free core costs one question */

    for (uint32_t depth = 0; status == NEURON_OK && !is_last && depth < NEURON_LEASE_DEPTH_LIMIT;
         depth += 1) {
        struct flock lock = {0};

        if (!find_lock(descriptor, depth, 1, &lock)) {
            continue;
        }
        const struct neuron_core_holder found = {
            .pid = lock.l_pid > 0 ? lock.l_pid : 0, .kind = kind_of(&lock), .depth = depth};
        status = add_holder(search, file, &found, error);
        /* Who uses a core, alone or shared, leaves nothing to hold further in. */
        is_last = search->scope == OUTERMOST || found.kind != NEURON_CORE_LEASE_RESERVATION;
        if (status == NEURON_OK && search->scope == ALL && found.kind == NEURON_CORE_LEASE_SHARED) {
            status = add_sharers(search, file, state, depth, error);
        }
    }
    return status;
}

static enum neuron_status
add_file(struct search *search, int folder, const char *name, struct neuron_error *error)
{
    struct core_file file = {0};
    struct stat state = {0};
    enum neuron_status status = NEURON_OK;

    if (!parse_name(name, &file)) {
        return NEURON_OK;
    }
    int descriptor = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0 && (errno == EACCES || errno == EPERM)) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "cannot open the core lease file %.80s, so that nobody knows who holds "
                           "core %u: %s; its owner or root makes it readable (chmod 666)",
                           name, file.core, strerrordesc_np(errno));
    }
    if (descriptor < 0) {
        return NEURON_OK;
    }
    if (fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode)) {
        status = add_locks(search, &file, descriptor, &state, error);
    }
    (void)close(descriptor);
    return status;
}

static int
compare_holders(const void *left, const void *right)
{
    const struct neuron_core_holder *a = left;
    const struct neuron_core_holder *b = right;
    uint32_t first_a = neuron_core_set_at(a->cores, 0);
    uint32_t first_b = neuron_core_set_at(b->cores, 0);

    if (a->machine != b->machine) {
        return a->machine < b->machine ? -1 : 1;
    }
    if (first_a != first_b) {
        return first_a < first_b ? -1 : 1;
    }
    if (a->depth != b->depth) {
        return a->depth < b->depth ? -1 : 1;
    }
    return (a->pid > b->pid) - (a->pid < b->pid);
}

static int
compare_depths(const void *left, const void *right)
{
    const struct neuron_core_holder *a = left;
    const struct neuron_core_holder *b = right;

    if (a->machine != b->machine || a->depth == b->depth) {
        return compare_holders(left, right);
    }
    return a->depth < b->depth ? -1 : 1;
}

/* Opens the folder of lock files; NULL where there is none yet. */
static enum neuron_status
open_place(const char *place, DIR **folder, struct neuron_error *error)
{
    *folder = opendir(place);
    if (*folder == NULL && errno != ENOENT) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot read the folder of core leases %.120s: %s",
                           place, strerrordesc_np(errno));
    }
    return NEURON_OK;
}

static enum neuron_status
search_folder(struct search *search, const char *directory, struct neuron_error *error)
{
    DIR *folder = NULL;
    enum neuron_status status =
        open_place(directory == NULL ? neuron_lease_files_place() : directory, &folder, error);

    if (status != NEURON_OK || folder == NULL) {
        return status;
    }
    /* One thread at a time. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    for (const struct dirent *entry = readdir(folder); status == NEURON_OK && entry != NULL;
         entry = readdir(folder)) { /* NOLINT(concurrency-mt-unsafe): as above */
        status = add_file(search, dirfd(folder), entry->d_name, error);
    }
    (void)closedir(folder);
    return status;
}

static enum neuron_status
read_holders(const char *directory, enum scope scope, struct neuron_core_holders *holders,
             struct neuron_error *error)
{
    struct search search = {.scope = scope};
    enum neuron_status status = search_folder(&search, directory, error);

    neuron_kernel_locks_clear(&search.locks);
    if (status != NEURON_OK) {
        neuron_core_holders_clear(&search.list);
        return status;
    }
    if (search.list.count > 0) {
        qsort(search.list.holders, search.list.count, sizeof(*search.list.holders),
              scope == ALL ? compare_depths : compare_holders);
    }
    *holders = search.list;
    return NEURON_OK;
}

enum neuron_status
neuron_core_holders_read(const char *directory, struct neuron_core_holders *holders,
                         struct neuron_error *error)
{
    return read_holders(directory, OUTERMOST, holders, error);
}

enum neuron_status
neuron_core_holders_read_all(const char *directory, struct neuron_core_holders *holders,
                             struct neuron_error *error)
{
    return read_holders(directory, ALL, holders, error);
}

uint64_t
neuron_core_holders_machine(const struct neuron_topology *topology)
{
    return neuron_topology_is_invented(topology) ? neuron_topology_fingerprint(topology) : 0;
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
