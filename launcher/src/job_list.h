/* SPDX-License-Identifier: Apache-2.0 */
/* The jobs on this machine, as a table: --ps. */
#ifndef NEURON_LAUNCHER_JOB_LIST_H
#define NEURON_LAUNCHER_JOB_LIST_H

#include <stdio.h>

#include "neuron/status.h"

/*
 * Prints who holds cores: pid, user, start, ranks, cores, command.
 *
 * directory  of the core leases; NULL for the usual one.
 *
 * Returns NEURON_SYSTEM, also where the table cannot be written, or NEURON_OUT_OF_MEMORY.
 */
enum neuron_status
neuron_job_list_print(const char *directory, FILE *file, struct neuron_error *error);

#endif
