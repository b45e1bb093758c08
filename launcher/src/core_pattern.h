/* SPDX-License-Identifier: Apache-2.0 */
/* Where the kernel writes a core dump: its pattern, filled in. A function from values to values. */
#ifndef NEURON_LAUNCHER_CORE_PATTERN_H
#define NEURON_LAUNCHER_CORE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The process that dumped core. */
struct neuron_core_pattern_process {
    pid_t process;
    uid_t user;
    gid_t group;
    int signal_number;
    const char *program; /* its path */
    const char *host;
    bool adds_pid; /* kernel.core_uses_pid: ".PID" goes behind a pattern without %p */
};

/*
 * Fills in a pattern of kernel.core_pattern.
 *
 * name  receives the file's name, relative to the process's directory unless it starts with "/".
 *
 * Says whether the name is known: not where a program takes the dump ("|..."), the pattern asks for
 * what only the kernel knows, such as the time, or the name is too long.
 */
bool
neuron_core_pattern_fill(const char *pattern, const struct neuron_core_pattern_process *process,
                         char *name, size_t size_bytes);

#endif
