/* SPDX-License-Identifier: Apache-2.0 */
#include "custom_program.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/clock.h"

#include "custom_failure.h"

enum { WHERE_BYTES = 160 };

/* An instance on its core. */
struct custom_instance {
    const struct neuron_custom_program *program;
    struct neuron_executor *executor; /* NULL for none that counts */
    void *instance;                   /* what create() gave */
    int64_t run_rows;
    struct neuron_tensor_view views[]; /* of the run under way; inputs first */
};

/* Says whether a time has passed; 0 is no time. */
static bool
has_passed(uint64_t deadline_ns)
{
    return deadline_ns != 0 && neuron_clock_ns() > deadline_ns;
}

/* Puts the rows of a run into the views of one direction. */
static void
aim_views(struct neuron_tensor_view *views, const struct neuron_custom_tensor *tensors,
          uint32_t count, void *const *addresses, int64_t rows)
{
    for (uint32_t i = 0; i < count; i += 1) {
        if (!tensors[i].is_shared) {
            views[i].shape[0] = rows;
        }
        views[i].data = addresses[i];
    }
}

static enum neuron_status
run_rows(struct custom_instance *instance, const struct neuron_chunk_run *run,
         struct neuron_error *error)
{
    const struct neuron_custom_program *program = instance->program;
    struct neuron_tensor_view *outputs = instance->views + program->input_count;
    struct neuron_custom_failure failure = {.function = "run"};

    assert(run->rows >= 1 && run->rows <= instance->run_rows);
    if (has_passed(run->deadline_ns)) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT,
                           "custom program \"%.60s\": the deadline passed before a run began",
                           program->name);
    }
    aim_views(instance->views, program->inputs, program->input_count, run->inputs, run->rows);
    aim_views(outputs, program->outputs, program->output_count, run->outputs, run->rows);
    failure.status = program->run(instance->instance, instance->views, outputs, &failure.error);
    if (failure.status != NEURON_OK) {
        char where[WHERE_BYTES] = "";

        (void)snprintf(where, sizeof(where), "custom program \"%.60s\"", program->name);
        failure.where = where;
        return neuron_custom_failure_report(&failure, error);
    }
    if (has_passed(run->deadline_ns)) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT,
                           "custom program \"%.60s\": a run ended behind the deadline",
                           program->name);
    }
    return NEURON_OK;
}

/* Runs rows, and lets the executor count that. */
static enum neuron_status
run_counted(void *state, const struct neuron_chunk_run *run, struct neuron_error *error)
{
    struct custom_instance *instance = state;

    if (instance->executor == NULL) {
        return run_rows(instance, run, error);
    }
    neuron_executor_begin_work(instance->executor);
    enum neuron_status status = run_rows(instance, run, error);
    neuron_executor_count_work(instance->executor, status);
    return status;
}

static void
destroy_instance(void *state)
{
    struct custom_instance *instance = state;

    if (instance->program->destroy != NULL) {
        instance->program->destroy(instance->instance);
    }
    free(instance);
}

/* Calls the program's create(), where it has one. */
static enum neuron_status
create_instance(struct custom_instance *instance, const struct neuron_custom_place *place,
                struct neuron_error *error)
{
    const struct neuron_custom_program *program = instance->program;
    struct neuron_custom_failure failure = {.function = "create"};
    char where[WHERE_BYTES] = "";

    if (program->create == NULL) {
        return NEURON_OK;
    }
    failure.status = program->create(program->config, place, &instance->instance, &failure.error);
    if (failure.status == NEURON_OK) {
        return NEURON_OK;
    }
    (void)snprintf(where, sizeof(where),
                   "custom program \"%.60s\" on nc:%" PRIu32 " (core %" PRIu32 ")", program->name,
                   place->nc, place->core);
    failure.where = where;
    return neuron_custom_failure_report(&failure, error);
}

enum neuron_status
neuron_custom_chunk_program_create(const struct neuron_custom_program *program,
                                   const struct neuron_custom_place *place,
                                   struct neuron_executor *executor, int64_t run_rows_limit,
                                   struct neuron_chunk_program *chunk, struct neuron_error *error)
{
    static const struct neuron_chunk_program_ops ops = {.run = run_counted,
                                                        .destroy = destroy_instance};
    size_t count = (size_t)program->input_count + program->output_count;
    struct custom_instance *instance =
        calloc(1, sizeof(*instance) + count * sizeof(instance->views[0]));

    assert(run_rows_limit >= 1);
    if (instance == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY,
                           "custom program \"%.60s\": no memory for an instance on nc:%" PRIu32
                           " (core %" PRIu32 ")",
                           program->name, place->nc, place->core);
    }
    instance->program = program;
    instance->executor = executor;
    instance->run_rows = program->row_limit != 0 && program->row_limit < run_rows_limit
                             ? (int64_t)program->row_limit
                             : run_rows_limit;
    for (uint32_t i = 0; i < count; i += 1) {
        const struct neuron_custom_tensor *tensor =
            i < program->input_count ? &program->inputs[i]
                                     : &program->outputs[i - program->input_count];

        instance->views[i] = neuron_tensor_view_of(&tensor->spec.shape, NULL);
    }
    enum neuron_status status = create_instance(instance, place, error);

    if (status != NEURON_OK) {
        free(instance);
        return status;
    }
    *chunk = (struct neuron_chunk_program){
        .ops = &ops, .state = instance, .run_rows = instance->run_rows};
    return NEURON_OK;
}
