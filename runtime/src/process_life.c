/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/process_life.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "neuron/process_identity.h"

/* The letter of a process's state; 0 where there is no such process. */
static char
state_of(pid_t pid)
{
    char path[64] = "";
    char text[512] = "";

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return '\0';
    }
    ssize_t length = read(file, text, sizeof(text) - 1);
    (void)close(file);
    text[length > 0 ? length : 0] = '\0';
    /* The name before it may hold brackets of its own. */
    const char *end = strrchr(text, ')');
    if (end == NULL || end[1] != ' ') {
        return '\0';
    }
    return end[2];
}

bool
neuron_process_lives(pid_t pid, uint64_t start_ticks)
{
    char state = state_of(pid);

    return state != '\0' && state != 'Z' && state != 'X' &&
           neuron_process_start_ticks(pid) == start_ticks;
}

bool
neuron_process_is_stopped(pid_t pid, uint64_t start_ticks)
{
    char state = state_of(pid);

    return (state == 'T' || state == 't') && neuron_process_start_ticks(pid) == start_ticks;
}
