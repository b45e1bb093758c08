/* SPDX-License-Identifier: Apache-2.0 */
#include "mpi_fit.h"

#include <stdio.h>
#include <stdlib.h>

#include "mpi_kind.h"
#include "program_path.h"

bool
neuron_mpi_fit_warn(const struct neuron_command_line *line, char *const *paths,
                    const char *library_path, char *text, size_t size_bytes)
{
    bool is_pmix = line->mpi == NEURON_LAUNCH_MPI_PMIX;
    enum neuron_launch_mpi other = is_pmix ? NEURON_LAUNCH_MPI_PMI1 : NEURON_LAUNCH_MPI_PMIX;

    if (!is_pmix && line->mpi != NEURON_LAUNCH_MPI_PMI1) {
        return false;
    }
    for (uint32_t i = 0; i < line->program_count; i += 1) {
        if (neuron_mpi_kind_of_program(paths[i], library_path) == other) {
            (void)snprintf(text, size_bytes,
                           "%.120s links %s, whose ranks are alone with --mpi %s; leave that out, "
                           "or say --mpi %s",
                           paths[i], is_pmix ? "MPICH" : "Open MPI", is_pmix ? "pmix" : "pmi1",
                           is_pmix ? "pmi1" : "pmix");
            return true;
        }
    }
    return false;
}

/* What a program wants, as far as its file can be seen from here. */
static enum neuron_launch_mpi
kind_seen_here(const struct neuron_launch_program *program, const char *search,
               const char *library_path)
{
    struct neuron_error unused = {0};
    enum neuron_launch_mpi kind = NEURON_LAUNCH_MPI_OFF;
    char *path = NULL;

    if (neuron_program_path_find(program->arguments[0], search, &path, &unused) == 0 &&
        (path[0] == '/' || program->working_directory == NULL)) {
        kind = neuron_mpi_kind_of_program(path, library_path);
    }
    free(path);
    return kind;
}

enum neuron_status
neuron_mpi_fit_check_hosts(const struct neuron_command_line *line, const char *search,
                           const char *library_path, struct neuron_error *error)
{
    for (uint32_t i = 0; line->mpi != NEURON_LAUNCH_MPI_OFF && i < line->program_count; i += 1) {
        const struct neuron_launch_program *program = &line->programs[i];

        if (kind_seen_here(program, search, library_path) == NEURON_LAUNCH_MPI_PMI1) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%.120s: an MPICH program; on several hosts only Open MPI programs "
                               "find their world; build it with Open MPI, or give --mpi off",
                               program->arguments[0]);
        }
    }
    return NEURON_OK;
}
