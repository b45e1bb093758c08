/* SPDX-License-Identifier: Apache-2.0 */
/* The processes that a process has started, and whether they are still there. */
#ifndef NEURON_TESTS_OWN_CHILDREN_H
#define NEURON_TESTS_OWN_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Lists the children of a process, zombies included; says how many there are, at most `limit`. */
uint32_t
list_children(pid_t parent, pid_t *children, uint32_t limit);

/* The one child that this process has; fails the test when it has none, or more. */
pid_t
only_child(void);

/* Says whether a process is there, with any thread. */
bool
is_process_running(pid_t pid);

/* Waits until it is not, for ten seconds at most; says whether that came about. */
bool
process_ends(pid_t pid);

#endif
