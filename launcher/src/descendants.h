/* SPDX-License-Identifier: Apache-2.0 */
/* Ends and reaps what this process has started, whatever became of it. */
#ifndef NEURON_LAUNCHER_DESCENDANTS_H
#define NEURON_LAUNCHER_DESCENDANTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The calling process is a child subreaper: descendants that lose their parent, also in a session
 * of their own, become its children. So it is enough to kill children until none comes after:
 * nobody else's process can be hit, as a pid stays ours until we reap it.
 */

/* Makes the calling process a child subreaper. */
void
neuron_descendants_adopt(void);

/*
 * Kills all descendants and reaps them. SIGCHLD is blocked. Blocks until none is left, or for some
 * seconds where the kernel does not let one go.
 *
 * Returns how many are left: 0 but in that case.
 */
uint32_t
neuron_descendants_kill(void);

/* Says that a child is somebody else's to reap. */
typedef bool
neuron_descendants_keep_fn(pid_t child, const void *argument);

/* Reaps adopted children that have ended, without waiting, and leaves those alone that are kept. */
void
neuron_descendants_reap(neuron_descendants_keep_fn *keep, const void *argument);

#endif
