/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/data_parallel.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "neuron/module.h"

#include "batch_split.h"
#include "batch_tensors.h"
#include "device_ids.h"
#include "scatter_gather.h"

/* Whether a call may have any number of rows, and if not, who decided that. */
enum batching { DYNAMIC, REFUSED_BY_MODEL, REFUSED_BY_OPTIONS, SWITCHED_OFF };

struct neuron_data_parallel {
    struct neuron_module *module;
    struct neuron_scatter_gather *scatter_gather;
    int64_t compiled_batch;            /* 0 where batching is refused from the start */
    struct neuron_error model_refusal; /* why, for REFUSED_BY_MODEL */
    _Atomic enum batching batching;    /* changes once at most, from DYNAMIC to SWITCHED_OFF */
    _Atomic uint32_t split_rows;       /* 0 for the automatic cut */
};

/* Makes a list of the cores to use, which the caller frees. */
static enum neuron_status
choose_cores(const struct neuron_runtime *runtime,
             const struct neuron_data_parallel_options *options, uint32_t **chosen,
             uint32_t *chosen_count, struct neuron_error *error)
{
    uint32_t owned = neuron_runtime_core_count(runtime);
    bool is_chosen = options->device_ids != NULL;
    uint32_t count = is_chosen ? options->device_id_count : owned;
    enum neuron_status status = NEURON_OK;

    if (count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the list of device ids is empty: name a core, or give no list for all");
    }

    uint32_t *cores = calloc(count, sizeof(*cores));

    if (cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " device ids",
                           count);
    }
    for (uint32_t i = 0; !is_chosen && i < count; i += 1) {
        cores[i] = i;
    }
    if (is_chosen) {
        status = neuron_device_ids_parse(options->device_ids, count, owned, cores, error);
    }
    if (status != NEURON_OK) {
        free(cores);
        return status;
    }
    *chosen = cores;
    *chosen_count = count;
    return NEURON_OK;
}

/* Loads the model to the chosen cores. */
static enum neuron_status
load_module(struct neuron_data_parallel *parallel, struct neuron_runtime *runtime,
            const struct neuron_model *model, const struct neuron_data_parallel_options *options,
            struct neuron_error *error)
{
    uint32_t *cores = NULL;
    uint32_t core_count = 0;

    if (neuron_model_core_count(model) > 1) {
        return NEURON_FAIL(error, NEURON_UNSUPPORTED_MODEL,
                           "the model %.60s is compiled for %" PRIu32
                           " cores, and DataParallel runs those of one; compile it for one core",
                           neuron_model_name(model), neuron_model_core_count(model));
    }
    enum neuron_status status = choose_cores(runtime, options, &cores, &core_count, error);

    if (status != NEURON_OK) {
        return status;
    }

    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores, .core_count = core_count};

    status = neuron_module_create(runtime, model, &placement, &parallel->module, error);
    free(cores);
    return status;
}

/* Decides whether calls may have any number of rows. */
static void
decide_batching(struct neuron_data_parallel *parallel, const struct neuron_model *model,
                const struct neuron_data_parallel_options *options)
{
    enum batching batching = DYNAMIC;

    if (options->without_dynamic_batching) {
        batching = REFUSED_BY_OPTIONS;
    } else if (neuron_model_find_batch(model, &parallel->compiled_batch,
                                       &parallel->model_refusal) != NEURON_OK) {
        batching = REFUSED_BY_MODEL;
    }
    atomic_init(&parallel->batching, batching);
}

enum neuron_status
neuron_data_parallel_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                            const struct neuron_data_parallel_options *options,
                            struct neuron_data_parallel **parallel, struct neuron_error *error)
{
    static const struct neuron_data_parallel_options defaults = {0};
    struct neuron_data_parallel *made = calloc(1, sizeof(*made));
    enum neuron_status status = NEURON_OK;

    if (made == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a DataParallel object");
    }
    if (options == NULL) {
        options = &defaults;
    }
    atomic_init(&made->split_rows, 0);
    decide_batching(made, model, options);
    status = load_module(made, runtime, model, options, error);
    if (status != NEURON_OK) {
        goto failed;
    }
    status = neuron_scatter_gather_create(made->module, made->compiled_batch, &made->scatter_gather,
                                          error);
    if (status != NEURON_OK) {
        goto failed;
    }
    *parallel = made;
    return NEURON_OK;

failed:
    neuron_data_parallel_destroy(made);
    return status;
}

/* Plans a batch of any number of rows. */
static enum neuron_status
plan_rows(struct neuron_data_parallel *parallel, struct neuron_batch_plan *plan,
          struct neuron_error *error)
{
    uint32_t split_rows = atomic_load_explicit(&parallel->split_rows, memory_order_relaxed);
    int64_t rows = 0;
    enum neuron_status status = neuron_batch_tensors_check_rows(
        &plan->tensors, neuron_module_model(parallel->module), &rows, error);

    if (status != NEURON_OK) {
        return status;
    }
    plan->split = neuron_batch_split_of(rows, parallel->compiled_batch, split_rows);
    plan->order = NEURON_CHUNK_TO_FREE_CORE;
    return NEURON_OK;
}

/* Plans a batch that is one compiled shape for each core. */
static enum neuron_status
plan_parts(struct neuron_data_parallel *parallel, struct neuron_batch_plan *plan,
           struct neuron_error *error)
{
    uint32_t cores = neuron_module_replica_count(parallel->module);
    int64_t rows = 0;
    enum neuron_status status = neuron_batch_tensors_check_exact(
        &plan->tensors, neuron_module_model(parallel->module), cores, &rows, error);

    if (status != NEURON_OK) {
        return status;
    }
    plan->split = (struct neuron_batch_split){
        .rows = rows, .chunk_rows = rows / cores, .chunk_count = rows == 0 ? 0 : cores};
    plan->order = NEURON_CHUNK_TO_OWN_CORE;
    return NEURON_OK;
}

enum neuron_status
neuron_data_parallel_run(struct neuron_data_parallel *parallel,
                         const struct neuron_tensor_view *inputs, uint32_t input_count,
                         const struct neuron_tensor_view *outputs, uint32_t output_count,
                         struct neuron_error *error)
{
    struct neuron_batch_plan plan = {.tensors = {.inputs = inputs,
                                                 .outputs = outputs,
                                                 .input_count = input_count,
                                                 .output_count = output_count}};
    bool is_dynamic = atomic_load_explicit(&parallel->batching, memory_order_relaxed) == DYNAMIC;
    enum neuron_status status =
        is_dynamic ? plan_rows(parallel, &plan, error) : plan_parts(parallel, &plan, error);

    if (status != NEURON_OK || plan.split.chunk_count == 0) {
        return status;
    }
    return neuron_scatter_gather_run(parallel->scatter_gather, &plan, error);
}

void
neuron_data_parallel_set_split_size(struct neuron_data_parallel *parallel, uint32_t rows)
{
    atomic_store_explicit(&parallel->split_rows, rows, memory_order_relaxed);
}

void
neuron_data_parallel_disable_dynamic_batching(struct neuron_data_parallel *parallel)
{
    enum batching expected = DYNAMIC;

    /* Where it is off already, the first reason stands. */
    (void)atomic_compare_exchange_strong(&parallel->batching, &expected, SWITCHED_OFF);
}

bool
neuron_data_parallel_has_dynamic_batching(const struct neuron_data_parallel *parallel,
                                          struct neuron_error *error)
{
    switch (atomic_load_explicit(&parallel->batching, memory_order_relaxed)) {
    case DYNAMIC:
        return true;
    case REFUSED_BY_MODEL:
        neuron_error_set(error, parallel->model_refusal.status, "%s", parallel->model_refusal.text);
        break;
    case REFUSED_BY_OPTIONS:
        neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                         "dynamic batching was refused by the option without_dynamic_batching");
        break;
    case SWITCHED_OFF:
        neuron_error_set(error, NEURON_INVALID_ARGUMENT,
                         "dynamic batching was switched off by "
                         "neuron_data_parallel_disable_dynamic_batching()");
        break;
    }
    return false;
}

uint32_t
neuron_data_parallel_core_count(const struct neuron_data_parallel *parallel)
{
    return neuron_module_replica_count(parallel->module);
}

void
neuron_data_parallel_destroy(struct neuron_data_parallel *parallel)
{
    if (parallel == NULL) {
        return;
    }
    neuron_scatter_gather_destroy(parallel->scatter_gather);
    neuron_module_destroy(parallel->module);
    free(parallel);
}
