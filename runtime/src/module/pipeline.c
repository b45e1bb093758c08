/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run has a slot for all that goes over the cuts, from its first stage to its last. There are a
 * few slots for each stage, so a stage that is slower than those before it bounds what they do
 * ahead. A run without a slot waits in a list, not on a thread: whoever ends a run gives its slot
 * to the first that waits, and submits that one.
 *
 * Who touches what:
 *   a run              its submitter, then the executor of its stage, then that of the next one;
 *                      each hands it on by an inbox, as the last that it does with it
 *   a stage's address  the executor of the stage, between two steps of which it is used
 *   slots, waiting     under the lock
 */
#include "module/pipeline.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "executor/executor.h"
#include "tick.h"

/* One slot is in the stage, and one waits before it. */
enum { SLOTS_A_STAGE = 2, SLOT_ALIGNMENT = 4096 };

struct stage {
    struct neuron_pipeline_stage parts;
    const struct neuron_stage_graph *graph;
    void **addresses; /* of the run in the stage: of its inputs, then its outputs */
};

struct neuron_pipeline {
    struct stage *stages;
    uint32_t stage_count;
    struct neuron_charge charge;
    uint64_t charged_bytes;
    unsigned char *memory; /* of all slots */
    pthread_mutex_t lock;
    struct {
        unsigned char **free_slots;
        uint32_t free_count;
        struct neuron_pipeline_run *first_waiting;
        struct neuron_pipeline_run **last_link; /* where the next one that waits goes */
    } locked;                                   /* guarded by `lock` */
};

/* Puts stage and core before a reason. */
static enum neuron_status
blame_stage(struct neuron_pipeline_run *run, enum neuron_status status,
            const struct neuron_error *reason)
{
    const struct neuron_pipeline *pipeline = run->pipeline;
    const struct stage *stage = &pipeline->stages[run->stage];

    return NEURON_FAIL(&run->error, status,
                       "stage %" PRIu32 " of %" PRIu32 " on nc:%" PRIu32 ": %s", run->stage + 1,
                       pipeline->stage_count, neuron_executor_core(stage->parts.executor),
                       reason->text);
}

/* Submits a run to its stage. */
static enum neuron_status
submit_to_stage(struct neuron_pipeline_run *run, struct neuron_error *error)
{
    return neuron_executor_submit(run->pipeline->stages[run->stage].parts.executor, &run->request,
                                  error);
}

/* Gives a slot back, or takes the first run that waits, which has the slot then. */
static struct neuron_pipeline_run *
pass_slot(struct neuron_pipeline *pipeline, unsigned char *slot)
{
    (void)pthread_mutex_lock(&pipeline->lock);
    struct neuron_pipeline_run *next = pipeline->locked.first_waiting;
    if (next == NULL) {
        pipeline->locked.free_slots[pipeline->locked.free_count] = slot;
        pipeline->locked.free_count += 1;
    } else {
        next->slot = slot;
        pipeline->locked.first_waiting = next->next_waiting;
        if (pipeline->locked.first_waiting == NULL) {
            pipeline->locked.last_link = &pipeline->locked.first_waiting;
        }
    }
    (void)pthread_mutex_unlock(&pipeline->lock);
    return next;
}

/* Gives a slot to the runs that wait, until one of them could be submitted or none is left. */
static void
begin_waiting(struct neuron_pipeline *pipeline, unsigned char *slot)
{
    struct neuron_pipeline_run *next = pass_slot(pipeline, slot);
    struct neuron_error reason = {0};

    while (next != NULL) {
        enum neuron_status status = submit_to_stage(next, &reason);

        if (status == NEURON_OK) {
            return;
        }
        struct neuron_pipeline_run *failed = next;
        failed->status = blame_stage(failed, status, &reason);
        next = pass_slot(pipeline, slot);
        failed->done(failed);
    }
}

/* Ends a run. Its slot goes first: whoever hears of the end may destroy the pipeline. */
static void
finish(struct neuron_pipeline_run *run, enum neuron_status status)
{
    run->status = status;
    begin_waiting(run->pipeline, run->slot);
    run->done(run);
}

/* Finds out where the inputs and outputs of the stage are in this run. */
static void
bind(const struct stage *stage, const struct neuron_pipeline_run *run)
{
    const struct neuron_graph *graph = stage->graph->part.graph;
    uint32_t count = graph->input_count + graph->output_count;

    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_stage_port *port = &stage->graph->ports[i];

        switch (port->place) {
        case NEURON_STAGE_INPUT:
            stage->addresses[i] = run->inputs[port->index];
            break;
        case NEURON_STAGE_OUTPUT:
            stage->addresses[i] = run->outputs[port->index];
            break;
        case NEURON_STAGE_SLOT:
            stage->addresses[i] = run->slot + port->offset;
            break;
        }
    }
}

/* Runs the stage, in the time that those before it have left. */
static enum neuron_status
run_program(const struct stage *stage, struct neuron_pipeline_run *run, struct neuron_error *error)
{
    uint64_t left_ms = run->timeout_ms - run->taken_ms;
    uint64_t begin_ms = 0;

    if (run->timeout_ms == 0) {
        return neuron_program_run(stage->parts.program, stage->addresses,
                                  stage->addresses + stage->graph->part.graph->input_count, 0,
                                  error);
    }
    begin_ms = neuron_clock_tick_ms();
    enum neuron_status status = neuron_program_run(
        stage->parts.program, stage->addresses,
        stage->addresses + stage->graph->part.graph->input_count, left_ms, error);
    run->taken_ms += neuron_clock_tick_ms() - begin_ms;
    if (status == NEURON_TIMED_OUT ||
        (status == NEURON_OK && run->stage + 1 < run->pipeline->stage_count &&
         run->taken_ms >= run->timeout_ms)) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT,
                           "the run was stopped in this stage: it had taken more than the "
                           "%" PRIu64 " ms allowed; raise NEURON_RT_EXEC_TIMEOUT",
                           run->timeout_ms);
    }
    return status;
}

/* On the executor of the run's stage. */
static void
run_stage(void *argument)
{
    struct neuron_pipeline_run *run = argument;
    const struct neuron_pipeline *pipeline = run->pipeline;
    const struct stage *stage = &pipeline->stages[run->stage];
    struct neuron_error reason = {0};

    neuron_executor_begin_run(stage->parts.executor, stage->parts.module);
    bind(stage, run);
    enum neuron_status status = run_program(stage, run, &reason);
    neuron_executor_count_run(stage->parts.executor, stage->parts.serial, status);
    if (status == NEURON_OK && run->stage + 1 < pipeline->stage_count) {
        run->stage += 1;
        status = submit_to_stage(run, &reason);
        if (status == NEURON_OK) {
            return; /* the run is the next stage's by now, or even at its end */
        }
    }
    finish(run, status == NEURON_OK ? NEURON_OK : blame_stage(run, status, &reason));
}

/* Takes a slot, or lets the run wait for one; says which. */
static bool
take_slot(struct neuron_pipeline *pipeline, struct neuron_pipeline_run *run)
{
    (void)pthread_mutex_lock(&pipeline->lock);
    bool has_slot = pipeline->locked.free_count > 0;
    if (has_slot) {
        pipeline->locked.free_count -= 1;
        run->slot = pipeline->locked.free_slots[pipeline->locked.free_count];
    } else {
        *pipeline->locked.last_link = run;
        pipeline->locked.last_link = &run->next_waiting;
    }
    (void)pthread_mutex_unlock(&pipeline->lock);
    return has_slot;
}

enum neuron_status
neuron_pipeline_submit(struct neuron_pipeline *pipeline, struct neuron_pipeline_run *run,
                       struct neuron_error *error)
{
    struct neuron_error reason = {0};

    run->pipeline = pipeline;
    run->request = (struct neuron_request){.work = run_stage, .argument = run};
    run->next_waiting = NULL;
    run->taken_ms = 0;
    run->stage = 0;
    if (!take_slot(pipeline, run)) {
        return NEURON_OK;
    }
    enum neuron_status status = submit_to_stage(run, &reason);
    if (status != NEURON_OK) {
        begin_waiting(pipeline, run->slot);
        return NEURON_FAIL(error, status, "%s", reason.text);
    }
    return NEURON_OK;
}

/* Makes the slots; zeroing them is also what puts their pages near this thread. */
static enum neuron_status
create_slots(struct neuron_pipeline *pipeline, size_t slot_bytes, struct neuron_error *error)
{
    uint32_t count = SLOTS_A_STAGE * pipeline->stage_count;
    size_t size_bytes = 0;

    if (__builtin_mul_overflow(slot_bytes, count, &size_bytes) ||
        __builtin_add_overflow(size_bytes, SLOT_ALIGNMENT, &size_bytes)) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory between the stages");
    }
    size_bytes -= size_bytes % SLOT_ALIGNMENT;
    enum neuron_status status =
        neuron_charge_take(&pipeline->charge, size_bytes, NEURON_MEMORY_STAGES, error);
    if (status != NEURON_OK) {
        return status;
    }
    pipeline->charged_bytes = size_bytes;
    pipeline->memory = aligned_alloc(SLOT_ALIGNMENT, size_bytes);
    pipeline->locked.free_slots = calloc(count, sizeof(*pipeline->locked.free_slots));
    if (pipeline->memory == NULL || pipeline->locked.free_slots == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "out of memory for %zu bytes between the stages", size_bytes);
    }
    memset(pipeline->memory, 0, size_bytes);
    for (uint32_t i = 0; i < count; i += 1) {
        pipeline->locked.free_slots[i] = pipeline->memory + i * slot_bytes;
    }
    pipeline->locked.free_count = count;
    return NEURON_OK;
}

static enum neuron_status
create_stages(struct neuron_pipeline *pipeline, const struct neuron_stage_graphs *graphs,
              const struct neuron_pipeline_stage *stages, struct neuron_error *error)
{
    pipeline->stages = calloc(graphs->stage_count, sizeof(*pipeline->stages));
    if (pipeline->stages == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a pipeline");
    }
    pipeline->stage_count = graphs->stage_count;
    for (uint32_t i = 0; i < graphs->stage_count; i += 1) {
        const struct neuron_graph *graph = graphs->stages[i].part.graph;
        struct stage *stage = &pipeline->stages[i];

        stage->parts = stages[i];
        stage->graph = &graphs->stages[i];
        stage->addresses =
            calloc((size_t)graph->input_count + graph->output_count + 1, sizeof(void *));
        if (stage->addresses == NULL) {
            return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a pipeline");
        }
    }
    return NEURON_OK;
}

enum neuron_status
neuron_pipeline_create(const struct neuron_stage_graphs *graphs,
                       const struct neuron_pipeline_stage *stages,
                       const struct neuron_charge *charge, struct neuron_pipeline **pipeline,
                       struct neuron_error *error)
{
    struct neuron_pipeline *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a pipeline");
    }
    (void)pthread_mutex_init(&created->lock, NULL); /* cannot fail without attributes */
    created->locked.last_link = &created->locked.first_waiting;
    created->charge = *charge;
    enum neuron_status status = create_stages(created, graphs, stages, error);
    if (status == NEURON_OK) {
        status = create_slots(created, graphs->slot_bytes, error);
    }
    if (status != NEURON_OK) {
        neuron_pipeline_destroy(created);
        return status;
    }
    *pipeline = created;
    return NEURON_OK;
}

void
neuron_pipeline_destroy(struct neuron_pipeline *pipeline)
{
    if (pipeline == NULL) {
        return;
    }
    for (uint32_t i = 0; i < pipeline->stage_count; i += 1) {
        free(pipeline->stages[i].addresses);
    }
    free(pipeline->stages);
    free(pipeline->memory);
    free(pipeline->locked.free_slots);
    neuron_charge_give(&pipeline->charge, pipeline->charged_bytes, NEURON_MEMORY_STAGES);
    (void)pthread_mutex_destroy(&pipeline->lock);
    free(pipeline);
}
