/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a process of this host still does something. */
#ifndef NEURON_SCORE_PROCESS_LIFE_H
#define NEURON_SCORE_PROCESS_LIFE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Says whether that process runs, or is stopped; false once it has ended, also before its parent
 * asks. `start_ticks` tells it from a later one with the same number. Any thread. */
bool
neuron_process_lives(pid_t pid, uint64_t start_ticks);

/* Says whether that process lives, and is stopped by a signal or a debugger. Any thread. */
bool
neuron_process_is_stopped(pid_t pid, uint64_t start_ticks);

/* Writes the name of this host, as processes of a job tell it to each other. Any thread. */
void
neuron_host_read_name(char *name, size_t size_bytes);

#endif
