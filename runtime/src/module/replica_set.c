/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plan per device and stage, built by the executor of the first replica there; one program per
 * stage of a replica, made by its own executor: so both lie in the memory near the cores that use
 * them.
 */
#include "module/replica_set.h"

#include <stdbool.h>
#include <stdlib.h>

#include "module/cores_context.h"
#include "module/model_bucket.h"
#include "module/replica_join.h"
#include "module/replica_loading.h"
#include "neuron/model_buckets.h"
#include "neuron/model_weights.h"
#include "runtime_body.h"

/* The making of a program, on its executor's thread. */
struct loading {
    struct neuron_request request;
    struct neuron_replica_stage *stage;
    struct neuron_gang *gang; /* NULL for none */
    uint32_t core;            /* in it */
    enum neuron_status status;
    struct neuron_error error;
};

static void
load_program(void *argument)
{
    struct loading *loading = argument;
    struct neuron_replica_stage *stage = loading->stage;
    const struct neuron_plan *plan = neuron_shared_plan_get(stage->plan);

    if (stage->program != NULL) {
        return;
    }
    loading->status =
        loading->gang == NULL
            ? neuron_program_create(plan, &stage->charge, &stage->program, &loading->error)
            : neuron_program_create_part(plan, loading->gang, loading->core, &stage->program,
                                         &loading->error);
}

enum neuron_status
neuron_replica_blame_core(const struct neuron_replica_stage *stage, enum neuron_status status,
                          const struct neuron_error *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, status, "nc:%u: %s", neuron_executor_core(stage->executor),
                       reason->text);
}

/* Makes all programs at once; the first error in the order of the cores counts. */
static enum neuron_status
load_on_executors(struct neuron_replica_set *set, struct loading *loadings,
                  struct neuron_completion *completion, struct neuron_error *error)
{
    uint32_t count = set->stage_count;
    enum neuron_status status = NEURON_OK;

    neuron_completion_arm(completion, count);
    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_replica_stage *stage = &set->stages[i];

        loadings[i] = (struct loading){.stage = stage,
                                       .gang = set->replicas[i / set->cores.model_cores].gang,
                                       .core = i % set->cores.model_cores};
        loadings[i].request = (struct neuron_request){
            .work = load_program, .argument = &loadings[i], .completion = completion};
        if (status == NEURON_OK) {
            status = neuron_executor_submit(stage->executor, &loadings[i].request, error);
        }
        if (status != NEURON_OK) {
            neuron_completion_count_down(completion);
        }
    }
    neuron_completion_wait(completion);
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = loadings[i].status;
        if (status != NEURON_OK) {
            status = neuron_replica_blame_core(&set->stages[i], status, &loadings[i].error, error);
        }
    }
    return status;
}

static enum neuron_status
load_programs(struct neuron_replica_set *set, struct neuron_error *error)
{
    struct loading *loadings = calloc(set->stage_count, sizeof(*loadings));
    struct neuron_completion *completion = NULL;

    if (loadings == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    enum neuron_status status = neuron_completion_create(&completion, error);
    if (status == NEURON_OK) {
        status = load_on_executors(set, loadings, completion, error);
    }
    neuron_completion_destroy(completion);
    free(loadings);
    return status;
}

/* Says whether no stage before this one has the same plan. */
static bool
is_first_with_plan(const struct neuron_replica_set *set, uint32_t index)
{
    uint32_t before = 0;

    while (before < index && set->stages[before].plan != set->stages[index].plan) {
        before += 1;
    }
    return before == index;
}

/* Lets the plans be built that are not there yet, all devices at the same time. Each is asked for
   once: after a failure the next replica of the device would only begin it again. */
static enum neuron_status
build_plans(struct neuron_replica_set *set, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;
    struct neuron_error reason = {0};

    for (uint32_t i = 0; status == NEURON_OK && i < set->stage_count; i += 1) {
        const struct neuron_replica_stage *stage = &set->stages[i];

        if (is_first_with_plan(set, i)) {
            status = neuron_shared_plan_start(stage->plan, stage->executor, &stage->charge, error);
        }
    }
    for (uint32_t i = 0; status == NEURON_OK && i < set->stage_count; i += 1) {
        status = neuron_shared_plan_wait(set->stages[i].plan, &reason);
        if (status != NEURON_OK) {
            status = neuron_replica_blame_core(&set->stages[i], status, &reason, error);
        }
    }
    return status;
}

/* The graph of a stage: of a bucket, or of a part of a model that is cut. */
static const struct neuron_graph *
graph_of_stage(const struct neuron_replica_set *set, uint32_t index)
{
    uint32_t core = index % set->cores.model_cores;
    uint32_t bucket = index / set->cores.model_cores / set->cores.replica_count;
    const struct neuron_model *model = neuron_model_bucket(set->model, bucket);

    return model->stages == NULL ? model->file.graph : model->stages->stages[core].part.graph;
}

/* Finds the executor of a core, and the place of the plan of what it does. */
static enum neuron_status
prepare_stage(struct neuron_replica_set *set, uint32_t index, struct neuron_error *error)
{
    uint32_t replica = index / set->cores.model_cores % set->cores.replica_count;
    uint32_t nc = set->cores.first_cores[replica] + index % set->cores.model_cores;
    struct neuron_replica_stage *stage = &set->stages[index];

    stage->executor = neuron_runtime_executor(set->runtime, nc);
    stage->charge = (struct neuron_charge){.budget = neuron_runtime_device_budget(set->runtime, nc),
                                           .owner = neuron_model_name(set->model)};
    stage->serial = neuron_runtime_next_serial(set->runtime);
    stage->module = set->serial;
    return neuron_plan_store_acquire(neuron_runtime_plans(set->runtime), graph_of_stage(set, index),
                                     neuron_runtime_device(set->runtime, nc), &stage->plan, error);
}

static enum neuron_status
prepare_replicas(struct neuron_replica_set *set, struct neuron_error *error)
{
    uint32_t total = set->cores.replica_count * neuron_model_bucket_count(set->model);
    enum neuron_status status = NEURON_OK;

    set->replicas = calloc((size_t)total + 1, sizeof(*set->replicas));
    set->stages = calloc((size_t)total * set->cores.model_cores + 1, sizeof(*set->stages));
    if (set->replicas == NULL || set->stages == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u replicas",
                           set->cores.replica_count);
    }
    set->replica_total = total;
    set->stage_count = total * set->cores.model_cores;
    for (uint32_t i = 0; i < total; i += 1) {
        set->replicas[i].stages = &set->stages[(size_t)i * set->cores.model_cores];
    }
    for (uint32_t i = 0; status == NEURON_OK && i < set->stage_count; i += 1) {
        status = prepare_stage(set, i, error);
    }
    return status;
}

enum neuron_status
neuron_replica_set_load(struct neuron_replica_set *set, struct neuron_error *error)
{
    neuron_replica_loading_end(set);
    enum neuron_status status = build_plans(set, error);

    if (status == NEURON_OK) {
        status = neuron_replica_gangs_create(set, error);
    }
    if (status == NEURON_OK) {
        status = load_programs(set, error);
    }
    return status == NEURON_OK ? neuron_replica_cores_join(set, error) : status;
}

/* Lists the set where others see what is loaded. */
static void
list_module(const struct neuron_replica_set *set)
{
    const struct neuron_counted_module module = {
        .serial = set->serial,
        .model = set->model,
        .first_cores = set->cores.first_cores,
        .replica_count = set->cores.replica_count,
        .model_cores = set->cores.model_cores,
    };

    neuron_process_counters_add_module(neuron_runtime_counters(set->runtime), &module);
}

/* Loads a set that is prepared, now or later. */
static enum neuron_status
load_in_order(struct neuron_replica_set *set, struct neuron_error *error)
{
    bool is_async = neuron_model_is_async(set->model);

    if (neuron_model_is_lazy(set->model)) {
        set->loads_at_first_run = is_async;
        return NEURON_OK;
    }
    return is_async ? neuron_replica_loading_begin(set, error)
                    : neuron_replica_set_load(set, error);
}

enum neuron_status
neuron_replica_set_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                          const struct neuron_module_placement *placement,
                          const struct neuron_replica_set *leaving, struct neuron_replica_set **set,
                          struct neuron_error *error)
{
    struct neuron_module_placement chosen = neuron_cores_context_placement(runtime);
    enum neuron_status status = neuron_runtime_check_process(runtime, error);

    if (status == NEURON_OK) {
        status = neuron_model_check_weights(model, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    struct neuron_replica_set *created = calloc(1, sizeof(*created));
    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    if (placement != NULL && placement->kind != NEURON_PLACEMENT_DEFAULT) {
        chosen = *placement;
    }
    created->runtime = runtime;
    created->model = model;
    created->serial = neuron_runtime_next_serial(runtime);
    status = neuron_core_usage_claim(
        neuron_runtime_usage(runtime), &chosen, neuron_model_core_count(model),
        leaving == NULL ? NULL : &leaving->cores, &created->cores, error);
    if (status == NEURON_OK) {
        status = prepare_replicas(created, error);
    }
    if (status == NEURON_OK) {
        status = load_in_order(created, error);
    }
    if (status != NEURON_OK) {
        neuron_replica_set_destroy(created);
        return status;
    }
    list_module(created);
    *set = created;
    return NEURON_OK;
}

void
neuron_replica_set_destroy(struct neuron_replica_set *set)
{
    if (set == NULL) {
        return;
    }
    neuron_process_counters_remove_module(neuron_runtime_counters(set->runtime), set->serial);
    neuron_replica_loading_end(set);
    for (uint32_t i = 0; i < set->replica_total; i += 1) {
        neuron_pipeline_destroy(set->replicas[i].pipeline);
        neuron_wide_destroy(set->replicas[i].wide);
    }
    for (uint32_t i = 0; i < set->stage_count; i += 1) {
        neuron_program_destroy(set->stages[i].program);
        neuron_plan_store_release(neuron_runtime_plans(set->runtime), set->stages[i].plan);
    }
    for (uint32_t i = 0; i < set->replica_total; i += 1) {
        neuron_gang_destroy(set->replicas[i].gang);
    }
    neuron_core_usage_release(neuron_runtime_usage(set->runtime), &set->cores);
    free(set->replicas);
    free(set->stages);
    free(set);
}
