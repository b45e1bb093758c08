/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment says of the machine; neuron/runtime.h has what it says of the process. */
#ifndef NEURON_ENVIRONMENT_H
#define NEURON_ENVIRONMENT_H

/*
 * Names the variable that tells hwloc to invent a machine, or returns NULL where none does. With
 * HWLOC_THISSYSTEM, which says that the description is of this very machine, none does.
 */
const char *
neuron_environment_invented_machine(void);

#endif
