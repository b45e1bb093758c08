/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a job: starts its ranks, relays, waits, stops, reports. */
#ifndef NEURON_LAUNCHER_JOB_H
#define NEURON_LAUNCHER_JOB_H

#include "command_line.h"
#include "launch_plan.h"

/* What to run. Borrowed for the call. */
struct neuron_job_request {
    const struct neuron_command_line *line;
    const struct neuron_launch_plan *plan; /* its cores are claimed */
    const char *path;                      /* of the program */
    char *const *environment;              /* to inherit; ends with NULL */
};

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
