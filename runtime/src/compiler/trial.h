/* SPDX-License-Identifier: Apache-2.0 */
/* A graph that is run while it is being compiled, to see how long it takes or what it gives. */
#ifndef NEURON_COMPILER_TRIAL_H
#define NEURON_COMPILER_TRIAL_H

#include <stdint.h>

#include "engine/program.h"
#include "graph/graph_body.h"
#include "neuron/status.h"

/* Zeroed, or open. One thread at a time. */
struct neuron_trial {
    const struct neuron_graph *graph;
    struct neuron_plan *plan;
    struct neuron_program *program;
    void **inputs;                  /* by port: dense tensors, which the trial owns */
    void **outputs;                 /* by port */
    struct neuron_step_time *times; /* of the steps of the last run */
    uint32_t step_count;
    int threads; /* that the calling thread had for teams before */
};

/*
 * Makes a graph runnable on the calling thread. Inputs hold made-up numbers, the same each time;
 * the caller may write others into them.
 *
 * graph  outlives the trial.
 * trial  to be closed, also after a failure.
 *
 * Returns as neuron_plan_create() and neuron_program_create().
 */
NEURON_MUST_CHECK enum neuron_status
neuron_trial_open(const struct neuron_graph *graph, struct neuron_trial *trial,
                  struct neuron_error *error);

/* Runs once, and notes the times. Returns as neuron_program_run_profiled(). */
NEURON_MUST_CHECK enum neuron_status
neuron_trial_run(struct neuron_trial *trial, struct neuron_error *error);

/* Accepts a zeroed one. */
void
neuron_trial_close(struct neuron_trial *trial);

#endif
