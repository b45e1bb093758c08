/* SPDX-License-Identifier: Apache-2.0 */
/* Which server a program wants behind it: what it links tells. */
#ifndef NEURON_LAUNCHER_MPI_KIND_H
#define NEURON_LAUNCHER_MPI_KIND_H

#include "neuron/status.h"

#include "command_line.h"

/*
 * What a library's file name tells: NEURON_LAUNCH_MPI_PMIX for those of Open MPI and PMIx,
 * NEURON_LAUNCH_MPI_PMI1 for those of MPICH and its kin, else NEURON_LAUNCH_MPI_OFF.
 */
enum neuron_launch_mpi
neuron_mpi_kind_of_library(const char *name);

/*
 * What a program wants. Its own list of libraries is looked at, then those of the libraries, where
 * they are found; the system's own are passed over. A script wants nothing, as nobody knows what it
 * will run.
 *
 * library_path  as $LD_LIBRARY_PATH; may be NULL.
 */
enum neuron_launch_mpi
neuron_mpi_kind_of_program(const char *path, const char *library_path);

/*
 * What all programs of a line want: what the line says, or what they link.
 *
 * Returns NEURON_INVALID_ARGUMENT where they want different servers.
 */
enum neuron_status
neuron_mpi_kind_choose(const struct neuron_command_line *line, char *const *paths,
                       const char *library_path, enum neuron_launch_mpi *kind,
                       struct neuron_error *error);

#endif
