/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run costs two turns of the module's lock, and no memory: what it needs is taken from those that
 * were used before. It stays in the set of replicas that it entered until it is done.
 *
 * A replica of one core is run by one request to its executor, one of several by a pipeline or by
 * all cores together. The end is told by a completion to the thread that waits, or by a call.
 */
#include "neuron/module.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "executor/executor.h"
#include "module/model_body.h"
#include "module/module_body.h"
#include "module/nan_scan.h"
#include "runtime_body.h"

struct neuron_module_run {
    struct neuron_module_run *next_free;
    struct neuron_module *module;
    struct neuron_replica_set *set;
    const struct neuron_replica *replica;
    struct neuron_completion *completion; /* of who waits */
    neuron_run_done_fn *done;             /* of who does not wait, else NULL */
    void *done_argument;
    struct neuron_request request;
    struct neuron_pipeline_run stages;
    struct neuron_wide_run parts; /* of cores that run the model together */
    void **inputs;                /* followed by the outputs in the same array */
    void **outputs;
    enum neuron_status status;
    struct neuron_error error;
};

static const uint32_t whose_turn_it_is = UINT32_MAX; /* instead of a replica */

static void
destroy_run(struct neuron_module_run *run)
{
    if (run == NULL) {
        return;
    }
    neuron_completion_destroy(run->completion);
    free(run->parts.shares);
    free(run->inputs);
    free(run);
}

static enum neuron_status
create_run(struct neuron_module *module, struct neuron_module_run **run, struct neuron_error *error)
{
    size_t tensor_count = (size_t)module->input_count + module->output_count + 1;
    struct neuron_module_run *created = calloc(1, sizeof(*created));

    if (created != NULL) {
        created->inputs = calloc(tensor_count, sizeof(void *));
        created->parts.shares =
            calloc(neuron_model_core_count(module->model), sizeof(*created->parts.shares));
    }
    if (created == NULL || created->inputs == NULL || created->parts.shares == NULL) {
        destroy_run(created);
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a run");
    }
    created->outputs = created->inputs + module->input_count;
    created->module = module;
    enum neuron_status status = neuron_completion_create(&created->completion, error);
    if (status != NEURON_OK) {
        destroy_run(created);
        return status;
    }
    *run = created;
    return NEURON_OK;
}

/* Lets a run enter the set, at a replica or at the one whose turn it is; while the lock is held. */
static void
enter_set(struct neuron_module_run *run, uint32_t replica)
{
    struct neuron_replica_set *set = run->module->locked.set;

    if (replica == whose_turn_it_is) {
        replica = (uint32_t)(set->turn % set->cores.replica_count);
        set->turn += 1;
    }
    run->set = set;
    run->replica = &set->replicas[replica];
    set->run_count += 1;
}

/* Takes a run that was used before, or makes one; it has entered the set. */
static enum neuron_status
begin_run(struct neuron_module *module, uint32_t replica, struct neuron_module_run **run,
          struct neuron_error *error)
{
    (void)pthread_mutex_lock(&module->lock);
    struct neuron_module_run *taken = module->locked.free_runs;
    if (taken != NULL) {
        module->locked.free_runs = taken->next_free;
        enter_set(taken, replica);
    }
    (void)pthread_mutex_unlock(&module->lock);
    if (taken == NULL) {
        enum neuron_status status = create_run(module, &taken, error);

        if (status != NEURON_OK) {
            return status;
        }
        (void)pthread_mutex_lock(&module->lock);
        enter_set(taken, replica);
        (void)pthread_mutex_unlock(&module->lock);
    }
    *run = taken;
    return NEURON_OK;
}

static void
end_run(struct neuron_module_run *run)
{
    struct neuron_module *module = run->module;

    (void)pthread_mutex_lock(&module->lock);
    run->set->run_count -= 1;
    if (run->set->run_count == 0 && run->set != module->locked.set) {
        (void)pthread_cond_broadcast(&module->left);
    }
    run->next_free = module->locked.free_runs;
    module->locked.free_runs = run;
    (void)pthread_mutex_unlock(&module->lock);
}

void
neuron_module_runs_destroy(struct neuron_module_run *runs)
{
    while (runs != NULL) {
        struct neuron_module_run *run = runs;

        runs = run->next_free;
        destroy_run(run);
    }
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

/* Searches the outputs of a run that is done for NaN, where the runtime is to do that. */
static enum neuron_status
check_numbers(const struct neuron_module *module, void *const *outputs, struct neuron_error *error)
{
    bool is_wanted = neuron_runtime_numerical_check(module->runtime) == NEURON_NUMERICAL_CHECK_NAN;

    for (uint32_t i = 0; is_wanted && i < module->output_count; i += 1) {
        const struct neuron_tensor_spec *spec = neuron_model_output(module->model, i);

        if (neuron_tensor_has_nan(&spec->shape, outputs[i])) {
            return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR,
                               "output %.40s of %.60s holds a NaN; look at the inputs of this run",
                               spec->name, neuron_model_name(module->model));
        }
    }
    return NEURON_OK;
}

/* Runs a replica of one core on its executor's thread. */
static enum neuron_status
run_replica(const struct neuron_module *module, const struct neuron_replica *replica,
            void *const *inputs, void *const *outputs, struct neuron_error *error)
{
    const struct neuron_replica_stage *stage = &replica->stages[0];
    uint64_t timeout_ms = neuron_runtime_execution_timeout_ms(module->runtime);
    enum neuron_status status =
        neuron_program_run(stage->program, inputs, outputs, timeout_ms, error);

    if (status == NEURON_OK) {
        status = check_numbers(module, outputs, error);
    }
    neuron_executor_count_run(stage->executor, stage->serial, status);
    return status;
}

/* Tells whoever waits, or is to be called, that a run is done. The latter keeps nothing of it. */
static void
tell_end(struct neuron_module_run *run)
{
    if (run->done == NULL) {
        neuron_completion_count_down(run->completion);
        return;
    }
    neuron_run_done_fn *done = run->done;
    void *argument = run->done_argument;
    enum neuron_status status = run->status;
    struct neuron_error error = run->error;

    end_run(run);
    done(argument, status, &error);
}

static void
run_on_executor(void *argument)
{
    struct neuron_module_run *run = argument;

    run->status = run_replica(run->module, run->replica, run->inputs, run->outputs, &run->error);
    tell_end(run);
}

/* Ends a run of several cores. */
static void
end_on_cores(struct neuron_module_run *run, enum neuron_status status,
             const struct neuron_error *error)
{
    run->status = status;
    run->error = *error;
    if (status == NEURON_OK) {
        run->status = check_numbers(run->module, run->outputs, &run->error);
    }
    tell_end(run);
}

/* On the executor of the last stage, or of the one that failed. */
static void
end_stages(struct neuron_pipeline_run *stages)
{
    struct neuron_module_run *run =
        (struct neuron_module_run *)((unsigned char *)stages -
                                     offsetof(struct neuron_module_run, stages));

    end_on_cores(run, stages->status, &stages->error);
}

/* On the executor of the core that was done last. */
static void
end_parts(struct neuron_wide_run *parts)
{
    struct neuron_module_run *run =
        (struct neuron_module_run *)((unsigned char *)parts -
                                     offsetof(struct neuron_module_run, parts));

    end_on_cores(run, parts->status, &parts->error);
}

static enum neuron_status
submit_to_all_cores(struct neuron_module_run *run, struct neuron_error *error)
{
    run->parts.inputs = run->inputs;
    run->parts.outputs = run->outputs;
    run->parts.timeout_ms = neuron_runtime_execution_timeout_ms(run->module->runtime);
    run->parts.done = end_parts;
    return neuron_wide_submit(run->replica->wide, &run->parts, error);
}

/* Hands a run, whose addresses are filled in, to its replica. */
static enum neuron_status
submit_run(struct neuron_module_run *run, struct neuron_error *error)
{
    if (run->replica->wide != NULL) {
        return submit_to_all_cores(run, error);
    }
    if (run->replica->pipeline == NULL) {
        run->request = (struct neuron_request){.work = run_on_executor, .argument = run};
        return neuron_executor_submit(run->replica->stages[0].executor, &run->request, error);
    }
    run->stages.inputs = run->inputs;
    run->stages.outputs = run->outputs;
    run->stages.timeout_ms = neuron_runtime_execution_timeout_ms(run->module->runtime);
    run->stages.done = end_stages;
    return neuron_pipeline_submit(run->replica->pipeline, &run->stages, error);
}

/* Hands a run to its replica, and waits for it. */
static enum neuron_status
submit_and_wait(struct neuron_module_run *run, struct neuron_error *error)
{
    run->done = NULL;
    neuron_completion_arm(run->completion, 1);
    enum neuron_status status = submit_run(run, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(run->completion);
        return status;
    }
    neuron_completion_wait(run->completion);
    if (run->status != NEURON_OK) {
        neuron_error_set(error, run->status, "%s", run->error.text);
    }
    return run->status;
}

enum neuron_status
neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  uint32_t input_count, const struct neuron_tensor_view *outputs,
                  uint32_t output_count, struct neuron_error *error)
{
    struct neuron_module_run *run = NULL;
    /* Before any lock: in a forked child, another thread of the parent may seem to hold it. */
    enum neuron_status status = neuron_runtime_check_process(module->runtime, error);

    if (status == NEURON_OK) {
        status = check_run(module->model, inputs, input_count, outputs, output_count, error);
    }

    if (status == NEURON_OK) {
        status = begin_run(module, whose_turn_it_is, &run, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < input_count; i += 1) {
        run->inputs[i] = inputs[i].data;
    }
    for (uint32_t i = 0; i < output_count; i += 1) {
        run->outputs[i] = outputs[i].data;
    }
    status = submit_and_wait(run, error);
    end_run(run);
    return status;
}

enum neuron_status
neuron_module_run_replica(struct neuron_module *module, uint32_t replica, void *const *inputs,
                          void *const *outputs, struct neuron_error *error)
{
    const struct neuron_replica *chosen = &module->locked.set->replicas[replica];

    if (chosen->pipeline != NULL || chosen->wide != NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%.60s takes %u cores, and cannot be run by the executor of one; submit "
                           "the run",
                           neuron_model_name(module->model), module->locked.set->cores.model_cores);
    }
    return run_replica(module, chosen, inputs, outputs, error);
}

enum neuron_status
neuron_module_submit_replica(struct neuron_module *module, uint32_t replica,
                             const struct neuron_replica_run *order, struct neuron_error *error)
{
    struct neuron_module_run *run = NULL;
    /* Before any lock: in a forked child, another thread of the parent may seem to hold it. */
    enum neuron_status status = neuron_runtime_check_process(module->runtime, error);

    if (status == NEURON_OK) {
        status = begin_run(module, replica, &run, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < module->input_count; i += 1) {
        run->inputs[i] = order->inputs[i];
    }
    for (uint32_t i = 0; i < module->output_count; i += 1) {
        run->outputs[i] = order->outputs[i];
    }
    run->done = order->done;
    run->done_argument = order->argument;
    status = submit_run(run, error);
    if (status != NEURON_OK) {
        end_run(run);
    }
    return status;
}
