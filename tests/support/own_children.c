/* SPDX-License-Identifier: Apache-2.0 */
#include "own_children.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "check.h"

enum { PATIENCE_MS = 10000 };

/* Reads the parent of a process; false when it is gone. */
static bool
read_parent(pid_t pid, pid_t *parent)
{
    char path[64] = "";
    char line[512] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool is_read = fgets(line, sizeof(line), file) != NULL;
    (void)fclose(file);
    /* Behind the name, which may hold anything. */
    const char *behind = strrchr(line, ')');
    if (!is_read || behind == NULL || strlen(behind) < 4) {
        return false;
    }
    *parent = (pid_t)strtol(behind + 4, NULL, 10);
    return true;
}

uint32_t
list_children(pid_t parent, pid_t *children, uint32_t limit)
{
    DIR *folder = opendir("/proc");
    uint32_t count = 0;

    assert_non_null(folder);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the folder is this call's own */
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        pid_t pid =
            isdigit((unsigned char)entry->d_name[0]) ? (pid_t)strtol(entry->d_name, NULL, 10) : 0;
        pid_t found = 0;

        if (pid != 0 && count < limit && read_parent(pid, &found) && found == parent) {
            children[count] = pid;
            count += 1;
        }
    }
    assert_int_equal(closedir(folder), 0);
    return count;
}

pid_t
only_child(void)
{
    pid_t children[2] = {0, 0};

    assert_int_equal(list_children(getpid(), children, 2), 1);
    return children[0];
}

/* Waits for the end of a whole process: its first thread may be a zombie before the others. */
static bool
has_ended(pid_t pid, int timeout_ms)
{
    struct pollfd watch = {.fd = pidfd_open(pid, 0), .events = POLLIN};

    if (watch.fd < 0) {
        return errno == ESRCH;
    }
    int ended = poll(&watch, 1, timeout_ms);
    (void)close(watch.fd);
    return ended == 1;
}

bool
is_process_running(pid_t pid)
{
    return !has_ended(pid, 0);
}

bool
process_ends(pid_t pid)
{
    return has_ended(pid, PATIENCE_MS);
}
