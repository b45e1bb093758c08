/* SPDX-License-Identifier: Apache-2.0 */
#include "isolated_bench.h"

#include <string.h>

#include "check.h"
#include "neuron/clock.h"
#include "neuron/executor.h"

enum { ROWS = 4, NC = 1 };

/* One call on the executor's thread. */
struct call {
    struct isolated_bench *bench;
    const struct neuron_isolated_place *place;
    struct neuron_chunk_run run;
    enum neuron_status status;
    struct neuron_error error;
};

static enum neuron_status
call_on_executor(struct call *call, neuron_work_fn *work, struct neuron_error *error)
{
    struct neuron_request request = {.work = work, .argument = call};
    struct neuron_executor *executor =
        neuron_runtime_executor(call->bench->owner.runtime, call->bench->nc);
    struct neuron_error reason = {0};

    assert_ok(neuron_completion_create(&request.completion, &reason), &reason);
    neuron_completion_arm(request.completion, 1);
    assert_ok(neuron_executor_submit(executor, &request, &reason), &reason);
    neuron_completion_wait(request.completion);
    neuron_completion_destroy(request.completion);
    if (error != NULL) {
        *error = call->error;
    }
    return call->status;
}

static void
start_there(void *argument)
{
    struct call *call = argument;

    call->status = neuron_isolated_program_create(call->bench->source, call->place,
                                                  &call->bench->program, &call->error);
}

static void
run_there(void *argument)
{
    struct call *call = argument;
    const struct neuron_chunk_program *program = &call->bench->program;

    call->status = program->ops->run(program->state, &call->run, &call->error);
}

static void
end_there(void *argument)
{
    struct call *call = argument;

    call->bench->program.ops->destroy(call->bench->program.state);
}

int
isolated_bench_setup(void **state)
{
    static struct isolated_bench bench;

    bench = (struct isolated_bench){.nc = NC};
    test_runtime_create(&bench.owner, "core:4 pu:1", ISOLATED_CORES);
    *state = &bench;
    return 0;
}

int
isolated_bench_teardown(void **state)
{
    struct isolated_bench *bench = *state;

    isolated_bench_end(bench);
    test_runtime_destroy(&bench->owner);
    return 0;
}

void
isolated_bench_start_model(struct isolated_bench *bench, const struct neuron_model *model)
{
    const struct neuron_isolated_place place = {.nc = NC, .run_rows = ROWS};
    struct neuron_error error = {0};

    assert_ok(
        neuron_isolated_source_create(bench->owner.runtime, model, NULL, &bench->source, &error),
        &error);
    assert_ok(isolated_bench_start(bench, &place, &error), &error);
}

void
isolated_bench_open_trouble(struct isolated_bench *bench, const char *config)
{
    struct neuron_error error = {0};

    assert_ok(neuron_custom_library_open(CUSTOM_TROUBLE, config, &bench->library, &error), &error);
    const struct neuron_isolated_library library = {
        .program = neuron_custom_library_program(bench->library),
        .path = CUSTOM_TROUBLE,
        .config = config};
    assert_ok(neuron_isolated_source_create_custom(bench->owner.runtime, &library, NULL,
                                                   &bench->source, &error),
              &error);
}

enum neuron_status
isolated_bench_start(struct isolated_bench *bench, const struct neuron_isolated_place *place,
                     struct neuron_error *error)
{
    struct call call = {.bench = bench, .place = place};

    bench->nc = place->nc;
    return call_on_executor(&call, start_there, error);
}

void
isolated_bench_start_trouble(struct isolated_bench *bench, uint32_t hang_limit_ms)
{
    const struct neuron_isolated_place place = {
        .nc = NC, .run_rows = ROWS, .hang_limit_ms = hang_limit_ms};
    struct neuron_error error = {0};

    isolated_bench_open_trouble(bench, NULL);
    assert_ok(isolated_bench_start(bench, &place, &error), &error);
}

enum neuron_status
isolated_bench_run(struct isolated_bench *bench, int64_t rows, uint64_t deadline_ns,
                   struct neuron_error *error)
{
    struct call call = {.bench = bench, .run = {.rows = rows, .deadline_ns = deadline_ns}};

    return call_on_executor(&call, run_there, error);
}

enum neuron_status
isolated_bench_order(struct isolated_bench *bench, int32_t order, int64_t rows,
                     struct neuron_error *error)
{
    float *x = bench->program.buffers[0];

    for (int64_t i = 0; i < rows; i += 1) {
        x[i] = (float)(i + 1);
    }
    memcpy(bench->program.buffers[1], &order, sizeof(order));
    memset(bench->program.buffers[2], 0, (size_t)bench->program.run_rows * sizeof(float));
    return isolated_bench_run(bench, rows, 0, error);
}

void
isolated_bench_check(struct isolated_bench *bench)
{
    struct neuron_error error = {0};

    assert_ok(isolated_bench_order(bench, 0, ROWS, &error), &error);
    const float *y = bench->program.buffers[2];
    for (int i = 0; i < ROWS; i += 1) {
        assert_true(y[i] == 2.0F * (float)(i + 1));
    }
}

void
isolated_bench_end(struct isolated_bench *bench)
{
    struct call call = {.bench = bench};

    if (bench->program.ops != NULL) {
        (void)call_on_executor(&call, end_there, NULL);
        bench->program = (struct neuron_chunk_program){0};
    }
    neuron_isolated_source_destroy(bench->source);
    bench->source = NULL;
    neuron_custom_library_close(bench->library);
    bench->library = NULL;
}

uint64_t
deadline_in_ms(uint32_t milliseconds)
{
    return neuron_clock_ns() + (uint64_t)milliseconds * NEURON_NS_PER_MS;
}
