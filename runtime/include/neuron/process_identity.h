/* SPDX-License-Identifier: Apache-2.0 */
/* Who a process is: what tells two processes with the same pid apart, and what a person knows. */
#ifndef NEURON_PROCESS_IDENTITY_H
#define NEURON_PROCESS_IDENTITY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads when a process started, in clock ticks since the machine did. A pid with its start names a
 * process for good; pids alone are used again.
 *
 * Returns 0 when there is no such process, or the kernel does not tell.
 * Any thread.
 */
NEURON_API uint64_t
neuron_process_start_ticks(pid_t pid);

/*
 * Writes the command line of a process with blanks between its words, or its short name where there
 * is none; nothing where the kernel does not tell. Other bytes are as the process has them.
 * Any thread.
 */
NEURON_API void
neuron_process_read_command(pid_t pid, char *command, size_t size_bytes);

/*
 * Writes when a process started, as "2026-11-20 23:10:05"; nothing where the kernel does not tell.
 * Any thread.
 */
NEURON_API void
neuron_process_read_start(pid_t pid, char *since, size_t size_bytes);

/*
 * Writes the name of the user whom a process belongs to, or the number where it has no name;
 * nothing where the kernel does not tell. Any thread.
 */
NEURON_API void
neuron_process_read_user(pid_t pid, char *user, size_t size_bytes);

/*
 * Writes "pid 4242 (serve.py) since 2026-11-20 23:10:05" for the error of somebody whom that
 * process is in the way of; less where the kernel does not tell, and "of USER" where it is not
 * one of the calling process's user.
 *
 * pid         0 for a process that this one cannot see, in another container.
 * text        receives at most `size_bytes` bytes with the terminator.
 *
 * Returns the text.
 * Any thread.
 */
NEURON_API const char *
neuron_process_describe(pid_t pid, char *text, size_t size_bytes);

#ifdef __cplusplus
}
#endif

#endif
