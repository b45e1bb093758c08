/* SPDX-License-Identifier: Apache-2.0 */
#include "score/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "score/rank_identity.h"

/* Positions that no payload reaches, and that fit every file system's idea of an offset. */
static const off_t decision_position = (off_t)1 << 61;
static const off_t first_rank_position = ((off_t)1 << 61) + 1;

static struct flock
lock_of(short type, off_t start, off_t length)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static enum neuron_status
fail_lock(const char *name, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM,
                       "%s cannot be locked: %s; write to a file system that has record locks",
                       name, strerrordesc_np(errno));
}

enum neuron_status
neuron_file_lock_enter(int file, const char *name, const volatile sig_atomic_t *stop_signal,
                       struct neuron_error *error)
{
    struct flock lock = lock_of(F_WRLCK, decision_position, 1);

    while (fcntl(file, F_SETLKW, &lock) != 0) {
        if (errno != EINTR) {
            return fail_lock(name, error);
        }
        if (stop_signal != NULL && *stop_signal != 0) {
            return NEURON_FAIL(error, NEURON_CANCELLED, "stopped while waiting for %s", name);
        }
    }
    return NEURON_OK;
}

void
neuron_file_lock_leave(int file)
{
    struct flock lock = lock_of(F_UNLCK, decision_position, 1);

    (void)fcntl(file, F_SETLK, &lock);
}

enum neuron_status
neuron_file_lock_claim_rank(int file, const char *name, uint32_t rank, struct neuron_error *error)
{
    struct flock lock = lock_of(F_WRLCK, first_rank_position + (off_t)rank, 1);

    return fcntl(file, F_SETLK, &lock) == 0 ? NEURON_OK : fail_lock(name, error);
}

static pid_t
find_holder(int file, off_t start, off_t length)
{
    struct flock lock = lock_of(F_WRLCK, start, length);

    if (fcntl(file, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) {
        return 0;
    }
    return lock.l_pid > 0 ? lock.l_pid : -1;
}

pid_t
neuron_file_lock_find_holder(int file, uint32_t rank)
{
    return find_holder(file, first_rank_position + (off_t)rank, 1);
}

pid_t
neuron_file_lock_find_any_holder(int file)
{
    return find_holder(file, first_rank_position, NEURON_WORLD_SIZE_LIMIT);
}
