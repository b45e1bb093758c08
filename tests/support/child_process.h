/* SPDX-License-Identifier: Apache-2.0 */
/* A second real process that reports to the test, and does its next step when it is told to. */
#ifndef NEURON_TESTS_CHILD_PROCESS_H
#define NEURON_TESTS_CHILD_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The test's end. */
struct child_process {
    pid_t pid;
    int reports; /* read here what the child tells; -1 when finished */
    int orders;  /* write here */
};

/* The child's end. */
struct child_side {
    int reports;
    int orders;
};

/* What the child does. It asserts nothing: it reports, and the test judges. */
typedef void
child_process_fn(const struct child_side *side, const void *argument);

/* Starts a child; it runs `body` and exits with 0. `argument` is the child's copy of it. */
void
child_process_start(struct child_process *child, child_process_fn *body, const void *argument);

/* For the child: tells the test `size_bytes` bytes, at most PIPE_BUF. */
void
child_side_report(const struct child_side *side, const void *report, size_t size_bytes);

/* For the child: waits for an order. Returns false when the test wants it to end. */
bool
child_side_wait(const struct child_side *side);

/* Waits for a report of this size; fails the test after ten seconds. */
void
child_process_read(const struct child_process *child, void *report, size_t size_bytes);

/* Tells the child to go on to its next step. */
void
child_process_order(const struct child_process *child);

/* Kills the child with SIGKILL and waits until it is gone. Its ends stay open. */
void
child_process_kill(struct child_process *child);

/* Tells the child to end, if it was not killed, waits until it is gone, and closes the ends.
   Returns its wait status, 0 for a killed one. */
int
child_process_finish(struct child_process *child);

#endif
