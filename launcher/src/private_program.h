/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs are that only neuronrun starts. */
#ifndef NEURON_LAUNCHER_PRIVATE_PROGRAM_H
#define NEURON_LAUNCHER_PRIVATE_PROGRAM_H

#include <limits.h>

#include "neuron/status.h"

/*
 * Finds a program beside the running one, or where it is installed.
 *
 * path  receives its path. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM where it is at none of these places.
 */
enum neuron_status
neuron_private_program_find(const char *name, char path[PATH_MAX], struct neuron_error *error);

#endif
