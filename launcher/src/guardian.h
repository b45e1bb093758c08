/* SPDX-License-Identifier: Apache-2.0 */
/* The processes around the launcher, which leave nobody behind. */
#ifndef NEURON_LAUNCHER_GUARDIAN_H
#define NEURON_LAUNCHER_GUARDIAN_H

#include <signal.h>

/* The signals that a launch takes in one by one. */
void
neuron_guardian_fill_signals(sigset_t *signals);

/* What the launcher proper does; returns its exit code. */
typedef int
neuron_guardian_launch_fn(const void *argument);

/*
 * Runs a function in the launcher, the child of a keeper, which is a child of this process, the
 * guardian. Whichever of the three is killed, another one kills every process of the job; the
 * keeper stands in a process group of its own, so that no signal to the group of the others ends
 * all three. When the launcher ends by itself, every process that it started has ended before this
 * returns. Signals sent to the guardian by other processes go on to the launcher; those of the
 * terminal reach it by themselves.
 *
 * Blocks the signals of neuron_guardian_fill_signals() for both.
 *
 * Returns the launcher's exit code, or 128 + signal when it was killed.
 */
int
neuron_guardian_run(neuron_guardian_launch_fn *launch, const void *argument);

#endif
