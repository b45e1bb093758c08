/* SPDX-License-Identifier: Apache-2.0 */
/* A child process of our own: started, watched, killed, and waited for. */
#ifndef NEURON_DP_EXECUTOR_PROCESS_H
#define NEURON_DP_EXECUTOR_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

enum { NEURON_PROCESS_END_BYTES = 48, NEURON_PROCESS_FILE_LIMIT = 8 };

/* One with pid 0 is none. */
struct neuron_executor_process {
    pid_t pid;
    int watch; /* a descriptor that becomes readable when the process has ended */
};

/*
 * Starts a program without arguments. It inherits the environment, the folder and the CPU affinity
 * of the calling thread, and its standard error, to which its standard output goes as well; its
 * standard input is empty. The keys that end a program in the foreground do not reach it.
 *
 * files    become its descriptors from 3 on, and stay the caller's. It has no others.
 * count    at most NEURON_PROCESS_FILE_LIMIT.
 * process  receives the process. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_executor_process_start(const char *path, const int *files, uint32_t count,
                              struct neuron_executor_process *process, struct neuron_error *error);

/* Kills a process that may have ended already. */
void
neuron_executor_process_kill(const struct neuron_executor_process *process);

/*
 * Waits until a process has ended, and leaves nothing of it behind.
 *
 * end  receives how it ended: "was killed by SIGSEGV", "exited with status 3".
 */
void
neuron_executor_process_reap(struct neuron_executor_process *process,
                             char end[NEURON_PROCESS_END_BYTES]);

#endif
