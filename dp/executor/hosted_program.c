/* SPDX-License-Identifier: Apache-2.0 */
#include "hosted_program.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "neuron/custom_program.h"
#include "neuron/executor.h"
#include "neuron/model.h"

#include "chunk_program.h"
#include "custom_program.h"
#include "isolated_tensors.h"
#include "program_digest.h"
#include "shared_slots.h"

struct neuron_hosted_program {
    const struct neuron_isolated_setup *setup;
    struct neuron_runtime *runtime;
    struct neuron_isolated_tensors tensors;
    struct neuron_shared_slots slots;
    struct neuron_model *model; /* of a model: these two */
    struct neuron_module *module;
    struct neuron_custom_library *library; /* of a library: these two */
    struct neuron_chunk_program instance;
    struct neuron_chunk_run run; /* the one under way */
    struct neuron_request request;
    neuron_run_done_fn *done;
    void *argument;
};

/* Work of the executor's thread, and what it came to. */
struct made {
    struct neuron_hosted_program *program;
    enum neuron_status status;
    struct neuron_error error;
};

/* Has the executor do some work, and waits for it. */
static enum neuron_status
do_on_executor(const struct neuron_hosted_program *program, neuron_work_fn *work, void *argument,
               struct neuron_error *error)
{
    struct neuron_request request = {.work = work, .argument = argument};
    enum neuron_status status = neuron_completion_create(&request.completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_completion_arm(request.completion, 1);
    status = neuron_executor_submit(neuron_runtime_executor(program->runtime, 0), &request, error);
    if (status != NEURON_OK) {
        neuron_completion_count_down(request.completion);
    }
    neuron_completion_wait(request.completion);
    neuron_completion_destroy(request.completion);
    return status;
}

/* On the executor's thread. */
static void
make_instance(void *argument)
{
    struct made *made = argument;
    struct neuron_hosted_program *program = made->program;
    const struct neuron_custom_place place = {.nc = program->setup->nc,
                                              .core = program->setup->core};

    made->status = neuron_custom_chunk_program_create(
        neuron_custom_library_program(program->library), &place,
        neuron_runtime_executor(program->runtime, 0), program->setup->run_rows, &program->instance,
        &made->error);
}

/* Likewise. */
static void
destroy_instance(void *argument)
{
    struct neuron_hosted_program *program = argument;

    program->instance.ops->destroy(program->instance.state);
}

/* Likewise. */
static void
run_instance(void *argument)
{
    struct neuron_hosted_program *program = argument;
    struct neuron_error error = {.status = NEURON_OK};
    enum neuron_status status =
        program->instance.ops->run(program->instance.state, &program->run, &error);

    program->done(program->argument, status, &error);
}

/* Opens the library, which has to say what it said to the process that started this one: that lays
   out the rows. */
static enum neuron_status
open_library(struct neuron_hosted_program *program, const char *config, struct neuron_error *error)
{
    const struct neuron_isolated_setup *setup = program->setup;
    enum neuron_status status =
        neuron_custom_library_open(setup->library, config, &program->library, error);

    if (status == NEURON_OK && neuron_program_digest(neuron_custom_library_program(
                                   program->library)) != setup->program_digest) {
        return NEURON_FAIL(error, NEURON_DAMAGED_MODEL,
                           "%.120s: has changed since it was opened: its tensors or row limit are "
                           "others in this process; open it anew",
                           setup->library);
    }
    return status;
}

static enum neuron_status
load_library(struct neuron_hosted_program *program, const char *config, struct neuron_error *error)
{
    struct made made = {.program = program};
    enum neuron_status status = open_library(program, config, error);

    if (status == NEURON_OK) {
        status =
            neuron_isolated_tensors_of_program(neuron_custom_library_program(program->library),
                                               program->setup->run_rows, &program->tensors, error);
    }
    if (status == NEURON_OK) {
        status = do_on_executor(program, make_instance, &made, error);
    }
    if (status == NEURON_OK && made.status != NEURON_OK) {
        *error = made.error;
        status = made.status;
    }
    return status;
}

static enum neuron_status
load_model(struct neuron_hosted_program *program, struct neuron_error *error)
{
    char path[32] = "";

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", NEURON_ISOLATED_MODEL_FILE);
    enum neuron_status status = neuron_model_load(path, &program->model, error);
    (void)close(NEURON_ISOLATED_MODEL_FILE);
    if (status == NEURON_OK) {
        const struct neuron_module_placement placement = {
            .kind = NEURON_PLACEMENT_RUN,
            .start_nc = 0,
            .nc_count = (int32_t)neuron_model_core_count(program->model)};

        status = neuron_module_create(program->runtime, program->model, &placement,
                                      &program->module, error);
    }
    if (status == NEURON_OK) {
        status = neuron_isolated_tensors_of_model(program->model, &program->tensors, error);
    }
    return status;
}

enum neuron_status
neuron_hosted_program_create(const struct neuron_isolated_setup *setup, const char *config,
                             struct neuron_runtime *runtime, struct neuron_hosted_program **program,
                             struct neuron_error *error)
{
    struct neuron_hosted_program *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a program");
    }
    created->setup = setup;
    created->runtime = runtime;
    enum neuron_status status = setup->subject == NEURON_ISOLATED_MODEL
                                    ? load_model(created, error)
                                    : load_library(created, config, error);
    if (status == NEURON_OK) {
        status =
            neuron_shared_slots_open(&created->slots, NEURON_ISOLATED_SLOTS_FILE,
                                     created->tensors.size_bytes, created->tensors.count, error);
    }
    (void)close(NEURON_ISOLATED_SLOTS_FILE);
    if (status != NEURON_OK) {
        neuron_hosted_program_destroy(created);
        return status;
    }
    *program = created;
    return NEURON_OK;
}

static enum neuron_status
submit_instance(struct neuron_hosted_program *program, struct neuron_error *error)
{
    program->request = (struct neuron_request){.work = run_instance, .argument = program};
    return neuron_executor_submit(neuron_runtime_executor(program->runtime, 0), &program->request,
                                  error);
}

enum neuron_status
neuron_hosted_program_submit(struct neuron_hosted_program *program, int64_t rows,
                             neuron_run_done_fn *done, void *argument, struct neuron_error *error)
{
    if (rows > program->setup->run_rows) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "a run of %lld rows, where there is room for %lld", (long long)rows,
                           (long long)program->setup->run_rows);
    }
    program->run = (struct neuron_chunk_run){.inputs = program->slots.addresses,
                                             .outputs = program->slots.addresses +
                                                        program->tensors.input_count,
                                             .rows = rows};
    program->done = done;
    program->argument = argument;
    if (program->module == NULL) {
        return submit_instance(program, error);
    }
    const struct neuron_replica_run run = {.inputs = program->run.inputs,
                                           .outputs = program->run.outputs,
                                           .done = done,
                                           .argument = argument};
    return neuron_module_submit_replica(program->module, 0, &run, error);
}

void
neuron_hosted_program_destroy(struct neuron_hosted_program *program)
{
    if (program == NULL) {
        return;
    }
    if (program->instance.ops != NULL) {
        neuron_ignore(do_on_executor(program, destroy_instance, program, NULL));
    }
    neuron_custom_library_close(program->library);
    neuron_module_destroy(program->module);
    neuron_model_destroy(program->model);
    neuron_shared_slots_destroy(&program->slots);
    neuron_isolated_tensors_free(&program->tensors);
    free(program);
}
