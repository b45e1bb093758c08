/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plan per device, with the weights packed once, made by the first executor there; one program
 * per replica, made by its own executor: so both lie in the memory near the cores that use them.
 */
#include "neuron/module.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/plan.h"
#include "engine/program.h"
#include "module/model_body.h"
#include "neuron/executor.h"
#include "runtime_body.h"

struct replica {
    struct neuron_executor *executor;
    uint32_t device;
    uint32_t plan_of;         /* the replica that has made the plan of its device; maybe itself */
    struct neuron_plan *plan; /* where plan_of is this replica */
    struct neuron_program *program;
};

struct neuron_module {
    const struct neuron_model *model;
    struct replica *replicas;
    uint32_t replica_count;
    _Atomic uint32_t next_replica;
};

/* A step of loading, on an executor's thread. */
struct loading {
    struct neuron_request request;
    struct neuron_module *module;
    struct replica *replica;
    enum neuron_status status;
    struct neuron_error error;
};

static void
load_plan(void *argument)
{
    struct loading *loading = argument;

    loading->status = neuron_plan_create(loading->module->model->file.graph,
                                         &loading->replica->plan, &loading->error);
}

static void
load_program(void *argument)
{
    struct loading *loading = argument;
    const struct replica *replicas = loading->module->replicas;

    loading->status = neuron_program_create(replicas[loading->replica->plan_of].plan,
                                            &loading->replica->program, &loading->error);
}

/* Runs a step of loading for the replicas it concerns, all at once; the first error counts. */
static enum neuron_status
load_on_executors(struct neuron_module *module, neuron_work_fn *work, struct loading *loadings,
                  struct neuron_completion *completion, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    neuron_completion_arm(completion, module->replica_count);
    for (uint32_t i = 0; i < module->replica_count; i += 1) {
        struct replica *replica = &module->replicas[i];
        bool is_concerned = work == load_program || replica->plan_of == i;

        loadings[i] = (struct loading){.module = module, .replica = replica};
        loadings[i].request = (struct neuron_request){
            .work = work, .argument = &loadings[i], .completion = completion};
        if (is_concerned && status == NEURON_OK) {
            status = neuron_executor_submit(replica->executor, &loadings[i].request, error);
            is_concerned = status == NEURON_OK;
        }
        if (!is_concerned || status != NEURON_OK) {
            neuron_completion_count_down(completion);
        }
    }
    neuron_completion_wait(completion);
    for (uint32_t i = 0; status == NEURON_OK && i < module->replica_count; i += 1) {
        status = loadings[i].status;
        if (status != NEURON_OK) {
            neuron_error_set(error, status, "nc:%u: %s",
                             neuron_executor_core(module->replicas[i].executor),
                             loadings[i].error.text);
        }
    }
    return status;
}

static enum neuron_status
load_replicas(struct neuron_module *module, struct neuron_error *error)
{
    struct loading *loadings = calloc(module->replica_count, sizeof(*loadings));
    struct neuron_completion *completion = NULL;

    if (loadings == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    enum neuron_status status = neuron_completion_create(&completion, error);
    if (status == NEURON_OK) {
        status = load_on_executors(module, load_plan, loadings, completion, error);
    }
    if (status == NEURON_OK) {
        status = load_on_executors(module, load_program, loadings, completion, error);
    }
    neuron_completion_destroy(completion);
    free(loadings);
    return status;
}

/* Looks at the replicas before this one: refuses the same core, and finds who makes the plan. */
static enum neuron_status
compare_replicas(struct neuron_module *module, uint32_t index, struct neuron_error *error)
{
    struct replica *replica = &module->replicas[index];

    replica->plan_of = index;
    for (uint32_t i = index; i > 0; i -= 1) {
        const struct replica *other = &module->replicas[i - 1];

        if (other->executor == replica->executor) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "nc:%u is named twice",
                               neuron_executor_core(replica->executor));
        }
        if (other->device == replica->device) {
            replica->plan_of = other->plan_of;
        }
    }
    return NEURON_OK;
}

/* Finds each replica's executor and device, and who makes the plan there. */
static enum neuron_status
place_replicas(struct neuron_module *module, const struct neuron_runtime *runtime,
               const uint32_t *cores, struct neuron_error *error)
{
    const struct neuron_core_set *owned = neuron_runtime_cores(runtime);
    uint32_t owned_count = neuron_runtime_core_count(runtime);
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < module->replica_count; i += 1) {
        struct replica *replica = &module->replicas[i];
        uint32_t nc = cores == NULL ? i : cores[i];

        if (nc >= owned_count) {
            return NEURON_FAIL(error, NEURON_NO_SUCH_CORE,
                               "there is no nc:%u: this process owns nc:0 to nc:%u", nc,
                               owned_count - 1);
        }
        replica->executor = neuron_runtime_executor(runtime, nc);
        replica->device = neuron_topology_device_of(neuron_runtime_topology(runtime),
                                                    neuron_core_set_at(owned, nc));
        status = compare_replicas(module, i, error);
    }
    return status;
}

enum neuron_status
neuron_module_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                     const struct neuron_module_options *options, struct neuron_module **module,
                     struct neuron_error *error)
{
    uint32_t count = options == NULL || options->core_count == 0 ? 1 : options->core_count;
    struct neuron_module *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a module");
    }
    created->model = model;
    created->replica_count = count;
    created->replicas = calloc(count, sizeof(*created->replicas));
    enum neuron_status status = NEURON_OK;
    if (created->replicas == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u replicas", count);
    } else {
        status = place_replicas(created, runtime, options == NULL ? NULL : options->cores, error);
    }
    if (status == NEURON_OK) {
        status = load_replicas(created, error);
    }
    if (status != NEURON_OK) {
        neuron_module_destroy(created);
        return status;
    }
    *module = created;
    return NEURON_OK;
}

/* Checks tensors against what the model says of them. */
static enum neuron_status
check_tensors(const struct neuron_tensor_view *tensors, const char *role, uint32_t count,
              const struct neuron_tensor_spec *(*spec_of)(const struct neuron_model *, uint32_t),
              const struct neuron_model *model, struct neuron_error *error)
{
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_tensor_spec *spec = spec_of(model, i);
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&tensors[i]);
        char given[80] = "";
        char wanted[80] = "";

        if (!neuron_tensor_shape_equals(&shape, &spec->shape)) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                               "%s %.40s is %s; the model was compiled for %s", role, spec->name,
                               neuron_tensor_shape_format(&shape, given, sizeof(given)),
                               neuron_tensor_shape_format(&spec->shape, wanted, sizeof(wanted)));
        }
        if (tensors[i].data == NULL) {
            return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%s %.40s has no data", role,
                               spec->name);
        }
    }
    return NEURON_OK;
}

/* One run on its way to an executor and back. */
struct run {
    struct neuron_module *module;
    uint32_t replica;
    void **inputs;
    void **outputs;
    enum neuron_status status;
    struct neuron_error error;
};

static void
run_on_executor(void *argument)
{
    struct run *run = argument;

    run->status = neuron_module_run_replica(run->module, run->replica, run->inputs, run->outputs,
                                            &run->error);
}

/* Hands a run to its replica's executor, and waits for it. */
static enum neuron_status
submit_and_wait(struct run *run, struct neuron_error *error)
{
    struct neuron_completion *completion = NULL;
    enum neuron_status status = neuron_completion_create(&completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_request request = {
        .work = run_on_executor, .argument = run, .completion = completion};
    neuron_completion_arm(completion, 1);
    status = neuron_executor_submit(neuron_module_replica_executor(run->module, run->replica),
                                    &request, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(completion);
    } else {
        neuron_completion_wait(completion);
        status = run->status;
        if (status != NEURON_OK) {
            neuron_error_set(error, status, "%s", run->error.text);
        }
    }
    neuron_completion_destroy(completion);
    return status;
}

static enum neuron_status
check_run(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
          uint32_t input_count, const struct neuron_tensor_view *outputs, uint32_t output_count,
          struct neuron_error *error)
{
    if (input_count != neuron_model_input_count(model) ||
        output_count != neuron_model_output_count(model)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "given %u inputs and %u outputs; the model has %u and %u", input_count,
                           output_count, neuron_model_input_count(model),
                           neuron_model_output_count(model));
    }
    enum neuron_status status =
        check_tensors(inputs, "input", input_count, neuron_model_input, model, error);
    return status == NEURON_OK
               ? check_tensors(outputs, "output", output_count, neuron_model_output, model, error)
               : status;
}

enum neuron_status
neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  uint32_t input_count, const struct neuron_tensor_view *outputs,
                  uint32_t output_count, struct neuron_error *error)
{
    enum neuron_status status =
        check_run(module->model, inputs, input_count, outputs, output_count, error);

    if (status != NEURON_OK) {
        return status;
    }
    /* Relaxed: only the spread over the replicas depends on it. */
    uint32_t turn = atomic_fetch_add_explicit(&module->next_replica, 1, memory_order_relaxed);
    struct run run = {.module = module, .replica = turn % module->replica_count};
    run.inputs = calloc((size_t)input_count + output_count + 1, sizeof(void *));
    if (run.inputs == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    run.outputs = run.inputs + input_count;
    for (uint32_t i = 0; i < input_count; i += 1) {
        run.inputs[i] = inputs[i].data;
    }
    for (uint32_t i = 0; i < output_count; i += 1) {
        run.outputs[i] = outputs[i].data;
    }
    status = submit_and_wait(&run, error);
    free(run.inputs);
    return status;
}

const struct neuron_model *
neuron_module_model(const struct neuron_module *module)
{
    return module->model;
}

uint32_t
neuron_module_replica_count(const struct neuron_module *module)
{
    return module->replica_count;
}

struct neuron_executor *
neuron_module_replica_executor(const struct neuron_module *module, uint32_t replica)
{
    return module->replicas[replica].executor;
}

enum neuron_status
neuron_module_run_replica(struct neuron_module *module, uint32_t replica, void *const *inputs,
                          void *const *outputs, struct neuron_error *error)
{
    return neuron_program_run(module->replicas[replica].program, inputs, outputs, error);
}

void
neuron_module_destroy(struct neuron_module *module)
{
    if (module == NULL) {
        return;
    }
    for (uint32_t i = 0; module->replicas != NULL && i < module->replica_count; i += 1) {
        neuron_program_destroy(module->replicas[i].program);
    }
    for (uint32_t i = 0; module->replicas != NULL && i < module->replica_count; i += 1) {
        neuron_plan_destroy(module->replicas[i].plan);
    }
    free(module->replicas);
    free(module);
}
