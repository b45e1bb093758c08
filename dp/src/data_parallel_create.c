/* SPDX-License-Identifier: Apache-2.0 */
/* Makes DataParallel objects: chooses cores, loads what runs there, and sets up its lanes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "custom_program.h"
#include "data_parallel_body.h"
#include "device_ids.h"
#include "isolated_lanes.h"
#include "neuron/core_set.h"
#include "neuron/data_parallel.h"
#include "parallel_lanes.h"
#include "replica_program.h"
#include "row_layouts.h"

enum { QUEUE_LIMIT = 64 };

/* The first core of each replica, in the process's numbers. */
struct core_choice {
    uint32_t *cores; /* NULL for as many replicas as fit on all */
    uint32_t count;
};

/* Reads the device ids of the options, if there are any. The caller frees the cores. */
static enum neuron_status
choose_cores(const struct neuron_runtime *runtime,
             const struct neuron_data_parallel_options *options, struct core_choice *choice,
             struct neuron_error *error)
{
    uint32_t count = options->device_id_count;

    *choice = (struct core_choice){0};
    if (options->device_ids == NULL && count > 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "device_id_count is %" PRIu32 ", but device_ids is NULL", count);
    }
    if (options->device_ids == NULL) {
        return NEURON_OK;
    }
    if (count == 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the list of device ids is empty: name a core, or give no list for all");
    }
    choice->cores = calloc(count, sizeof(*choice->cores));
    if (choice->cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " device ids",
                           count);
    }
    choice->count = count;
    enum neuron_status status = neuron_device_ids_parse(
        options->device_ids, count, neuron_runtime_core_count(runtime), choice->cores, error);
    if (status != NEURON_OK) {
        free(choice->cores);
        choice->cores = NULL;
    }
    return status;
}

static struct neuron_module_placement
placement_of(const struct core_choice *choice)
{
    if (choice->cores == NULL) {
        return (struct neuron_module_placement){.kind = NEURON_PLACEMENT_ALL};
    }
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_SELECTION, .cores = choice->cores, .core_count = choice->count};
}

/* Refuses an isolation that there is not, and a limit that only one of the two has. */
static enum neuron_status
check_isolation(const struct neuron_data_parallel_options *options, struct neuron_error *error)
{
    if (options->isolation != NEURON_ISOLATION_NONE &&
        options->isolation != NEURON_ISOLATION_PROCESS) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT, "%d is no kind of isolation",
                           (int)options->isolation);
    }
    if (options->isolation == NEURON_ISOLATION_NONE && options->hang_limit_ms != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "hang_limit_ms %" PRIu32
                           ": nothing kills a run of this process; set NEURON_ISOLATION_PROCESS, "
                           "or give calls a deadline",
                           options->hang_limit_ms);
    }
    return NEURON_OK;
}

/* Makes an object that has nothing but what the options say. */
static enum neuron_status
begin_object(const struct neuron_data_parallel_options *options, struct neuron_data_parallel **made,
             struct neuron_error *error)
{
    enum neuron_status status = check_isolation(options, error);
    struct neuron_data_parallel *parallel = NULL;

    if (status != NEURON_OK) {
        return status;
    }
    parallel = calloc(1, sizeof(*parallel));
    if (parallel == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a DataParallel object");
    }
    parallel->queue_limit = options->queue_limit == 0 ? QUEUE_LIMIT : options->queue_limit;
    atomic_init(&parallel->split_rows, options->split_size);
    atomic_init(&parallel->worker_limit, options->num_workers);
    atomic_init(&parallel->submitted_count, 0);
    *made = parallel;
    return NEURON_OK;
}

/* Says that a model is given exact shapes only, where the user has not asked for that. */
static void
warn_of_exact_shapes(const struct neuron_data_parallel *parallel)
{
    (void)fprintf(stderr,
                  "neuron: DataParallel takes exact shapes of \"%.60s\" only, no dynamic batching: "
                  "%s\n",
                  parallel->specs.name, parallel->refusal.text);
}

/* Decides whether calls may have any number of rows. */
static enum neuron_status
decide_batching(struct neuron_data_parallel *parallel,
                const struct neuron_data_parallel_options *options, struct neuron_error *error)
{
    enum neuron_batching batching = NEURON_BATCHING_DYNAMIC;
    int64_t rows = 0;
    enum neuron_status status =
        neuron_program_specs_check_dim(&parallel->specs, options->dim, &parallel->dim, error);

    if (status != NEURON_OK) {
        return status;
    }
    if (options->without_dynamic_batching) {
        batching = NEURON_BATCHING_REFUSED_BY_OPTIONS;
    } else if (parallel->dim != 0) {
        batching = NEURON_BATCHING_REFUSED_BY_MODEL;
        neuron_error_set(&parallel->refusal, NEURON_UNSUPPORTED_MODEL,
                         "dimension %" PRId32 " is cut, and only dimension 0 can be padded",
                         options->dim);
    } else if (neuron_model_find_batch(parallel->specs.model, &rows, &parallel->refusal) !=
               NEURON_OK) {
        batching = NEURON_BATCHING_REFUSED_BY_MODEL;
    }
    parallel->run_rows = batching == NEURON_BATCHING_DYNAMIC ? rows : 0;
    atomic_init(&parallel->batching, batching);
    return NEURON_OK;
}

static enum neuron_status
lay_out_rows(struct neuron_data_parallel *parallel, struct neuron_error *error)
{
    uint32_t count = parallel->specs.input_count + parallel->specs.output_count;

    parallel->layouts = calloc(count, sizeof(*parallel->layouts));
    parallel->exact_layouts = calloc(count, sizeof(*parallel->exact_layouts));
    if (parallel->layouts == NULL || parallel->exact_layouts == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for a DataParallel object");
    }
    if (parallel->run_rows > 0) {
        neuron_row_layouts_dynamic(&parallel->specs, parallel->layouts);
    }
    if (parallel->specs.custom == NULL) {
        neuron_row_layouts_exact(&parallel->specs, parallel->dim, parallel->exact_layouts);
    }
    return NEURON_OK;
}

static enum neuron_status
open_replica_lane(void *maker, uint32_t lane, struct neuron_chunk_program *program,
                  struct neuron_error *error)
{
    const struct neuron_data_parallel *parallel = maker;

    return neuron_replica_program_create(parallel->module, lane % parallel->replica_count,
                                         parallel->run_rows, program, error);
}

/*
 * Makes the lanes of a module: one a replica of one core. One of several cores has one more than
 * cores, so that every stage of a pipeline has a run while the next is packed.
 */
static enum neuron_status
make_replica_lanes(struct neuron_data_parallel *parallel, struct neuron_error *error)
{
    struct neuron_module *module = parallel->module;
    uint32_t model_cores = neuron_model_core_count(neuron_module_model(module));
    uint32_t replica_count = neuron_module_replica_count(module);
    uint32_t *first_cores = calloc(replica_count, sizeof(*first_cores));

    if (first_cores == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %" PRIu32 " replicas",
                           replica_count);
    }
    for (uint32_t i = 0; i < replica_count; i += 1) {
        first_cores[i] = neuron_module_replica_core(module, i);
    }
    parallel->replica_count = replica_count;
    parallel->core_count = replica_count * model_cores;
    const struct neuron_lane_layout layout = {.runtime = neuron_module_runtime(module),
                                              .first_cores = first_cores,
                                              .lanes_each = model_cores == 1 ? 1 : model_cores + 1,
                                              .open = open_replica_lane,
                                              .maker = parallel};
    enum neuron_status status = neuron_parallel_lanes_make(parallel, &layout, error);
    free(first_cores);
    return status;
}

/* Decides how calls of a model are cut. */
static enum neuron_status
decide_cut(struct neuron_data_parallel *parallel,
           const struct neuron_data_parallel_options *options, struct neuron_error *error)
{
    enum neuron_status status = decide_batching(parallel, options, error);

    return status == NEURON_OK ? lay_out_rows(parallel, error) : status;
}

/* Completes an object that has the model in a module of its own. */
static enum neuron_status
load_module(struct neuron_data_parallel *parallel, struct neuron_runtime *runtime,
            const struct neuron_module_placement *placement,
            const struct neuron_data_parallel_options *options, struct neuron_error *error)
{
    enum neuron_status status = decide_cut(parallel, options, error);

    parallel->owns_module = true;
    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, parallel->specs.model, placement, &parallel->module,
                                      error);
    }
    return status == NEURON_OK ? make_replica_lanes(parallel, error) : status;
}

/* Completes an object that has the model in other processes. */
static enum neuron_status
use_processes(struct neuron_data_parallel *parallel, struct neuron_runtime *runtime,
              const struct neuron_module_placement *placement,
              const struct neuron_data_parallel_options *options, struct neuron_error *error)
{
    enum neuron_status status = decide_cut(parallel, options, error);

    return status == NEURON_OK ? neuron_isolated_lanes_make(parallel, runtime, placement,
                                                            options->hang_limit_ms, error)
                               : status;
}

/* Gives an object to its user, or destroys it. */
static enum neuron_status
end_object(enum neuron_status status, struct neuron_data_parallel *made,
           struct neuron_data_parallel **parallel)
{
    if (status != NEURON_OK) {
        neuron_data_parallel_destroy(made);
        return status;
    }
    if (atomic_load_explicit(&made->batching, memory_order_relaxed) ==
        NEURON_BATCHING_REFUSED_BY_MODEL) {
        warn_of_exact_shapes(made);
    }
    *parallel = made;
    return NEURON_OK;
}

static const struct neuron_data_parallel_options defaults = {0};

enum neuron_status
neuron_data_parallel_create(struct neuron_runtime *runtime, const struct neuron_model *model,
                            const struct neuron_data_parallel_options *options,
                            struct neuron_data_parallel **parallel, struct neuron_error *error)
{
    struct neuron_data_parallel *made = NULL;
    struct core_choice choice = {0};

    options = options == NULL ? &defaults : options;
    enum neuron_status status = begin_object(options, &made, error);
    if (status != NEURON_OK) {
        return status;
    }
    made->specs = neuron_program_specs_of_model(model);
    status = choose_cores(runtime, options, &choice, error);
    if (status == NEURON_OK) {
        const struct neuron_module_placement placement = placement_of(&choice);

        status = options->isolation == NEURON_ISOLATION_PROCESS
                     ? use_processes(made, runtime, &placement, options, error)
                     : load_module(made, runtime, &placement, options, error);
    }
    free(choice.cores);
    return end_object(status, made, parallel);
}

enum neuron_status
neuron_data_parallel_create_on_module(struct neuron_module *module,
                                      const struct neuron_data_parallel_options *options,
                                      struct neuron_data_parallel **parallel,
                                      struct neuron_error *error)
{
    struct neuron_data_parallel *made = NULL;
    struct core_choice choice = {0};

    options = options == NULL ? &defaults : options;
    if (options->isolation != NEURON_ISOLATION_NONE) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "the replicas of a module are in this process: for isolation, make the "
                           "DataParallel object from the model");
    }
    enum neuron_status status = begin_object(options, &made, error);
    if (status != NEURON_OK) {
        return status;
    }
    made->specs = neuron_program_specs_of_model(neuron_module_model(module));
    status = choose_cores(neuron_module_runtime(module), options, &choice, error);
    if (status == NEURON_OK) {
        status = decide_cut(made, options, error);
    }
    if (status == NEURON_OK) {
        const struct neuron_module_placement placement = placement_of(&choice);

        status = neuron_module_keep(module, choice.cores == NULL ? NULL : &placement, error);
    }
    if (status == NEURON_OK) {
        made->module = module;
        status = make_replica_lanes(made, error);
    }
    free(choice.cores);
    return end_object(status, made, parallel);
}

static enum neuron_status
open_custom_lane(void *maker, uint32_t lane, struct neuron_chunk_program *program,
                 struct neuron_error *error)
{
    const struct neuron_data_parallel *parallel = maker;
    uint32_t nc = parallel->cores.first_cores[lane];
    const struct neuron_custom_place place = {
        .nc = nc, .core = neuron_core_set_at(neuron_runtime_cores(parallel->runtime), nc)};

    return neuron_custom_chunk_program_create(parallel->specs.custom, &place,
                                              neuron_runtime_executor(parallel->runtime, nc),
                                              parallel->run_rows, program, error);
}

/* Makes a lane for a program of the user's on each chosen core, or on all. */
static enum neuron_status
make_custom_lanes(struct neuron_data_parallel *parallel, const struct neuron_runtime *runtime,
                  const struct neuron_module_placement *placement, struct neuron_error *error)
{
    enum neuron_status status = neuron_parallel_cores_claim(parallel, runtime, placement, 1, error);
    const struct neuron_lane_layout layout = {.runtime = runtime,
                                              .first_cores = parallel->cores.first_cores,
                                              .lanes_each = 1,
                                              .open = open_custom_lane,
                                              .maker = parallel};

    return status == NEURON_OK ? neuron_parallel_lanes_make(parallel, &layout, error) : status;
}

static enum neuron_status
check_custom_options(const struct neuron_data_parallel_options *options, struct neuron_error *error)
{
    if (options->dim != 0) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "dim %" PRId32 ": a custom program has its rows in dimension 0",
                           options->dim);
    }
    if (options->without_dynamic_batching) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "without_dynamic_batching: a custom program has no compiled shape");
    }
    return NEURON_OK;
}

enum neuron_status
neuron_data_parallel_create_custom(struct neuron_runtime *runtime,
                                   const struct neuron_custom_program *program,
                                   const struct neuron_data_parallel_options *options,
                                   struct neuron_data_parallel **parallel,
                                   struct neuron_error *error)
{
    struct neuron_data_parallel *made = NULL;
    struct core_choice choice = {0};

    options = options == NULL ? &defaults : options;
    enum neuron_status status = neuron_custom_program_check(program, error);
    if (status == NEURON_OK) {
        status = check_custom_options(options, error);
    }
    if (status == NEURON_OK) {
        status = begin_object(options, &made, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    made->specs = neuron_program_specs_of_custom(program);
    made->run_rows = program->row_limit == 0 ? INT64_MAX : (int64_t)program->row_limit;
    atomic_init(&made->batching, NEURON_BATCHING_DYNAMIC);
    status = choose_cores(runtime, options, &choice, error);
    if (status == NEURON_OK) {
        status = lay_out_rows(made, error);
    }
    if (status == NEURON_OK) {
        const struct neuron_module_placement placement = placement_of(&choice);

        status = options->isolation == NEURON_ISOLATION_PROCESS
                     ? neuron_isolated_lanes_make(made, runtime, &placement, options->hang_limit_ms,
                                                  error)
                     : make_custom_lanes(made, runtime, &placement, error);
    }
    free(choice.cores);
    return end_object(status, made, parallel);
}
