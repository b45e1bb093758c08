/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an engine starts on each host in place of a rank: it asks the launcher what to run, takes
 * cores for it as a launch on one host does, starts it, and relays. It ends its rank when the
 * launcher falls silent.
 */
#ifndef NEURON_LAUNCHER_SHIM_H
#define NEURON_LAUNCHER_SHIM_H

/* Runs a shim, inside its guardian, with what the environment says. Returns its exit code. */
int
neuron_shim_run(void);

#endif
