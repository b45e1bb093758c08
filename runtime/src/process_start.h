/* SPDX-License-Identifier: Apache-2.0 */
/* When a process started, by the clock on the wall. */
#ifndef NEURON_PROCESS_START_H
#define NEURON_PROCESS_START_H

#include <sys/types.h>
#include <time.h>

/* Says when a process started, in seconds since 1970, the same at each look; -1 where the kernel
   does not tell. Any thread. */
time_t
neuron_process_start_time(pid_t pid);

#endif
