/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment says of the machine; neuron/runtime.h has what it says of the process. */
#ifndef NEURON_ENVIRONMENT_H
#define NEURON_ENVIRONMENT_H

#include <stddef.h>

#include "neuron/status.h"

/*
 * Names the variable that tells hwloc to invent a machine, or returns NULL where none does. With
 * HWLOC_THISSYSTEM, which says that the description is of this very machine, none does.
 */
const char *
neuron_environment_invented_machine(void);

/*
 * Finds the folder that NEURON_COMPILE_CACHE_URL, XDG_CACHE_HOME or HOME name for what is kept from
 * one process to the next (cache_folder.h).
 *
 * folder  receives its path; empty where there is none. Unchanged on failure.
 *
 * Returns NEURON_INVALID_SYNTAX, as neuron_cache_folder_choose().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_environment_cache_folder(char *folder, size_t size_bytes, struct neuron_error *error);

#endif
