/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the file that a process dumped core to. */
#ifndef NEURON_LAUNCHER_CORE_FILE_H
#define NEURON_LAUNCHER_CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "exit_report.h"

/*
 * Finds the core file of a rank that dumped core, where kernel.core_pattern names a file and it is
 * there: in the directory that the rank was started in, unless the pattern says where.
 *
 * path  receives the absolute path.
 *
 * Says whether there is one.
 */
bool
neuron_core_file_find(const struct neuron_exit_report *report, char *path, size_t size_bytes);

#endif
