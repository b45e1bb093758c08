/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the programs of a line link an MPI that finds its world through what the line asks for.
 */
#ifndef NEURON_LAUNCHER_MPI_FIT_H
#define NEURON_LAUNCHER_MPI_FIT_H

#include <stdbool.h>
#include <stddef.h>

#include "neuron/status.h"

#include "command_line.h"

enum { NEURON_MPI_FIT_BYTES = 256 };

/*
 * Says whether a program links another MPI than the one that --mpi names, and writes a line that
 * tells of the first. The line goes on: a look at libraries may be wrong.
 *
 * paths         of the line's programs.
 * library_path  as $LD_LIBRARY_PATH; may be NULL.
 */
bool
neuron_mpi_fit_warn(const struct neuron_command_line *line, char *const *paths,
                    const char *library_path, char *text, size_t size_bytes);

/*
 * Refuses programs of MPICH on several hosts, where the world is that of Open MPI's engine: each
 * rank would be alone. What cannot be read here is let through.
 *
 * search  as $PATH; may be NULL.
 *
 * Returns NEURON_INVALID_ARGUMENT.
 */
enum neuron_status
neuron_mpi_fit_check_hosts(const struct neuron_command_line *line, const char *search,
                           const char *library_path, struct neuron_error *error);

#endif
