/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module is a set of replicas that may be exchanged for another while the module is in use: a run
 * enters the set that is there, and the set that was replaced goes when nobody is in it any more.
 */
#include "neuron/module.h"

#include <stdlib.h>

#include "module/batched_run.h"
#include "module/module_body.h"
#include "runtime_body.h"

enum neuron_status
neuron_module_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                     const struct neuron_module_placement *placement, struct neuron_module **module,
                     struct neuron_error *error)
{
    struct neuron_module *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    created->runtime = runtime;
    created->model = model;
    created->input_count = neuron_model_input_count(model);
    created->output_count = neuron_model_output_count(model);
    /* None of these can fail without attributes. */
    (void)pthread_mutex_init(&created->placing, NULL);
    (void)pthread_mutex_init(&created->lock, NULL);
    (void)pthread_cond_init(&created->left, NULL);
    enum neuron_status status =
        neuron_replica_set_create(runtime, model, placement, NULL, &created->locked.set, error);
    if (status != NEURON_OK) {
        neuron_module_destroy(created);
        return status;
    }
    *module = created;
    return NEURON_OK;
}

/* Lets later runs enter another set, and waits until nobody is in the one before. */
static void
exchange_set(struct neuron_module *module, struct neuron_replica_set *set)
{
    (void)pthread_mutex_lock(&module->lock);
    const struct neuron_replica_set *former = module->locked.set;
    module->locked.set = set;
    while (former->run_count > 0) {
        (void)pthread_cond_wait(&module->left, &module->lock);
    }
    (void)pthread_mutex_unlock(&module->lock);
}

void
neuron_module_let_go(struct neuron_module *module)
{
    (void)pthread_mutex_lock(&module->placing);
    module->keeper_count -= 1;
    (void)pthread_mutex_unlock(&module->placing);
}

/* Refuses to move a module whose replicas others rely on; while `placing` is held. */
static enum neuron_status
check_keepers(const struct neuron_module *module, struct neuron_error *error)
{
    if (module->keeper_count == 0) {
        return NEURON_OK;
    }
    return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                       "%.60s: %u users rely on where its replicas are, a DataParallel object "
                       "perhaps; destroy these before the module is moved",
                       neuron_model_name(module->model), module->keeper_count);
}

/* Moves a module; while `placing` is held. */
static enum neuron_status
move(struct neuron_module *module, const struct neuron_module_placement *placement,
     struct neuron_error *error)
{
    struct neuron_replica_set *set = NULL;
    /* Only holders of `placing` exchange the set. */
    struct neuron_replica_set *former = module->locked.set;
    enum neuron_status status = check_keepers(module, error);

    if (status == NEURON_OK) {
        status = neuron_replica_set_create(module->runtime, module->model, placement, former, &set,
                                           error);
    }
    if (status == NEURON_OK) {
        exchange_set(module, set);
        neuron_replica_set_destroy(former);
    }
    return status;
}

enum neuron_status
neuron_module_place(struct neuron_module *module, const struct neuron_module_placement *placement,
                    struct neuron_error *error)
{
    (void)pthread_mutex_lock(&module->placing);
    enum neuron_status status = move(module, placement, error);
    (void)pthread_mutex_unlock(&module->placing);
    return status;
}

/* Says whether the replicas are just those that a placement names. */
static bool
is_placed(struct neuron_module *module, const struct neuron_module_placement *placement)
{
    bool is_there = placement->kind == NEURON_PLACEMENT_SELECTION &&
                    placement->core_count == neuron_module_replica_count(module);

    for (uint32_t i = 0; is_there && i < placement->core_count; i += 1) {
        is_there = neuron_module_replica_core(module, i) == placement->cores[i];
    }
    return is_there;
}

enum neuron_status
neuron_module_keep(struct neuron_module *module, const struct neuron_module_placement *placement,
                   struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    (void)pthread_mutex_lock(&module->placing);
    if (placement != NULL && !is_placed(module, placement)) {
        status = move(module, placement, error);
    }
    module->keeper_count += status == NEURON_OK ? 1 : 0;
    (void)pthread_mutex_unlock(&module->placing);
    return status;
}

struct neuron_runtime *
neuron_module_runtime(const struct neuron_module *module)
{
    return module->runtime;
}

const struct neuron_model *
neuron_module_model(const struct neuron_module *module)
{
    return module->model;
}

uint32_t
neuron_module_replica_count(struct neuron_module *module)
{
    (void)pthread_mutex_lock(&module->lock);
    uint32_t count = module->locked.set->cores.replica_count;
    (void)pthread_mutex_unlock(&module->lock);
    return count;
}

uint32_t
neuron_module_replica_core(struct neuron_module *module, uint32_t replica)
{
    (void)pthread_mutex_lock(&module->lock);
    uint32_t core = module->locked.set->cores.first_cores[replica];
    (void)pthread_mutex_unlock(&module->lock);
    return core;
}

uint32_t
neuron_module_next_replica(struct neuron_module *module)
{
    (void)pthread_mutex_lock(&module->lock);
    struct neuron_replica_set *set = module->locked.set;
    uint32_t replica = (uint32_t)(set->turn % set->cores.replica_count);
    set->turn += 1;
    (void)pthread_mutex_unlock(&module->lock);
    return replica;
}

struct neuron_executor *
neuron_module_replica_executor(struct neuron_module *module, uint32_t replica)
{
    (void)pthread_mutex_lock(&module->lock);
    struct neuron_executor *executor = module->locked.set->replicas[replica].stages[0].executor;
    (void)pthread_mutex_unlock(&module->lock);
    return executor;
}

void
neuron_module_destroy(struct neuron_module *module)
{
    if (module == NULL) {
        return;
    }
    neuron_replica_set_destroy(module->locked.set);
    neuron_batched_runs_destroy(module->locked.free_batched);
    neuron_module_runs_destroy(module->locked.free_runs);
    (void)pthread_cond_destroy(&module->left);
    (void)pthread_mutex_destroy(&module->lock);
    (void)pthread_mutex_destroy(&module->placing);
    free(module);
}
