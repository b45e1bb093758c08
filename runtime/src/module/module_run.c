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
#include "module/batched_run.h"
#include "module/bucket_run.h"
#include "module/module_body.h"
#include "module/module_run.h"
#include "module/module_tensors.h"
#include "module/replica_loading.h"
#include "neuron/clock.h"
#include "neuron/model_buckets.h"
#include "runtime_body.h"

struct neuron_module_run {
    struct neuron_module_run *next_free;
    struct neuron_module *module;
    struct neuron_replica_set *set;
    struct neuron_replica *replica;
    bool begins_loading;                  /* it is the first, and loads the others, too */
    uint64_t deadline_ns;                 /* of CLOCK_MONOTONIC; 0 for none */
    uint64_t begin_stamp;                 /* when it was handed over */
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

/* Where a run is to enter the set. */
struct run_place {
    uint32_t bucket;
    uint32_t replica; /* of the bucket */
};

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
enter_set(struct neuron_module_run *run, const struct run_place *place)
{
    struct neuron_replica_set *set = run->module->locked.set;
    uint32_t replica = place->replica;

    if (replica == whose_turn_it_is) {
        replica = (uint32_t)(set->turn % set->cores.replica_count);
        set->turn += 1;
    }
    run->set = set;
    run->replica = &set->replicas[(size_t)place->bucket * set->cores.replica_count + replica];
    run->begins_loading = set->loads_at_first_run;
    set->loads_at_first_run = false;
    set->run_count += 1;
}

/* Takes a run that was used before, or makes one; it has entered the set. */
static enum neuron_status
begin_run(struct neuron_module *module, const struct run_place *place,
          struct neuron_module_run **run, struct neuron_error *error)
{
    (void)pthread_mutex_lock(&module->lock);
    struct neuron_module_run *taken = module->locked.free_runs;
    if (taken != NULL) {
        module->locked.free_runs = taken->next_free;
        enter_set(taken, place);
    }
    (void)pthread_mutex_unlock(&module->lock);
    if (taken == NULL) {
        enum neuron_status status = create_run(module, &taken, error);

        if (status != NEURON_OK) {
            return status;
        }
        (void)pthread_mutex_lock(&module->lock);
        enter_set(taken, place);
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

/* What the runtime allows a run, or what is left until a deadline, where that is less. */
static uint64_t
find_timeout_ms(const struct neuron_module *module, uint64_t deadline_ns)
{
    uint64_t timeout_ms = neuron_runtime_execution_timeout_ms(module->runtime);

    if (deadline_ns == 0) {
        return timeout_ms;
    }
    uint64_t now_ns = neuron_clock_ns();
    uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns) / NEURON_NS_PER_MS + 1 : 1;
    return timeout_ms == 0 || left_ms < timeout_ms ? left_ms : timeout_ms;
}

/* Runs a replica of one core on its executor's thread, which loads it first if it is not loaded. */
static enum neuron_status
run_replica(const struct neuron_module *module, struct neuron_replica *replica, void *const *inputs,
            void *const *outputs, uint64_t timeout_ms, struct neuron_error *error)
{
    struct neuron_replica_stage *stage = &replica->stages[0];

    neuron_executor_begin_run(stage->executor, stage->module);
    enum neuron_status status = neuron_replica_load(stage, error);

    if (status == NEURON_OK) {
        status = neuron_program_run(stage->program, inputs, outputs, timeout_ms, error);
    }
    /* Buckets may have NaN in what is cut off: theirs are searched afterwards. */
    if (status == NEURON_OK && neuron_model_bucket_count(module->model) == 1) {
        status = neuron_module_check_numbers(module, outputs, error);
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

    run->status = run_replica(run->module, run->replica, run->inputs, run->outputs,
                              find_timeout_ms(run->module, run->deadline_ns), &run->error);
    neuron_executor_count_request(run->replica->stages[0].executor, run->begin_stamp);
    neuron_executor_end_at_mark(run->replica->stages[0].executor);
    tell_end(run);
}

/* Counts how long a run of several cores took, on the one that is at its end. */
static void
count_on_cores(const struct neuron_module_run *run)
{
    for (uint32_t i = 0; i < run->set->cores.model_cores; i += 1) {
        struct neuron_executor *executor = run->replica->stages[i].executor;

        if (neuron_executor_is_current(executor)) {
            (void)neuron_executor_mark(executor);
            neuron_executor_count_request(executor, run->begin_stamp);
            return;
        }
    }
}

/* Ends a run of several cores. */
static void
end_on_cores(struct neuron_module_run *run, enum neuron_status status,
             const struct neuron_error *error)
{
    count_on_cores(run);
    run->status = status;
    run->error = *error;
    if (status == NEURON_OK) {
        run->status = neuron_module_check_numbers(run->module, run->outputs, &run->error);
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
    run->parts.timeout_ms = find_timeout_ms(run->module, run->deadline_ns);
    run->parts.done = end_parts;
    return neuron_wide_submit(run->replica->wide, &run->parts, error);
}

static void
fill_in(struct neuron_module_run *run, void *const *inputs, void *const *outputs)
{
    const struct neuron_module *module = run->module;

    for (uint32_t i = 0; i < module->input_count; i += 1) {
        run->inputs[i] = inputs[i];
    }
    for (uint32_t i = 0; i < module->output_count; i += 1) {
        run->outputs[i] = outputs[i];
    }
}

/* Hands a run, whose addresses are filled in, to its replica. */
static enum neuron_status
submit_run(struct neuron_module_run *run, struct neuron_error *error)
{
    run->begin_stamp = neuron_executor_stamp(run->replica->stages[0].executor);
    if (run->begins_loading) {
        /* Replicas that do not begin now load at a run of their own. */
        neuron_ignore(neuron_replica_loading_begin(run->set, NULL));
    }
    if (run->replica->wide != NULL) {
        return submit_to_all_cores(run, error);
    }
    if (run->replica->pipeline == NULL) {
        run->request = (struct neuron_request){.work = run_on_executor, .argument = run};
        return neuron_executor_submit(run->replica->stages[0].executor, &run->request, error);
    }
    run->stages.inputs = run->inputs;
    run->stages.outputs = run->outputs;
    run->stages.timeout_ms = find_timeout_ms(run->module, run->deadline_ns);
    run->stages.done = end_stages;
    return neuron_pipeline_submit(run->replica->pipeline, &run->stages, error);
}

/* Counts a run that no core had, and returns why. */
static enum neuron_status
refuse_run(struct neuron_module *module, enum neuron_status status)
{
    neuron_runtime_count_refusal(module->runtime, status);
    return status;
}

/* Hands a run to its replica, and waits for it. */
static enum neuron_status
submit_and_wait(struct neuron_module_run *run, struct neuron_error *error)
{
    run->done = NULL;
    run->deadline_ns = 0;
    neuron_completion_arm(run->completion, 1);
    enum neuron_status status = submit_run(run, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(run->completion);
        return refuse_run(run->module, status);
    }
    neuron_completion_wait(run->completion);
    if (run->status != NEURON_OK) {
        neuron_error_set(error, run->status, "%s", run->error.text);
    }
    return run->status;
}

enum neuron_status
neuron_module_run_bucket(struct neuron_module *module, uint32_t bucket, void *const *inputs,
                         void *const *outputs, struct neuron_error *error)
{
    const struct run_place place = {.bucket = bucket, .replica = whose_turn_it_is};
    struct neuron_module_run *run = NULL;
    enum neuron_status status = begin_run(module, &place, &run, error);

    if (status != NEURON_OK) {
        return status;
    }
    fill_in(run, inputs, outputs);
    status = submit_and_wait(run, error);
    end_run(run);
    return status;
}

/* Runs the one bucket that there is; the addresses are put where the run has them. */
static enum neuron_status
run_exact(struct neuron_module *module, const struct neuron_tensor_view *inputs,
          const struct neuron_tensor_view *outputs, struct neuron_error *error)
{
    const struct run_place place = {.replica = whose_turn_it_is};
    struct neuron_module_run *run = NULL;
    enum neuron_status status = neuron_module_check_shapes(module->model, inputs, outputs, error);

    if (status == NEURON_OK) {
        status = begin_run(module, &place, &run, error);
    }
    if (status != NEURON_OK) {
        return refuse_run(module, status);
    }
    for (uint32_t i = 0; i < module->input_count; i += 1) {
        run->inputs[i] = inputs[i].data;
    }
    for (uint32_t i = 0; i < module->output_count; i += 1) {
        run->outputs[i] = outputs[i].data;
    }
    status = submit_and_wait(run, error);
    end_run(run);
    return status;
}

enum neuron_status
neuron_module_run(struct neuron_module *module, const struct neuron_tensor_view *inputs,
                  uint32_t input_count, const struct neuron_tensor_view *outputs,
                  uint32_t output_count, struct neuron_error *error)
{
    /* Before any lock: in a forked child, another thread of the parent may seem to hold it. */
    enum neuron_status status = neuron_runtime_check_process(module->runtime, error);

    if (status != NEURON_OK) {
        return status; /* whoever watches the parent is not told of its children */
    }
    status = neuron_module_check_counts(module->model, input_count, output_count, error);
    if (status != NEURON_OK) {
        return refuse_run(module, status);
    }
    if (atomic_load_explicit(&module->is_batched, memory_order_relaxed)) {
        return neuron_batched_run(module, inputs, outputs, error);
    }
    return neuron_model_bucket_count(module->model) > 1
               ? neuron_bucket_run(module, inputs, outputs, error)
               : run_exact(module, inputs, outputs, error);
}

enum neuron_status
neuron_module_run_replica(struct neuron_module *module, uint32_t replica, void *const *inputs,
                          void *const *outputs, struct neuron_error *error)
{
    return neuron_module_run_replica_until(module, replica, inputs, outputs, 0, error);
}

enum neuron_status
neuron_module_run_replica_until(struct neuron_module *module, uint32_t replica, void *const *inputs,
                                void *const *outputs, uint64_t deadline_ns,
                                struct neuron_error *error)
{
    struct neuron_replica *chosen = &module->locked.set->replicas[replica];

    if (chosen->pipeline != NULL || chosen->wide != NULL) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "%.60s takes %u cores, and cannot be run by the executor of one; submit "
                           "the run",
                           neuron_model_name(module->model), module->locked.set->cores.model_cores);
    }
    /* What was done to bring the rows here is part of the request, and not of the run. */
    uint64_t begin_stamp = neuron_executor_mark(chosen->stages[0].executor);
    enum neuron_status status =
        run_replica(module, chosen, inputs, outputs, find_timeout_ms(module, deadline_ns), error);
    neuron_executor_count_request(chosen->stages[0].executor, begin_stamp);
    return status == NEURON_OK && neuron_model_bucket_count(module->model) > 1
               ? neuron_module_check_numbers(module, outputs, error)
               : status;
}

static enum neuron_status
submit(struct neuron_module *module, const struct run_place *place,
       const struct neuron_replica_run *order, struct neuron_error *error)
{
    struct neuron_module_run *run = NULL;
    enum neuron_status status = begin_run(module, place, &run, error);

    if (status != NEURON_OK) {
        return refuse_run(module, status);
    }
    fill_in(run, order->inputs, order->outputs);
    run->done = order->done;
    run->done_argument = order->argument;
    run->deadline_ns = order->deadline_ns;
    status = submit_run(run, error);
    if (status != NEURON_OK) {
        end_run(run);
        return refuse_run(module, status);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_module_submit_bucket(struct neuron_module *module, uint32_t bucket,
                            const struct neuron_replica_run *order, struct neuron_error *error)
{
    const struct run_place place = {.bucket = bucket, .replica = whose_turn_it_is};

    return submit(module, &place, order, error);
}

enum neuron_status
neuron_module_submit_replica(struct neuron_module *module, uint32_t replica,
                             const struct neuron_replica_run *order, struct neuron_error *error)
{
    const struct run_place place = {.replica = replica};
    /* Before any lock: in a forked child, another thread of the parent may seem to hold it. */
    enum neuron_status status = neuron_runtime_check_process(module->runtime, error);

    return status == NEURON_OK ? submit(module, &place, order, error) : status;
}
