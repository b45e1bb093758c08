/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A module is a set of replicas that may be exchanged for another while the module is in use: a run
 * enters the set that is there, and the set that was replaced goes when nobody is in it any more.
 *
 * A run costs two turns of the module's lock, and no memory: what it needs is taken from those that
 * were used before.
 */
#include "neuron/module.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "executor/executor.h"
#include "module/bucket_run.h"
#include "module/model_body.h"
#include "module/nan_scan.h"
#include "module/replica_loading.h"
#include "module/replica_set.h"
#include "neuron/model_buckets.h"
#include "runtime_body.h"

/* One run on its way to an executor and back. */
struct run {
    struct run *next_free;
    struct neuron_module *module;
    struct neuron_replica_set *set;
    struct neuron_replica *replica;
    uint32_t bucket;
    bool begins_loading; /* it is the first, and loads the others, too */
    struct neuron_completion *completion;
    void **inputs; /* followed by the outputs in the same array */
    void **outputs;
    enum neuron_status status;
    struct neuron_error error;
};

struct neuron_module {
    struct neuron_runtime *runtime;
    const struct neuron_model *model;
    uint32_t input_count;
    uint32_t output_count;
    pthread_mutex_t placing; /* held while the module moves */
    pthread_mutex_t lock;
    pthread_cond_t left; /* the last run has left a set */
    struct {
        struct neuron_replica_set *set;
        struct run *free_runs; /* as many as were ever under way at once */
    } locked;                  /* guarded by `lock` */
};

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

enum neuron_status
neuron_module_place(struct neuron_module *module, const struct neuron_module_placement *placement,
                    struct neuron_error *error)
{
    struct neuron_replica_set *set = NULL;

    (void)pthread_mutex_lock(&module->placing);
    /* Only holders of `placing` exchange the set. */
    struct neuron_replica_set *former = module->locked.set;
    enum neuron_status status =
        neuron_replica_set_create(module->runtime, module->model, placement, former, &set, error);
    if (status == NEURON_OK) {
        exchange_set(module, set);
        neuron_replica_set_destroy(former);
    }
    (void)pthread_mutex_unlock(&module->placing);
    return status;
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
check_counts(const struct neuron_model *model, uint32_t input_count, uint32_t output_count,
             struct neuron_error *error)
{
    if (input_count != neuron_model_input_count(model) ||
        output_count != neuron_model_output_count(model)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "given %u inputs and %u outputs; the model has %u and %u", input_count,
                           output_count, neuron_model_input_count(model),
                           neuron_model_output_count(model));
    }
    return NEURON_OK;
}

static enum neuron_status
check_shapes(const struct neuron_model *model, const struct neuron_tensor_view *inputs,
             const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    enum neuron_status status = check_tensors(inputs, "input", neuron_model_input_count(model),
                                              neuron_model_input, model, error);

    return status == NEURON_OK ? check_tensors(outputs, "output", neuron_model_output_count(model),
                                               neuron_model_output, model, error)
                               : status;
}

static void
destroy_run(struct run *run)
{
    if (run == NULL) {
        return;
    }
    neuron_completion_destroy(run->completion);
    free(run->inputs);
    free(run);
}

static enum neuron_status
create_run(struct neuron_module *module, struct run **run, struct neuron_error *error)
{
    size_t tensor_count = (size_t)module->input_count + module->output_count + 1;
    struct run *created = calloc(1, sizeof(*created));

    if (created != NULL) {
        created->inputs = calloc(tensor_count, sizeof(void *));
    }
    if (created == NULL || created->inputs == NULL) {
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

/* Lets a run enter the set, at the replica whose turn it is; while the lock is held. */
static void
enter_set(struct run *run)
{
    struct neuron_replica_set *set = run->module->locked.set;

    run->set = set;
    run->replica = &set->replicas[(size_t)run->bucket * set->cores.replica_count +
                                  set->turn % set->cores.replica_count];
    run->begins_loading = set->loads_at_first_run;
    set->loads_at_first_run = false;
    set->turn += 1;
    set->run_count += 1;
}

/* Takes a run that was used before, or makes one; it has entered the set. */
static enum neuron_status
begin_run(struct neuron_module *module, uint32_t bucket, struct run **run,
          struct neuron_error *error)
{
    (void)pthread_mutex_lock(&module->lock);
    struct run *taken = module->locked.free_runs;
    if (taken != NULL) {
        module->locked.free_runs = taken->next_free;
        taken->bucket = bucket;
        enter_set(taken);
    }
    (void)pthread_mutex_unlock(&module->lock);
    if (taken == NULL) {
        enum neuron_status status = create_run(module, &taken, error);

        if (status != NEURON_OK) {
            return status;
        }
        (void)pthread_mutex_lock(&module->lock);
        taken->bucket = bucket;
        enter_set(taken);
        (void)pthread_mutex_unlock(&module->lock);
    }
    *run = taken;
    return NEURON_OK;
}

static void
end_run(struct run *run)
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

static enum neuron_status
refuse_nan(const struct neuron_module *module, uint32_t output, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_NUMERICAL_ERROR,
                       "output %.40s of %.60s holds a NaN; look at the inputs of this run",
                       neuron_model_output(module->model, output)->name,
                       neuron_model_name(module->model));
}

/* Searches the outputs of a run that is done, if that is asked for. */
static enum neuron_status
check_numbers(const struct neuron_module *module, void *const *outputs, struct neuron_error *error)
{
    bool is_asked = neuron_runtime_numerical_check(module->runtime) == NEURON_NUMERICAL_CHECK_NAN;

    for (uint32_t i = 0; is_asked && i < module->output_count; i += 1) {
        if (neuron_tensor_has_nan(&neuron_model_output(module->model, i)->shape, outputs[i])) {
            return refuse_nan(module, i, error);
        }
    }
    return NEURON_OK;
}

/* The same for what was cut out of a bucket's outputs. */
static enum neuron_status
check_trimmed(const struct neuron_module *module, const struct neuron_tensor_view *outputs,
              struct neuron_error *error)
{
    bool is_asked = neuron_runtime_numerical_check(module->runtime) == NEURON_NUMERICAL_CHECK_NAN;

    for (uint32_t i = 0; is_asked && i < module->output_count; i += 1) {
        struct neuron_tensor_shape shape = neuron_tensor_view_shape(&outputs[i]);

        if (neuron_tensor_has_nan(&shape, outputs[i].data)) {
            return refuse_nan(module, i, error);
        }
    }
    return NEURON_OK;
}

/* Runs a replica on its executor's thread, which loads it first if it is not loaded. */
static enum neuron_status
run_replica(const struct neuron_module *module, struct neuron_replica *replica, void *const *inputs,
            void *const *outputs, struct neuron_error *error)
{
    uint64_t timeout_ms = neuron_runtime_execution_timeout_ms(module->runtime);
    enum neuron_status status = neuron_replica_load(replica, error);

    if (status == NEURON_OK) {
        status = neuron_program_run(replica->program, inputs, outputs, timeout_ms, error);
    }

    /* Buckets may have NaN in what is cut off: theirs are searched afterwards. */
    if (status == NEURON_OK && neuron_model_bucket_count(module->model) == 1) {
        status = check_numbers(module, outputs, error);
    }
    neuron_executor_count_run(replica->executor, replica->serial, status);
    return status;
}

static void
run_on_executor(void *argument)
{
    struct run *run = argument;

    run->status = run_replica(run->module, run->replica, run->inputs, run->outputs, &run->error);
}

/* Hands a run to its replica's executor, and waits for it. */
static enum neuron_status
submit_and_wait(struct run *run, struct neuron_error *error)
{
    const struct neuron_request request = {
        .work = run_on_executor, .argument = run, .completion = run->completion};

    neuron_completion_arm(run->completion, 1);
    enum neuron_status status = neuron_executor_submit(run->replica->executor, &request, error);
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

/* Runs what has begun and has its tensors. */
static enum neuron_status
finish_run(struct run *run, struct neuron_error *error)
{
    if (run->begins_loading) {
        /* Replicas that do not begin now load at a run of their own. */
        neuron_ignore(neuron_replica_loading_begin(run->set, NULL));
    }
    enum neuron_status status = submit_and_wait(run, error);
    end_run(run);
    return status;
}

/* Runs a bucket over tensors of its shapes. */
static enum neuron_status
run_bucket(struct neuron_module *module, uint32_t bucket, void *const *inputs, void *const *outputs,
           struct neuron_error *error)
{
    struct run *run = NULL;
    enum neuron_status status = begin_run(module, bucket, &run, error);

    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < module->input_count; i += 1) {
        run->inputs[i] = inputs[i];
    }
    for (uint32_t i = 0; i < module->output_count; i += 1) {
        run->outputs[i] = outputs[i];
    }
    return finish_run(run, error);
}

/* Runs the smallest bucket that fits. */
static enum neuron_status
run_fitting(struct neuron_module *module, const struct neuron_tensor_view *inputs,
            const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    struct neuron_bucket_run staged = {0};
    enum neuron_status status =
        neuron_bucket_run_open(module->model, inputs, outputs, &staged, error);

    if (status == NEURON_OK) {
        status = run_bucket(module, staged.index, staged.addresses,
                            staged.addresses + module->input_count, error);
    }
    if (status == NEURON_OK) {
        neuron_bucket_run_trim(&staged, outputs);
        status = check_trimmed(module, outputs, error);
    }
    neuron_bucket_run_close(&staged);
    return status;
}

/* Runs the one bucket that there is; the addresses are put where the run has them. */
static enum neuron_status
run_exact(struct neuron_module *module, const struct neuron_tensor_view *inputs,
          const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    struct run *run = NULL;
    enum neuron_status status = check_shapes(module->model, inputs, outputs, error);

    if (status == NEURON_OK) {
        status = begin_run(module, 0, &run, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    for (uint32_t i = 0; i < module->input_count; i += 1) {
        run->inputs[i] = inputs[i].data;
    }
    for (uint32_t i = 0; i < module->output_count; i += 1) {
        run->outputs[i] = outputs[i].data;
    }
    return finish_run(run, error);
}

enum neuron_status
neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  uint32_t input_count, const struct neuron_tensor_view *outputs,
                  uint32_t output_count, struct neuron_error *error)
{
    /* Before any lock: in a forked child, another thread of the parent may seem to hold it. */
    enum neuron_status status = neuron_runtime_check_process(module->runtime, error);

    if (status == NEURON_OK) {
        status = check_counts(module->model, input_count, output_count, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    return neuron_model_bucket_count(module->model) > 1
               ? run_fitting(module, inputs, outputs, error)
               : run_exact(module, inputs, outputs, error);
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
    struct neuron_executor *executor = module->locked.set->replicas[replica].executor;
    (void)pthread_mutex_unlock(&module->lock);
    return executor;
}

enum neuron_status
neuron_module_run_replica(struct neuron_module *module, uint32_t replica, void *const *inputs,
                          void *const *outputs, struct neuron_error *error)
{
    enum neuron_status status =
        run_replica(module, &module->locked.set->replicas[replica], inputs, outputs, error);

    return status == NEURON_OK && neuron_model_bucket_count(module->model) > 1
               ? check_numbers(module, outputs, error)
               : status;
}

void
neuron_module_destroy(struct neuron_module *module)
{
    if (module == NULL) {
        return;
    }
    neuron_replica_set_destroy(module->locked.set);
    while (module->locked.free_runs != NULL) {
        struct run *run = module->locked.free_runs;

        module->locked.free_runs = run->next_free;
        destroy_run(run);
    }
    (void)pthread_cond_destroy(&module->left);
    (void)pthread_mutex_destroy(&module->lock);
    (void)pthread_mutex_destroy(&module->placing);
    free(module);
}
