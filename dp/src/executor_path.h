/* SPDX-License-Identifier: Apache-2.0 */
/* Where the program is that isolated replicas run in. */
#ifndef NEURON_DP_EXECUTOR_PATH_H
#define NEURON_DP_EXECUTOR_PATH_H

#include <limits.h>

#include "neuron/status.h"

/*
 * Finds neuron-executor: at the path that is given; else where NEURON_EXECUTOR_PATH says; else
 * beside this library, or the program that it is linked into, or where an installation has it seen
 * from there; else where it was configured to be installed.
 *
 * given  NULL for none.
 * path   receives what was found. Unchanged on failure.
 *
 * Returns NEURON_SYSTEM, with what to do, when it is not there or cannot be executed; one that was
 * named has to be right, no other place is tried.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_executor_path_find(const char *given, char path[PATH_MAX], struct neuron_error *error);

#endif
