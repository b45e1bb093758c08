/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that a run needs is made beforehand: one memory object per buffer, bound to the arena
 * or to the weights for good, and the argument list of every step. A run binds the caller's memory
 * to the objects that stand for it, and executes the steps.
 */
#include "engine/program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/program_body.h"
#include "tick.h"

enum { ARENA_ALIGNMENT = 4096 };

static enum neuron_status
refuse_memory(const struct neuron_plan *plan, struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for a program of %zu bytes",
                       plan->arena_bytes);
}

static enum neuron_status
create_arena(struct neuron_program *program, struct neuron_error *error)
{
    size_t size_bytes = program->plan->arena_bytes;

    if (program->gang != NULL) { /* whose first core is the first to touch it */
        program->arena = neuron_gang_arena(program->gang);
        if (program->core == 0) {
            memset(program->arena, 0, neuron_gang_arena_bytes(program->gang));
        }
        return NEURON_OK;
    }
    size_t padded_bytes = size_bytes + ARENA_ALIGNMENT - size_bytes % ARENA_ALIGNMENT;

    enum neuron_status status =
        neuron_charge_take(&program->charge, padded_bytes, NEURON_MEMORY_ARENA, error);
    if (status != NEURON_OK) {
        return status;
    }
    program->charged_bytes = padded_bytes;
    program->arena = aligned_alloc(ARENA_ALIGNMENT, padded_bytes);
    if (program->arena == NULL) {
        return refuse_memory(program->plan, error);
    }
    memset(program->arena, 0, padded_bytes);
    return NEURON_OK;
}

/* Where each storage is; the caller's come with each run. */
static void
find_addresses(struct neuron_program *program)
{
    const struct neuron_plan *plan = program->plan;

    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        const struct neuron_storage *storage = &plan->storages[i];

        if (storage->place == NEURON_PLACE_ARENA) {
            program->addresses[i] = program->arena + storage->offset;
        } else if (storage->place == NEURON_PLACE_CONSTANT) {
            /* Kernels only read weights, but oneDNN takes all addresses without const. */
            memcpy(&program->addresses[i], &storage->constant, sizeof(storage->constant));
        }
    }
}

static bool
is_of_caller(const struct neuron_storage *storage)
{
    return storage->place == NEURON_PLACE_INPUT || storage->place == NEURON_PLACE_OUTPUT;
}

static enum neuron_status
create_memories(struct neuron_program *program, struct neuron_error *error)
{
    const struct neuron_plan *plan = program->plan;

    for (uint32_t i = 0; i < plan->buffer_count; i += 1) {
        const struct neuron_buffer *buffer = &plan->buffers[i];
        bool moves = is_of_caller(&plan->storages[buffer->storage]);
        unsigned char *start = program->addresses[buffer->storage];
        /* What no step reads any more, as weights that were packed, has no bytes. */
        void *address = moves || start == NULL ? DNNL_MEMORY_NONE : start + buffer->offset;

        if (moves) {
            program->moving[program->moving_count] = i;
            program->moving_count += 1;
        }
        if (dnnl_memory_create(&program->memories[i], &buffer->layout, plan->engine, address) !=
            dnnl_success) {
            return refuse_memory(plan, error);
        }
    }
    return NEURON_OK;
}

/* Prepares the call of a kernel that goes over the elements of a buffer. */
static void
describe_elements(const struct neuron_plan *plan, const struct neuron_step *step,
                  struct neuron_kernel_call *call, struct neuron_tensor_view *input)
{
    const dnnl_memory_desc_t *from = &plan->buffers[step->arguments[0].buffer].layout;
    const dnnl_memory_desc_t *to = &plan->buffers[step->arguments[1].buffer].layout;

    call->attributes = step->node == NULL ? NULL : &step->node->attributes;
    *input = (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 1};
    input->shape[0] = (int64_t)(dnnl_memory_desc_get_size(from) / sizeof(float));
    call->output = (struct neuron_tensor_view){
        .type = to->data_type == dnnl_s8 ? NEURON_INT8 : NEURON_UINT8, .rank = 1};
    call->output.shape[0] = (int64_t)dnnl_memory_desc_get_size(to);
}

/* Prepares the call of a kernel of our own; addresses come with each run. */
static enum neuron_status
create_call(struct neuron_program *program, uint32_t index, struct neuron_error *error)
{
    const struct neuron_graph *graph = program->plan->graph;
    const struct neuron_step *step = &program->plan->steps[index];
    const struct neuron_node *node = step->node;
    struct neuron_kernel_call *call = &program->calls[index];

    call->input_count = node == NULL || step->is_by_elements ? 1 : node->input_count;
    if (step->product != NULL) {
        call->input_count = step->argument_count - 1;
    }
    program->views[index] = calloc((size_t)call->input_count + 1, sizeof(**program->views));
    call->inputs = program->views[index];
    if (call->inputs == NULL) {
        return refuse_memory(program->plan, error);
    }
    if (node == NULL || step->is_by_elements) { /* without a node: a copy of bytes */
        describe_elements(program->plan, step, call, &program->views[index][0]);
        return NEURON_OK;
    }
    call->kind = node->kind;
    call->attributes = &node->attributes;
    call->product = step->product;
    if (step->product != NULL) {
        return NEURON_OK; /* which knows all shapes */
    }
    for (uint32_t i = 0; i < node->input_count; i += 1) {
        program->views[index][i] =
            neuron_tensor_view_of(&graph->values[node->inputs[i]].shape, NULL);
    }
    call->output = neuron_tensor_view_of(&graph->values[node->output].shape, NULL);
    return NEURON_OK;
}

static enum neuron_status
create_calls(struct neuron_program *program, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (uint32_t i = 0; status == NEURON_OK && i < program->plan->step_count; i += 1) {
        if (program->plan->steps[i].run != NULL) {
            status = create_call(program, i, error);
        }
    }
    return status;
}

static enum neuron_status
create_arguments(struct neuron_program *program, struct neuron_error *error)
{
    const struct neuron_plan *plan = program->plan;

    for (uint32_t i = 0; i < plan->step_count; i += 1) {
        const struct neuron_step *step = &plan->steps[i];

        program->arguments[i] = calloc(step->argument_count, sizeof(*program->arguments[i]));
        if (program->arguments[i] == NULL) {
            return refuse_memory(plan, error);
        }
        for (uint32_t j = 0; j < step->argument_count; j += 1) {
            program->arguments[i][j] =
                (dnnl_exec_arg_t){.arg = step->arguments[j].name,
                                  .memory = program->memories[step->arguments[j].buffer]};
        }
    }
    return NEURON_OK;
}

static enum neuron_status
fill_program(struct neuron_program *program, struct neuron_error *error)
{
    const struct neuron_plan *plan = program->plan;

    program->memories = calloc((size_t)plan->buffer_count + 1, sizeof(dnnl_memory_t));
    program->moving = calloc((size_t)plan->buffer_count + 1, sizeof(*program->moving));
    program->addresses = calloc((size_t)plan->storage_count + 1, sizeof(*program->addresses));
    program->arguments = calloc((size_t)plan->step_count + 1, sizeof(dnnl_exec_arg_t *));
    program->calls = calloc((size_t)plan->step_count + 1, sizeof(*program->calls));
    program->views = calloc((size_t)plan->step_count + 1, sizeof(struct neuron_tensor_view *));
    if (program->memories == NULL || program->moving == NULL || program->addresses == NULL ||
        program->arguments == NULL || program->calls == NULL || program->views == NULL ||
        dnnl_stream_create(&program->stream, plan->engine, dnnl_stream_default_flags) !=
            dnnl_success) {
        return refuse_memory(plan, error);
    }
    enum neuron_status status = create_arena(program, error);
    if (status == NEURON_OK) {
        find_addresses(program);
        status = create_memories(program, error);
    }
    if (status == NEURON_OK) {
        status = create_arguments(program, error);
    }
    return status == NEURON_OK ? create_calls(program, error) : status;
}

/* Makes a program whose part in a gang, if any, is as given. */
static enum neuron_status
create_program(const struct neuron_plan *plan, const struct neuron_program *part,
               struct neuron_program **program, struct neuron_error *error)
{
    struct neuron_program *created = calloc(1, sizeof(*created));

    if (created == NULL) {
        return refuse_memory(plan, error);
    }
    *created = *part;
    created->plan = plan;
    enum neuron_status status = fill_program(created, error);
    if (status != NEURON_OK) {
        neuron_program_destroy(created);
        return status;
    }
    *program = created;
    return NEURON_OK;
}

enum neuron_status
neuron_program_create(const struct neuron_plan *plan, const struct neuron_charge *charge,
                      struct neuron_program **program, struct neuron_error *error)
{
    struct neuron_program alone = {0};

    if (charge != NULL) {
        alone.charge = *charge;
    }
    return create_program(plan, &alone, program, error);
}

enum neuron_status
neuron_program_create_part(const struct neuron_plan *plan, struct neuron_gang *gang, uint32_t core,
                           struct neuron_program **program, struct neuron_error *error)
{
    const struct neuron_program part = {.gang = gang, .core = core};

    if (plan->arena_bytes > neuron_gang_arena_bytes(gang)) {
        return NEURON_FAIL(error, NEURON_SYSTEM,
                           "the devices of the cores make programs of different sizes; load the "
                           "model to cores of one device");
    }
    return create_program(plan, &part, program, error);
}

/* Points the memory objects of inputs and outputs at the caller's memory. */
static dnnl_status_t
bind_caller(struct neuron_program *program, void *const *inputs, void *const *outputs)
{
    const struct neuron_plan *plan = program->plan;
    dnnl_status_t result = dnnl_success;

    for (uint32_t i = 0; result == dnnl_success && i < program->moving_count; i += 1) {
        const struct neuron_buffer *buffer = &plan->buffers[program->moving[i]];
        const struct neuron_storage *storage = &plan->storages[buffer->storage];
        unsigned char *address =
            storage->place == NEURON_PLACE_INPUT ? inputs[storage->port] : outputs[storage->port];

        program->addresses[buffer->storage] = address;
        result = dnnl_memory_set_data_handle(program->memories[program->moving[i]],
                                             address + buffer->offset);
    }
    return result;
}

static enum neuron_status
refuse_step(const struct neuron_program *program, uint32_t done, dnnl_status_t result,
            struct neuron_error *error)
{
    return NEURON_FAIL(error, NEURON_SYSTEM, "step %u of %u failed in oneDNN with status %d", done,
                       program->plan->step_count, (int)result);
}

enum neuron_status
neuron_program_bind(struct neuron_program *program, void *const *inputs, void *const *outputs,
                    struct neuron_error *error)
{
    dnnl_status_t result = bind_caller(program, inputs, outputs);

    return result == dnnl_success ? NEURON_OK : refuse_step(program, 0, result, error);
}

/* Runs a kernel of our own on the memory of this run. */
static enum neuron_status
run_kernel(const struct neuron_program *program, uint32_t index, struct neuron_error *error)
{
    const struct neuron_plan *plan = program->plan;
    const struct neuron_step *step = &plan->steps[index];
    struct neuron_kernel_call call = program->calls[index];
    struct neuron_tensor_view *inputs = program->views[index];

    for (uint32_t i = 0; i < step->argument_count; i += 1) {
        void *address = program->addresses[plan->buffers[step->arguments[i].buffer].storage];

        if (i < call.input_count) {
            inputs[i].data = address;
        } else if (i == call.input_count) {
            call.output.data = address;
        } else {
            call.scratch = address;
        }
    }
    return step->run(&call, error);
}

uint64_t
neuron_program_find_deadline_ms(uint64_t timeout_ms)
{
    uint64_t now_ms = timeout_ms == 0 ? 0 : neuron_clock_tick_ms();

    return timeout_ms == 0 || timeout_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + timeout_ms;
}

enum neuron_status
neuron_program_run_step(const struct neuron_program *program, uint32_t index,
                        struct neuron_error *error)
{
    const struct neuron_step *step = &program->plan->steps[index];

    if (step->primitive == NULL) {
        return run_kernel(program, index, error);
    }
    dnnl_status_t result = dnnl_primitive_execute(
        step->primitive, program->stream, (int)step->argument_count, program->arguments[index]);
    return result == dnnl_success ? NEURON_OK : refuse_step(program, index + 1, result, error);
}

enum neuron_status
neuron_program_refuse_late(uint32_t done, uint32_t step_count, uint64_t timeout_ms,
                           struct neuron_error *error)
{
    if (done == step_count) {
        return NEURON_FAIL(error, NEURON_TIMED_OUT,
                           "the run took more than the %" PRIu64
                           " ms allowed, and ended with its last kernel; raise "
                           "NEURON_RT_EXEC_TIMEOUT",
                           timeout_ms);
    }
    return NEURON_FAIL(error, NEURON_TIMED_OUT,
                       "the run was stopped after step %u of %u: it had taken more than the "
                       "%" PRIu64 " ms allowed; raise NEURON_RT_EXEC_TIMEOUT",
                       done, step_count, timeout_ms);
}

enum neuron_status
neuron_program_run(struct neuron_program *program, void *const *inputs, void *const *outputs,
                   uint64_t timeout_ms, struct neuron_error *error)
{
    uint32_t step_count = program->plan->step_count;
    uint64_t deadline_ms = neuron_program_find_deadline_ms(timeout_ms);
    enum neuron_status status = neuron_program_bind(program, inputs, outputs, error);
    bool is_late = false;
    uint32_t done = 0;

    while (status == NEURON_OK && !is_late && done < step_count) {
        status = neuron_program_run_step(program, done, error);
        done += 1;
        is_late = deadline_ms != UINT64_MAX && neuron_clock_tick_ms() > deadline_ms;
    }
    if (status == NEURON_OK) {
        dnnl_status_t result = dnnl_stream_wait(program->stream);
        status = result == dnnl_success ? status : refuse_step(program, done, result, error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    if (is_late) {
        return neuron_program_refuse_late(done, step_count, timeout_ms, error);
    }
    return NEURON_OK;
}

enum neuron_status
neuron_program_run_profiled(struct neuron_program *program, void *const *inputs,
                            void *const *outputs, struct neuron_step_time *times,
                            struct neuron_error *error)
{
    uint64_t start_ns = neuron_clock_ns();
    enum neuron_status status = neuron_program_bind(program, inputs, outputs, error);

    for (uint32_t i = 0; status == NEURON_OK && i < program->plan->step_count; i += 1) {
        times[i].begin_ns = neuron_clock_ns() - start_ns;
        status = neuron_program_run_step(program, i, error);
        if (status == NEURON_OK) {
            dnnl_status_t result = dnnl_stream_wait(program->stream);

            status = result == dnnl_success ? status : refuse_step(program, i + 1, result, error);
        }
        times[i].end_ns = neuron_clock_ns() - start_ns;
    }
    return status;
}

void
neuron_program_destroy(struct neuron_program *program)
{
    if (program == NULL) {
        return;
    }
    for (uint32_t i = 0; program->memories != NULL && i < program->plan->buffer_count; i += 1) {
        (void)dnnl_memory_destroy(program->memories[i]);
    }
    for (uint32_t i = 0; program->arguments != NULL && i < program->plan->step_count; i += 1) {
        free(program->arguments[i]);
    }
    for (uint32_t i = 0; program->views != NULL && i < program->plan->step_count; i += 1) {
        free(program->views[i]);
    }
    (void)dnnl_stream_destroy(program->stream);
    free(program->calls);
    free(program->views);
    free(program->memories);
    free(program->moving);
    free(program->addresses);
    free(program->arguments);
    if (program->gang == NULL) {
        free(program->arena);
    }
    neuron_charge_give(&program->charge, program->charged_bytes, NEURON_MEMORY_ARENA);
    free(program);
}
