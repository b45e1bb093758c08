/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a process of this machine still does something. */
#ifndef NEURON_PROCESS_LIFE_H
#define NEURON_PROCESS_LIFE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Says whether that process runs, or is stopped; false once it has ended, also before its parent
 * asks.
 *
 * start_ticks  tells it from a later one with the same number (neuron_process_start_ticks()).
 *
 * Any thread.
 */
NEURON_API bool
neuron_process_lives(pid_t pid, uint64_t start_ticks);

/* Says whether that process lives, and is stopped by a signal or a debugger. Any thread. */
NEURON_API bool
neuron_process_is_stopped(pid_t pid, uint64_t start_ticks);

#ifdef __cplusplus
}
#endif

#endif
