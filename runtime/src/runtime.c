/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/runtime.h"
#include "runtime_body.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "executor/channel.h"
#include "executor/executor.h"
#include "memory/device_budgets.h"
#include "neuron/process_mark.h"
#include "owned_cores.h"

struct neuron_runtime {
    struct neuron_topology *topology;
    struct neuron_owned_cores cores;
    struct neuron_device_budgets *budgets;
    struct neuron_process_counters *counters;
    struct neuron_channel_group *channels;
    struct neuron_executor **executors; /* by nc; NULL from the first that was not started */
    struct neuron_core_usage *usage;
    struct neuron_plan_store *plans;
    pthread_mutex_t submit_order;
    pthread_key_t context_key;
    bool has_context_key;
    _Atomic uint64_t next_serial;
    uint64_t execution_timeout_ms;
    enum neuron_numerical_check numerical_check;
    struct neuron_process_mark *process; /* a forked child has neither the threads nor the cores */
};

/* Starts an executor on each core of the lease. */
static enum neuron_status
start_executors(struct neuron_runtime *runtime, struct neuron_error *error)
{
    const struct neuron_core_set *cores = neuron_core_lease_cores(runtime->cores.lease);
    uint32_t count = neuron_core_set_count(cores);
    enum neuron_status status =
        neuron_channel_group_create(runtime->topology, cores, &runtime->channels, error);

    if (status != NEURON_OK) {
        return status;
    }
    runtime->executors = calloc(count, sizeof(struct neuron_executor *));
    if (runtime->executors == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %u executors", count);
    }
    for (uint32_t nc = 0; status == NEURON_OK && nc < count; nc += 1) {
        status = neuron_executor_create(runtime->channels, runtime->counters, runtime->topology, nc,
                                        &runtime->executors[nc], error);
    }
    return status;
}

/* Makes what modules are placed by. */
static enum neuron_status
create_placement(struct neuron_runtime *runtime, const char *cache_folder,
                 struct neuron_error *error)
{
    enum neuron_status status =
        neuron_core_usage_create(neuron_runtime_core_count(runtime), runtime->cores.groups,
                                 runtime->cores.group_count, &runtime->usage, error);

    if (status == NEURON_OK) {
        status = neuron_plan_store_create(cache_folder, &runtime->plans, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    runtime->has_context_key = pthread_key_create(&runtime->context_key, NULL) == 0;
    if (!runtime->has_context_key) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "this process has no thread-specific key left for a runtime; destroy "
                           "runtimes that are not used");
    }
    return NEURON_OK;
}

/* Makes what others watch the cores by. */
static enum neuron_status
create_counters(struct neuron_runtime *runtime, const char *tag, struct neuron_error *error)
{
    enum neuron_status status = neuron_process_counters_create(
        runtime->topology, neuron_runtime_cores(runtime), tag, &runtime->counters, error);

    if (status == NEURON_OK) {
        neuron_device_budgets_note(runtime->budgets, runtime->counters);
    }
    return status;
}

static enum neuron_status
create_from_options(const struct neuron_runtime_options *options, struct neuron_runtime **runtime,
                    struct neuron_error *error)
{
    struct neuron_runtime *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a runtime");
    }
    (void)pthread_mutex_init(&created->submit_order, NULL); /* cannot fail without attributes */
    created->execution_timeout_ms = options->execution_timeout_ms;
    created->numerical_check = options->numerical_check;
    enum neuron_status status = neuron_process_mark_create(&created->process, error);
    if (status == NEURON_OK) {
        status = neuron_topology_create(&created->topology, error);
    }
    if (status == NEURON_OK) {
        status = neuron_device_budgets_create(created->topology, options->device_memory_bytes,
                                              &created->budgets, error);
    }
    if (status == NEURON_OK) {
        status = neuron_owned_cores_claim(created->topology, options, &created->cores, error);
    }
    if (status == NEURON_OK) {
        status = create_counters(created, options->process_tag, error);
    }
    if (status == NEURON_OK) {
        status = create_placement(created, options->cache_folder, error);
    }
    if (status == NEURON_OK) {
        status = start_executors(created, error);
    }
    if (status != NEURON_OK) {
        neuron_runtime_destroy(created);
        return status;
    }
    *runtime = created;
    return NEURON_OK;
}

enum neuron_status
neuron_runtime_create(const struct neuron_runtime_options *options, struct neuron_runtime **runtime,
                      struct neuron_error *error)
{
    struct neuron_runtime_options environment = {0};
    struct neuron_error unused = {0};

    error = error == NULL ? &unused : error;
    if (options == NULL) {
        enum neuron_status status = neuron_runtime_options_read(&environment, error);

        if (status != NEURON_OK) {
            return status;
        }
        options = &environment;
    }
    return create_from_options(options, runtime, error);
}

uint32_t
neuron_runtime_core_count(const struct neuron_runtime *runtime)
{
    return neuron_core_set_count(neuron_runtime_cores(runtime));
}

const struct neuron_core_set *
neuron_runtime_cores(const struct neuron_runtime *runtime)
{
    return neuron_core_lease_cores(runtime->cores.lease);
}

struct neuron_executor *
neuron_runtime_executor(const struct neuron_runtime *runtime, uint32_t nc)
{
    return runtime->executors[nc];
}

void
neuron_runtime_read_counters(const struct neuron_runtime *runtime, uint32_t nc,
                             struct neuron_core_counters *counters)
{
    neuron_executor_read_counters(runtime->executors[nc], counters);
    counters->replica_count = neuron_core_usage_of(runtime->usage, nc);
}

void
neuron_runtime_count_refusal(const struct neuron_runtime *runtime, enum neuron_status status)
{
    neuron_process_counters_refuse(runtime->counters, status);
}

struct neuron_process_counters *
neuron_runtime_counters(const struct neuron_runtime *runtime)
{
    return runtime->counters;
}

const struct neuron_topology *
neuron_runtime_topology(const struct neuron_runtime *runtime)
{
    return runtime->topology;
}

const struct neuron_core_lease *
neuron_runtime_lease(const struct neuron_runtime *runtime)
{
    return runtime->cores.lease;
}

uint32_t
neuron_runtime_device(const struct neuron_runtime *runtime, uint32_t nc)
{
    return neuron_topology_device_of(runtime->topology,
                                     neuron_core_set_at(neuron_runtime_cores(runtime), nc));
}

struct neuron_device_budget *
neuron_runtime_device_budget(const struct neuron_runtime *runtime, uint32_t nc)
{
    return neuron_device_budgets_of(runtime->budgets, neuron_runtime_device(runtime, nc));
}

enum neuron_status
neuron_runtime_check_process(const struct neuron_runtime *runtime, struct neuron_error *error)
{
    if (!neuron_process_mark_is_own(runtime->process)) {
        return NEURON_FAIL(error, NEURON_STOPPED,
                           "the runtime is that of the parent of this forked process; make a "
                           "runtime here");
    }
    return NEURON_OK;
}

struct neuron_core_usage *
neuron_runtime_usage(const struct neuron_runtime *runtime)
{
    return runtime->usage;
}

struct neuron_plan_store *
neuron_runtime_plans(const struct neuron_runtime *runtime)
{
    return runtime->plans;
}

pthread_mutex_t *
neuron_runtime_submit_order(struct neuron_runtime *runtime)
{
    return &runtime->submit_order;
}

pthread_key_t
neuron_runtime_context_key(const struct neuron_runtime *runtime)
{
    return runtime->context_key;
}

uint64_t
neuron_runtime_next_serial(struct neuron_runtime *runtime)
{
    return atomic_fetch_add_explicit(&runtime->next_serial, 1, memory_order_relaxed) + 1;
}

uint64_t
neuron_runtime_execution_timeout_ms(const struct neuron_runtime *runtime)
{
    return runtime->execution_timeout_ms;
}

enum neuron_numerical_check
neuron_runtime_numerical_check(const struct neuron_runtime *runtime)
{
    return runtime->numerical_check;
}

const struct neuron_core_group *
neuron_runtime_groups(const struct neuron_runtime *runtime, uint32_t *count)
{
    *count = runtime->cores.group_count;
    return runtime->cores.groups;
}

void
neuron_runtime_lend(const struct neuron_runtime *runtime, struct neuron_runtime_options *options)
{
    *options = (struct neuron_runtime_options){
        .execution_timeout_ms = runtime->execution_timeout_ms,
        .numerical_check = runtime->numerical_check,
        .process_tag = neuron_process_counters_tag(runtime->counters)};
    neuron_core_lease_lend(runtime->cores.lease, &options->lease);
    (void)snprintf(options->cache_folder, sizeof(options->cache_folder), "%s",
                   neuron_plan_store_cache_folder(runtime->plans));
}

enum neuron_status
neuron_runtime_bind_thread(const struct neuron_runtime *runtime, uint32_t first_nc, uint32_t count,
                           struct neuron_error *error)
{
    const struct neuron_core_set *owned = neuron_runtime_cores(runtime);
    struct neuron_core_set *cores = NULL;
    enum neuron_status status = neuron_core_set_create(0, 0, &cores, error);

    for (uint32_t i = 0; status == NEURON_OK && i < count; i += 1) {
        status = neuron_core_set_add(cores, neuron_core_set_at(owned, first_nc + i), error);
    }
    if (status == NEURON_OK) {
        status = neuron_topology_bind_thread(runtime->topology, cores, error);
    }
    neuron_core_set_destroy(cores);
    return status;
}

/* Stops all executors: first none accepts any more, so that all drain at the same time. */
static void
stop_executors(struct neuron_runtime *runtime)
{
    uint32_t count = runtime->executors == NULL ? 0 : neuron_runtime_core_count(runtime);
    uint32_t started = 0;

    while (started < count && runtime->executors[started] != NULL) {
        neuron_executor_stop_accepting(runtime->executors[started]);
        started += 1;
    }
    for (uint32_t nc = 0; nc < started; nc += 1) {
        neuron_executor_join(runtime->executors[nc]);
    }
    for (uint32_t nc = 0; nc < started; nc += 1) {
        neuron_executor_destroy(runtime->executors[nc]);
    }
    free(runtime->executors);
}

void
neuron_runtime_destroy(struct neuron_runtime *runtime)
{
    if (runtime == NULL) {
        return;
    }
    if (runtime->process != NULL && neuron_process_mark_is_own(runtime->process)) {
        stop_executors(runtime);
        neuron_channel_group_destroy(runtime->channels);
    }
    if (runtime->has_context_key) {
        (void)pthread_key_delete(runtime->context_key);
    }
    neuron_plan_store_destroy(runtime->plans);
    neuron_core_usage_destroy(runtime->usage);
    neuron_process_counters_destroy(runtime->counters);
    neuron_owned_cores_release(&runtime->cores);
    neuron_device_budgets_destroy(runtime->budgets);
    neuron_topology_destroy(runtime->topology);
    neuron_process_mark_destroy(runtime->process);
    (void)pthread_mutex_destroy(&runtime->submit_order);
    free(runtime);
}
