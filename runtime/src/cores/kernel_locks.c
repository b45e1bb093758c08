/* SPDX-License-Identifier: Apache-2.0 */
#include "cores/kernel_locks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "growing_array.h"

/* Reads "7: POSIX  ADVISORY  READ  4242 00:1a:77 0 EOF"; says whether a line is such a lock. Those
   that wait for another have "->" behind the number. */
static bool
parse_line(const char *line, struct neuron_kernel_lock *lock)
{
    char kind[8] = "";
    int pid = 0;
    const char *after = strstr(line, ": POSIX ");

    if (after == NULL ||
        /* The kernel's numbers fit. NOLINTNEXTLINE(cert-err34-c) */
        sscanf(after, ": POSIX %*s %7s %d %" SCNx32 ":%" SCNx32 ":%" SCNu64 " %" SCNu64, kind, &pid,
               &lock->device_major, &lock->device_minor, &lock->inode, &lock->first_byte) != 6) {
        return false;
    }
    lock->pid = pid;
    lock->is_shared = strcmp(kind, "READ") == 0;
    return true;
}

enum neuron_status
neuron_kernel_locks_read(struct neuron_kernel_locks *locks, struct neuron_error *error)
{
    char line[256] = "";
    FILE *file = fopen("/proc/locks", "re");
    enum neuron_status status = NEURON_OK;

    while (file != NULL && status == NEURON_OK && fgets(line, sizeof(line), file) != NULL) {
        struct neuron_kernel_lock lock = {0};

        if (!parse_line(line, &lock)) {
            continue;
        }
        struct neuron_kernel_lock *grown =
            neuron_grow(locks->locks, locks->count, &locks->room, sizeof(*grown));
        if (grown == NULL) {
            status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a list of locks");
            break;
        }
        locks->locks = grown;
        grown[locks->count] = lock;
        locks->count += 1;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return status;
}

void
neuron_kernel_locks_clear(struct neuron_kernel_locks *locks)
{
    free(locks->locks);
    *locks = (struct neuron_kernel_locks){0};
}
