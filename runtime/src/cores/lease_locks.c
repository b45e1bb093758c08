/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core is a file, and byte d of it stands for depth d of nesting:
 *
 *   use at depth d          write lock from byte d to infinity: nobody claims below or beside it
 *   shared use at depth d   the same with a read lock
 *   reservation at depth d  write lock of byte d alone; what it was given for starts at byte d + 1
 *   borrowed at depth d     no lock; the lender's use at depth d, seen by its lock of byte d + 1
 *
 * A claim inside a reservation first asks the kernel who locks the byte above. A reservation takes
 * the whole tail first and then gives back all but its byte, so that it sees workers that an
 * earlier, dead launcher left behind.
 *
 * The locks are the process's (F_SETLK), not the open file's: a forked child does not inherit them,
 * they end with the process even while such a child lives on, and F_GETLK names the holder. Their
 * price is that closing any descriptor of a file drops the process's locks on it. So each core has
 * a file of its own, and a file that this process holds already is never opened again: the notes in
 * the file of owners tell.
 */
#include "cores/lease_locks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct flock
lock_of(short type, uint32_t first_byte, off_t length)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)first_byte, .l_len = length};
}

/* Says that the parent does not hold a core. */
static enum neuron_status
refuse_parent(const struct neuron_lease_locks *locks, uint32_t core, struct neuron_error *error)
{
    if (locks->kind == NEURON_CORE_LEASE_BORROWED) {
        return NEURON_FAIL(error, NEURON_PEER_LOST,
                           "core %u is not used by pid %d, which lent it; that process ended, or "
                           "gave the core back",
                           core, (int)locks->parent.pid);
    }
    return NEURON_FAIL(error, NEURON_PEER_LOST,
                       "core %u is not reserved by pid %d, whose reservation NEURONRUN_LEASE "
                       "names; start this program under a launcher that runs, or unset it",
                       core, (int)locks->parent.pid);
}

/* Asks the kernel whether the parent holds its byte of the core. */
static enum neuron_status
check_parent(const struct neuron_lease_locks *locks, const struct neuron_held_core *opened,
             struct neuron_error *error)
{
    const struct neuron_core_lease_parent *parent = &locks->parent;
    uint32_t below = locks->kind == NEURON_CORE_LEASE_BORROWED ? 1 : 0;
    struct flock lock = lock_of(F_WRLCK, parent->depth + below, 1);

    if (parent->pid == 0) {
        return NEURON_OK;
    }
    if (fcntl(opened->file, F_GETLK, &lock) != 0) {
        return NEURON_FAIL(error, NEURON_SYSTEM, "cannot ask who holds core %u: %s", opened->core,
                           strerrordesc_np(errno));
    }
    if (lock.l_type == F_UNLCK || lock.l_pid != parent->pid) {
        return refuse_parent(locks, opened->core, error);
    }
    return NEURON_OK;
}

/* Locks an open core file, as the kind of lease has it; not one that is borrowed. */
static enum neuron_lock_outcome
lock_file(const struct neuron_lease_locks *locks, const char *folder,
          const struct neuron_held_core *opened, pid_t *holder, struct neuron_error *error)
{
    short type = locks->kind == NEURON_CORE_LEASE_SHARED ? F_RDLCK : F_WRLCK;
    struct flock lock = lock_of(type, locks->depth, 0);
    struct flock tail = lock_of(F_UNLCK, locks->depth + 1, 0);

    if (locks->kind == NEURON_CORE_LEASE_BORROWED) {
        return NEURON_LOCK_TAKEN;
    }
    if (fcntl(opened->file, F_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES) {
            neuron_error_set(error, NEURON_SYSTEM, "cannot lock core %u in %s: %s", opened->core,
                             folder, strerrordesc_np(errno));
            return NEURON_LOCK_FAILED;
        }
        if (fcntl(opened->file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
            lock.l_pid = 0;
        }
        *holder = lock.l_pid;
        return NEURON_LOCK_HELD_BY_OTHER;
    }
    if (locks->kind == NEURON_CORE_LEASE_RESERVATION && fcntl(opened->file, F_SETLK, &tail) != 0) {
        neuron_error_set(error, NEURON_SYSTEM, "cannot reserve core %u in %s: %s", opened->core,
                         folder, strerrordesc_np(errno));
        return NEURON_LOCK_FAILED;
    }
    return NEURON_LOCK_TAKEN;
}

enum neuron_lock_outcome
neuron_lease_locks_take(const struct neuron_lease_locks *locks,
                        const struct neuron_lease_files *files, uint32_t core,
                        struct neuron_held_core *held, pid_t *holder, struct neuron_error *error)
{
    struct neuron_held_core opened = {.core = core,
                                      .file = neuron_lease_files_open_core(files, core, error)};

    if (opened.file < 0) {
        return NEURON_LOCK_FAILED;
    }
    enum neuron_lock_outcome outcome = check_parent(locks, &opened, error) == NEURON_OK
                                           ? lock_file(locks, files->path, &opened, holder, error)
                                           : NEURON_LOCK_FAILED;
    if (outcome == NEURON_LOCK_TAKEN) {
        *held = opened;
    } else {
        (void)close(opened.file);
    }
    return outcome;
}
