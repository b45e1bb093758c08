/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says of a thread of this process. */
#ifndef NEURON_TESTS_THREAD_STATE_H
#define NEURON_TESTS_THREAD_STATE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Waits until a thread sleeps in the kernel. Returns false when it does not within ten seconds.
 * Asserts nothing, so any thread may call it.
 */
bool
thread_falls_asleep(pid_t thread);

/* Says how many threads this process has; 0 when that cannot be read. */
unsigned
thread_count(void);

/*
 * Says how many threads a program has to start with: those that a sanitizer starts beside the first
 * thread of the program included, for a thread is started, joined and gone. Returns 0 on failure.
 */
unsigned
thread_count_at_rest(void);

/*
 * Waits until this process has no more threads than so many: one that was joined is listed for a
 * moment yet. Returns false when it has more after ten seconds.
 */
bool
thread_count_falls_to(unsigned count);

#endif
