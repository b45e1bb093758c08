/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plan per device, built by the executor of the first replica there; one program per replica,
 * made by its own executor: so both lie in the memory near the cores that use them.
 */
#include "module/replica_set.h"

#include <stdbool.h>
#include <stdlib.h>

#include "module/cores_context.h"
#include "module/model_bucket.h"
#include "module/replica_loading.h"
#include "neuron/model_buckets.h"
#include "neuron/model_weights.h"
#include "runtime_body.h"

/* The making of a program, on its executor's thread. */
struct loading {
    struct neuron_request request;
    struct neuron_replica *replica;
    enum neuron_status status;
    struct neuron_error error;
};

uint32_t
neuron_replica_set_total(const struct neuron_replica_set *set)
{
    return set->cores.replica_count * set->bucket_count;
}

static void
load_program(void *argument)
{
    struct loading *loading = argument;
    struct neuron_replica *replica = loading->replica;

    if (replica->program != NULL) {
        return;
    }
    loading->status = neuron_program_create(neuron_shared_plan_get(replica->plan), &replica->charge,
                                            &replica->program, &loading->error);
}

/* Puts the core before the reason, and says which numbering it is of. */
static enum neuron_status
blame_core(const struct neuron_replica *replica, enum neuron_status status,
           const struct neuron_error *reason, struct neuron_error *error)
{
    return NEURON_FAIL(error, status, "nc:%u: %s", neuron_executor_core(replica->executor),
                       reason->text);
}

/* Makes all programs at once; the first error in the order of the replicas counts. */
static enum neuron_status
load_on_executors(struct neuron_replica_set *set, struct loading *loadings,
                  struct neuron_completion *completion, struct neuron_error *error)
{
    uint32_t count = neuron_replica_set_total(set);
    enum neuron_status status = NEURON_OK;

    neuron_completion_arm(completion, count);
    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_replica *replica = &set->replicas[i];

        loadings[i] = (struct loading){.replica = replica};
        loadings[i].request = (struct neuron_request){
            .work = load_program, .argument = &loadings[i], .completion = completion};
        if (status == NEURON_OK) {
            status = neuron_executor_submit(replica->executor, &loadings[i].request, error);
        }
        if (status != NEURON_OK) {
            neuron_completion_count_down(completion);
        }
    }
    neuron_completion_wait(completion);
    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = loadings[i].status;
        if (status != NEURON_OK) {
            status = blame_core(&set->replicas[i], status, &loadings[i].error, error);
        }
    }
    return status;
}

static enum neuron_status
load_programs(struct neuron_replica_set *set, struct neuron_error *error)
{
    struct loading *loadings = calloc((size_t)neuron_replica_set_total(set) + 1, sizeof(*loadings));
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

/* Says whether no replica before this one is on the same device. */
static bool
is_first_on_device(const struct neuron_replica_set *set, uint32_t index)
{
    uint32_t before = 0;

    while (before < index && set->replicas[before].plan != set->replicas[index].plan) {
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

    for (uint32_t i = 0; status == NEURON_OK && i < neuron_replica_set_total(set); i += 1) {
        const struct neuron_replica *replica = &set->replicas[i];

        if (is_first_on_device(set, i)) {
            status =
                neuron_shared_plan_start(replica->plan, replica->executor, &replica->charge, error);
        }
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_replica_set_total(set); i += 1) {
        status = neuron_shared_plan_wait(set->replicas[i].plan, &reason);
        if (status != NEURON_OK) {
            status = blame_core(&set->replicas[i], status, &reason, error);
        }
    }
    return status;
}

/* Finds each replica's executor, and the place of its device's plan. */
static enum neuron_status
prepare_replicas(struct neuron_replica_set *set, const struct neuron_model *model,
                 struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    set->replicas = calloc((size_t)neuron_replica_set_total(set) + 1, sizeof(*set->replicas));
    if (set->replicas == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u replicas",
                           set->cores.replica_count);
    }
    for (uint32_t i = 0; status == NEURON_OK && i < neuron_replica_set_total(set); i += 1) {
        struct neuron_replica *replica = &set->replicas[i];
        uint32_t nc = set->cores.first_cores[i % set->cores.replica_count];
        uint32_t device = neuron_runtime_device(set->runtime, nc);

        replica->model = neuron_model_bucket(model, i / set->cores.replica_count);
        replica->executor = neuron_runtime_executor(set->runtime, nc);
        replica->charge =
            (struct neuron_charge){.budget = neuron_runtime_device_budget(set->runtime, nc),
                                   .owner = neuron_model_name(model)};
        replica->serial = neuron_runtime_next_serial(set->runtime);
        status = neuron_plan_store_acquire(neuron_runtime_plans(set->runtime), replica->model,
                                           device, &replica->plan, error);
    }
    return status;
}

enum neuron_status
neuron_replica_set_load(struct neuron_replica_set *set, struct neuron_error *error)
{
    neuron_replica_loading_end(set);
    enum neuron_status status = build_plans(set, error);

    return status == NEURON_OK ? load_programs(set, error) : status;
}

/* Loads a set that is prepared, now or later. */
static enum neuron_status
load_in_order(struct neuron_replica_set *set, const struct neuron_model *model,
              struct neuron_error *error)
{
    if (neuron_model_is_lazy(model)) {
        set->loads_at_first_run = neuron_model_is_async(model);
        return NEURON_OK;
    }
    return neuron_model_is_async(model) ? neuron_replica_loading_begin(set, error)
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
    created->bucket_count = neuron_model_bucket_count(model);
    status = neuron_core_usage_claim(
        neuron_runtime_usage(runtime), &chosen, neuron_model_core_count(model),
        leaving == NULL ? NULL : &leaving->cores, &created->cores, error);
    if (status == NEURON_OK) {
        status = prepare_replicas(created, model, error);
    }
    if (status == NEURON_OK) {
        status = load_in_order(created, model, error);
    }
    if (status != NEURON_OK) {
        neuron_replica_set_destroy(created);
        return status;
    }
    *set = created;
    return NEURON_OK;
}

void
neuron_replica_set_destroy(struct neuron_replica_set *set)
{
    if (set == NULL) {
        return;
    }
    neuron_replica_loading_end(set);
    for (uint32_t i = 0; set->replicas != NULL && i < neuron_replica_set_total(set); i += 1) {
        neuron_program_destroy(set->replicas[i].program);
        neuron_plan_store_release(neuron_runtime_plans(set->runtime), set->replicas[i].plan);
    }
    neuron_core_usage_release(neuron_runtime_usage(set->runtime), &set->cores);
    free(set->replicas);
    free(set);
}
