/* SPDX-License-Identifier: Apache-2.0 */
/* A replica of several stages, each on its core, through which runs stream. */
#ifndef NEURON_MODULE_PIPELINE_H
#define NEURON_MODULE_PIPELINE_H

#include <stdint.h>

#include "engine/program.h"
#include "memory/device_budget.h"
#include "module/stage_graphs.h"
#include "neuron/executor.h"
#include "neuron/status.h"

/* Any thread. */
struct neuron_pipeline;

/* What runs a stage: a program of its graph, made by the executor. Both outlive the pipeline. */
struct neuron_pipeline_stage {
    struct neuron_executor *executor;
    struct neuron_program *program;
    uint64_t serial; /* of the program, for the executor's counters */
    uint64_t module; /* likewise of the module */
};

struct neuron_pipeline_run;

/* Hears that a run is done; see its `status`. As the last that touches run and pipeline; on an
   executor's thread, or one that submits another run. It waits for no executor. */
typedef void
neuron_pipeline_done_fn(struct neuron_pipeline_run *run);

/* A run on its way through the stages. The caller fills in the first four. */
struct neuron_pipeline_run {
    void *const *inputs; /* of the model, as the outputs; until the run is done */
    void *const *outputs;
    uint64_t timeout_ms; /* for all stages together, without what a run waits between; 0 for none */
    neuron_pipeline_done_fn *done;
    enum neuron_status status; /* when it is done */
    struct neuron_error error; /* with the stage and its core in front */

    /* The pipeline's. */
    struct neuron_pipeline *pipeline;
    struct neuron_pipeline_run *next_waiting;
    struct neuron_request request;
    unsigned char *slot;
    uint64_t taken_ms;
    uint32_t stage;
};

/*
 * Makes a pipeline, with room for some runs under way for each stage.
 *
 * graphs  of the model, which outlives the pipeline.
 * stages  as many as the graphs. Borrowed for the call.
 * charge  takes what goes over the cuts.
 *
 * Returns NEURON_DEVICE_MEMORY_FULL or NEURON_OUT_OF_MEMORY.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_pipeline_create(const struct neuron_stage_graphs *graphs,
                       const struct neuron_pipeline_stage *stages,
                       const struct neuron_charge *charge, struct neuron_pipeline **pipeline,
                       struct neuron_error *error);

/*
 * Lets a run begin: at once, or when one of those before it has left room. Runs of one
 * thread begin in its order, and none overtakes another; one that fails ends early.
 *
 * run  the pipeline's until it is done.
 *
 * Returns what submitting to the first executor returns; the run is then still the caller's, and
 * will not be told that it is done. Never waits.
 */
NEURON_MUST_CHECK enum neuron_status
neuron_pipeline_submit(struct neuron_pipeline *pipeline, struct neuron_pipeline_run *run,
                       struct neuron_error *error);

/* Destroys a pipeline in which nothing runs. Accepts NULL. */
void
neuron_pipeline_destroy(struct neuron_pipeline *pipeline);

#endif
