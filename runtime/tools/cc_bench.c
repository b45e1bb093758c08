/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of a benchmark of one core is one piece of work on the core's executor, so that no time
 * between threads is in it: the runs, the profiled ones after them, which are slower, and last the
 * core's limits, where these are not known yet.
 */
#include "cc_bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cc_arrays.h"
#include "cc_bench_stream.h"
#include "cc_core.h"
#include "cc_exit.h"
#include "cc_latency.h"
#include "cc_model.h"
#include "cc_print.h"
#include "cc_profile.h"
#include "cc_roofline.h"
#include "cc_same_file.h"
#include "cc_tensors.h"
#include "cc_trace_file.h"
#include "environment.h"
#include "executor/executor.h"
#include "module/replica_set.h"
#include "neuron/clock.h"
#include "neuron/core_set.h"
#include "neuron/executor.h"
#include "runtime_body.h"

enum {
    DEFAULT_TIME_MS = 2000,
    RUN_LIMIT = 1000000, /* also where only a time is given: the times are kept */
    WARM_UP_MS = 100,
    WARM_UP_RUNS = 3, /* at least */
    PROFILE_MS = 500,
    PROFILE_RUNS = 100 /* at most */
};

/* What a benchmark needs; each part is made of those before it. */
struct bench {
    const struct neuron_cc_options *options;
    struct neuron_cc_arrays arrays;
    struct neuron_cc_model model;
    struct neuron_onnx_report *report;
    struct neuron_cc_tensors tensors;
    struct neuron_runtime *runtime;
    struct neuron_replica_set *replicas; /* one */
    struct neuron_cc_profile profile;
    struct neuron_cc_roofline roofline;
    uint64_t *times_ns;
    uint64_t run_limit;
    uint64_t time_limit_ns; /* UINT64_MAX for none */
};

/* The work on the executor, and what came of it. */
struct work {
    struct bench *bench;
    struct neuron_program *program;
    void **inputs;
    void **outputs;
    uint64_t timeout_ms;
    uint64_t warm_up_count;
    uint64_t run_count;
    uint64_t taken_ns; /* by all runs, with what is between them */
    enum neuron_status status;
    struct neuron_error error;
};

/* Runs the program, and counts that for who watches, outside of the time that it took. */
static enum neuron_status
run_once(struct work *work, uint64_t *taken_ns)
{
    const struct neuron_replica_stage *stage = &work->bench->replicas->replicas[0].stages[0];

    neuron_executor_begin_run(stage->executor, stage->module);
    (void)neuron_executor_mark(stage->executor);
    uint64_t begin_stamp = neuron_executor_stamp(stage->executor);
    uint64_t begin_ns = neuron_clock_ns();
    enum neuron_status status = neuron_program_run(work->program, work->inputs, work->outputs,
                                                   work->timeout_ms, &work->error);
    *taken_ns = neuron_clock_ns() - begin_ns;
    neuron_executor_count_run(stage->executor, stage->serial, status);
    neuron_executor_count_request(stage->executor, begin_stamp);
    return status;
}

static enum neuron_status
warm_up(struct work *work)
{
    uint64_t until_ns = neuron_clock_ns() + (uint64_t)WARM_UP_MS * NEURON_NS_PER_MS;
    uint64_t taken_ns = 0;
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK &&
           (work->warm_up_count < WARM_UP_RUNS || neuron_clock_ns() < until_ns)) {
        status = run_once(work, &taken_ns);
        work->warm_up_count += 1;
    }
    return status;
}

static enum neuron_status
measure(struct work *work)
{
    const struct bench *bench = work->bench;
    uint64_t start_ns = neuron_clock_ns();
    enum neuron_status status = NEURON_OK;

    while (status == NEURON_OK && work->run_count < bench->run_limit &&
           work->taken_ns < bench->time_limit_ns) {
        status = run_once(work, &bench->times_ns[work->run_count]);
        work->run_count += 1;
        work->taken_ns = neuron_clock_ns() - start_ns;
    }
    return status;
}

static enum neuron_status
profile(struct work *work)
{
    struct neuron_cc_profile *profiled = &work->bench->profile;
    uint64_t until_ns = neuron_clock_ns() + (uint64_t)PROFILE_MS * NEURON_NS_PER_MS;
    enum neuron_status status = NEURON_OK;
    bool is_enough = false;

    while (status == NEURON_OK && !is_enough) {
        status = neuron_program_run_profiled(work->program, work->inputs, work->outputs,
                                             profiled->last, &work->error);
        neuron_cc_profile_add(profiled);
        is_enough = profiled->run_count == PROFILE_RUNS || neuron_clock_ns() >= until_ns;
    }
    return status;
}

static bool
is_profiled(const struct neuron_cc_options *options)
{
    return options->shows_profile || options->trace_path != NULL;
}

static void
do_work(void *argument)
{
    struct work *work = argument;

    work->status = warm_up(work);
    if (work->status == NEURON_OK) {
        work->status = measure(work);
    }
    if (work->status == NEURON_OK && is_profiled(work->bench->options)) {
        work->status = profile(work);
    }
    if (work->status == NEURON_OK) {
        work->status = neuron_cc_roofline_complete(&work->bench->roofline, &work->error);
    }
}

static enum neuron_status
set_limits(struct bench *bench, struct neuron_error *error)
{
    const struct neuron_cc_options *options = bench->options;
    bool has_none = options->run_limit == 0 && options->time_limit_ms == 0;
    uint64_t time_limit_ms = has_none ? DEFAULT_TIME_MS : options->time_limit_ms;

    bench->run_limit = options->run_limit == 0 ? RUN_LIMIT : options->run_limit;
    bench->time_limit_ns = time_limit_ms == 0 ? UINT64_MAX : time_limit_ms * NEURON_NS_PER_MS;
    bench->times_ns = calloc(bench->run_limit, sizeof(*bench->times_ns));
    if (bench->times_ns == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for %" PRIu64 " times",
                           bench->run_limit);
    }
    return NEURON_OK;
}

static enum neuron_status
prepare(struct bench *bench, struct neuron_error *error)
{
    const struct neuron_cc_options *options = bench->options;
    enum neuron_status status = set_limits(bench, error);

    if (status == NEURON_OK) {
        status = neuron_cc_arrays_load(options, &bench->arrays, error);
    }
    if (status == NEURON_OK) {
        status =
            neuron_cc_model_open(options, &bench->arrays, &bench->model, &bench->report, error);
    }
    if (status == NEURON_OK) {
        status = neuron_cc_tensors_open(bench->model.model, options, &bench->arrays,
                                        NEURON_CC_MAKE_UP_MISSING, &bench->tensors, error);
    }
    return status;
}

/* Loads a model of one core, whose program is run directly. */
static enum neuron_status
load(struct bench *bench, struct neuron_error *error)
{
    enum neuron_status status = neuron_cc_claim_cores(1, &bench->runtime, error);

    if (status == NEURON_OK) {
        status = neuron_replica_set_create(bench->runtime, bench->model.model, NULL, NULL,
                                           &bench->replicas, error);
    }
    if (status == NEURON_OK) {
        /* Runs are measured, not the loading that a model may leave to the first of them. */
        status = neuron_replica_set_load(bench->replicas, error);
    }
    return status == NEURON_OK
               ? neuron_cc_profile_open(
                     neuron_cc_model_graph(&bench->model),
                     neuron_shared_plan_get(bench->replicas->replicas[0].stages[0].plan),
                     &bench->profile, error)
               : status;
}

/* Does the work on the core's executor, and waits for it. */
static enum neuron_status
submit(struct work *work, struct neuron_error *error)
{
    struct neuron_executor *executor = work->bench->replicas->replicas[0].stages[0].executor;
    struct neuron_completion *completion = NULL;
    enum neuron_status status = neuron_completion_create(&completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    const struct neuron_request request = {
        .work = do_work, .argument = work, .completion = completion};
    neuron_completion_arm(completion, 1);
    status = neuron_executor_submit(executor, &request, error);
    if (status == NEURON_OK) {
        neuron_completion_wait(completion);
        status = work->status;
        *error = work->error;
    } else {
        neuron_completion_count_down(completion);
    }
    neuron_completion_destroy(completion);
    return status;
}

static enum neuron_status
print_results(const struct bench *bench, const struct work *work, struct neuron_error *error)
{
    struct neuron_cc_latency latency =
        neuron_cc_latency_of(bench->times_ns, (size_t)work->run_count);
    uint64_t flops = neuron_cc_count_flops(neuron_cc_model_graph(&bench->model));
    double seconds = (double)work->taken_ns / 1e9;
    double runs_per_second = (double)work->run_count * 1e9 / (double)latency.total_ns;
    double gflops = (double)flops / 1e9 * runs_per_second;

    (void)printf("core      %" PRIu32 " of the machine, nc:0\n",
                 neuron_core_set_at(neuron_runtime_cores(bench->runtime), 0));
    neuron_cc_print_inputs(bench->model.model, &bench->tensors);
    (void)printf("runs      %" PRIu64 " in %.3f s, after %" PRIu64 " to warm up\n", work->run_count,
                 seconds, work->warm_up_count);
    neuron_cc_print_latency(&latency);
    (void)printf("runs/s    %.2f\n", runs_per_second);
    (void)printf("GFLOP     %.6f a run\n", (double)flops / 1e9);
    (void)printf("GFLOP/s   %.2f\n", gflops);
    neuron_cc_roofline_print(stdout, &bench->roofline);
    enum neuron_arithmetic arithmetic =
        neuron_cc_graph_arithmetic(neuron_cc_model_graph(&bench->model));
    (void)printf("share     %.1f%% of the peak of %s\n",
                 100.0 * gflops / bench->roofline.limits.peaks[arithmetic].gflops,
                 neuron_arithmetic_name(arithmetic));
    return bench->options->shows_profile
               ? neuron_cc_profile_print(stdout, &bench->profile, &bench->roofline.limits, error)
               : NEURON_OK;
}

static void
close_bench(struct bench *bench)
{
    neuron_cc_profile_close(&bench->profile);
    neuron_replica_set_destroy(bench->replicas);
    neuron_runtime_destroy(bench->runtime);
    neuron_cc_tensors_close(&bench->tensors);
    neuron_cc_model_close(&bench->model);
    neuron_onnx_report_destroy(bench->report);
    neuron_cc_arrays_close(&bench->arrays);
    free(bench->times_ns);
}

static enum neuron_status
run_bench(struct bench *bench, struct work *work, struct neuron_error *error)
{
    const char *trace_path = bench->options->trace_path;
    char folder[PATH_MAX] = "";
    enum neuron_status status = load(bench, error);

    if (status == NEURON_OK && trace_path != NULL) {
        status = neuron_cc_check_output(bench->options, bench->report, trace_path, error);
    }
    if (status == NEURON_OK) {
        status = neuron_environment_cache_folder(folder, sizeof(folder), error);
    }
    if (status != NEURON_OK) {
        return status;
    }
    *work = (struct work){.bench = bench,
                          .program = bench->replicas->replicas[0].stages[0].program,
                          .inputs = bench->tensors.addresses,
                          .outputs = bench->tensors.addresses + bench->tensors.input_count,
                          .timeout_ms = neuron_runtime_execution_timeout_ms(bench->runtime)};
    neuron_cc_roofline_find(folder[0] == '\0' ? NULL : folder, bench->options->remeasures,
                            &bench->roofline);
    status = submit(work, error);
    neuron_cc_roofline_keep(&bench->roofline);
    if (status == NEURON_OK && trace_path != NULL) {
        status = neuron_cc_trace_file_write(&bench->profile, neuron_model_name(bench->model.model),
                                            trace_path, error);
    }
    return status;
}

/* A model of several cores, which no program alone is. */
static enum neuron_status
run_on_cores(const struct bench *bench, struct neuron_error *error)
{
    const struct neuron_cc_stream_order order = {
        .model = bench->model.model,
        .tensors = &bench->tensors,
        .flops = neuron_cc_count_flops(neuron_cc_model_graph(&bench->model)),
        .times_ns = bench->times_ns,
        .run_limit = bench->run_limit,
        .time_limit_ns = bench->time_limit_ns};

    if (is_profiled(bench->options)) {
        return NEURON_FAIL(error, NEURON_INVALID_ARGUMENT,
                           "%.80s takes %" PRIu32 " cores, and --profile and --trace look at one; "
                           "compile it for one core",
                           bench->options->model_path, neuron_model_core_count(bench->model.model));
    }
    return neuron_cc_bench_stream(&order, error);
}

int
neuron_cc_bench(const struct neuron_cc_options *options)
{
    struct bench bench = {.options = options};
    struct work work = {0};
    struct neuron_error error = {0};
    int exit_status = EXIT_SUCCESS;

    enum neuron_status status = prepare(&bench, &error);

    if (status == NEURON_OK && neuron_model_core_count(bench.model.model) > 1) {
        status = run_on_cores(&bench, &error);
    } else if (status == NEURON_OK) {
        status = run_bench(&bench, &work, &error);
        if (status == NEURON_OK) {
            status = print_results(&bench, &work, &error);
        }
    }
    exit_status = status == NEURON_OK ? neuron_cc_finish_output()
                                      : neuron_cc_refuse(options->model_path, bench.report, &error);
    close_bench(&bench);
    return exit_status;
}
