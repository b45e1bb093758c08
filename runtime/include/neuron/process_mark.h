/* SPDX-License-Identifier: Apache-2.0 */
/* Tells a process from the children that it forks. */
#ifndef NEURON_PROCESS_MARK_H
#define NEURON_PROCESS_MARK_H

#include <stdbool.h>

#include "neuron/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A forked child has the memory of its parent, but neither its threads nor its locks on files. A
 * mark is a page that the kernel empties in every child: asking it costs no system call, and is
 * right also where the child has the number of its parent, as in a new PID namespace.
 */
struct neuron_process_mark;

/*
 * Marks the calling process.
 *
 * mark  receives a new mark, which the caller destroys. Unchanged on failure.
 *
 * Returns NEURON_OUT_OF_MEMORY.
 * Any thread.
 */
NEURON_API NEURON_MUST_CHECK enum neuron_status
neuron_process_mark_create(struct neuron_process_mark **mark, struct neuron_error *error);

/* Says whether the calling process is the one that made the mark. Any thread. */
NEURON_API bool
neuron_process_mark_is_own(const struct neuron_process_mark *mark);

/* Destroys a mark, also in a child. Accepts NULL. */
NEURON_API void
neuron_process_mark_destroy(struct neuron_process_mark *mark);

#ifdef __cplusplus
}
#endif

#endif
