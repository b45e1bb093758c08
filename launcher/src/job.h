/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a job: starts its ranks, relays, waits, stops, reports. */
#ifndef NEURON_LAUNCHER_JOB_H
#define NEURON_LAUNCHER_JOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "command_line.h"
#include "job_log_file.h"
#include "launch_plan.h"
#include "mpi_world.h"

/* What to run. Borrowed for the call. */
struct neuron_job_request {
    const struct neuron_command_line *line;
    const struct neuron_launch_plan *plan; /* its cores are claimed */
    char *const *paths;                    /* of the programs, in the order of the line */
    char *const *environment;              /* to inherit; ends with NULL */
    struct neuron_mpi_world *world;        /* NULL for programs without MPI */
    const bool *left_out;                  /* ranks that are not started, by rank; NULL for none */
    struct neuron_job_log_file *log;       /* of --joblog; NULL for none */

    /* Zero at first: the job fills them in. */
    uint32_t restart_count; /* attempts before this one */
    struct rlimit files;    /* the limit on open files that the ranks shall have */
};

/* Where the program of a rank lies. */
const char *
neuron_job_path(const struct neuron_job_request *request, uint32_t rank);

/*
 * Runs a job to its end, and prints why it failed where it did. When it returns, no process that
 * the job started is left.
 *
 * The signals of neuron_guardian_fill_signals() are blocked.
 *
 * Returns the exit code of neuronrun.
 */
int
neuron_job_run(const struct neuron_job_request *request);

#endif
