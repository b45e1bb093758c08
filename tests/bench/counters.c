/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What it costs that others can watch (docs/monitoring.md): the time that counting takes of a run,
 * on the executor's thread itself; the time of a run of an identity model while another process
 * looks at all counters ten times a second, over one while nobody looks; and one such look. With
 * and without a reader take turns in one program.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "executor/executor.h"
#include "neuron/module.h"
#include "neuron/runtime.h"
#include "node/node_watch.h"

#include "bench_model.h"
#include "measure.h"

enum { BLOCKS = 15, WIDTH = 1024, COUNTED = 1000000, RUNS_AT_ONCE = 100 };

static const double block_us = 500000;
static const long period_ns = 100000000L; /* 10 Hz */

/* A process that looks while it is told to. */
struct reader {
    pid_t pid;
    int orders; /* 'g' to go, 's' to stop; it answers with the time of a look in microseconds */
};

static enum neuron_status
record_identity(struct neuron_trace *trace, const struct neuron_value *inputs,
                struct neuron_value *outputs, void *unused)
{
    (void)unused;
    outputs[0] = inputs[0];
    return neuron_trace_status(trace);
}

/* Looks until the next order comes. Returns the mean time of a look; negative after a failure. */
static double
look_on(struct neuron_node_watch *watch, int orders)
{
    const struct timespec period = {.tv_nsec = period_ns};
    struct neuron_node_sample sample = {0};
    double taken_us = 0;
    int looks = 0;
    char order = 0;

    while (recv(orders, &order, 1, MSG_DONTWAIT) < 0) {
        double begin_us = read_clock_us();

        if (neuron_node_watch_read(watch, &sample, NULL) != NEURON_OK) {
            return -1;
        }
        taken_us += read_clock_us() - begin_us;
        looks += 1;
        (void)nanosleep(&period, NULL);
    }
    neuron_node_sample_clear(&sample);
    return looks == 0 ? 0 : taken_us / looks;
}

/* The life of the reader; ends with the other end of its orders. */
static void
serve_orders(int orders)
{
    struct neuron_topology *topology = NULL;
    struct neuron_node_watch *watch = NULL;
    char order = 0;

    if (neuron_topology_create(&topology, NULL) != NEURON_OK ||
        neuron_node_watch_create(topology, NULL, &watch, NULL) != NEURON_OK) {
        _exit(EXIT_FAILURE);
    }
    while (recv(orders, &order, 1, 0) == 1) {
        double look_us = look_on(watch, orders);

        (void)send(orders, &look_us, sizeof(look_us), 0);
    }
    neuron_node_watch_destroy(watch);
    neuron_topology_destroy(topology);
    _exit(EXIT_SUCCESS);
}

/* Starts the reader, before this process has cores or threads. */
static int
start_reader(struct reader *reader)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return -1;
    }
    reader->pid = fork();
    if (reader->pid == 0) {
        (void)close(ends[0]);
        serve_orders(ends[1]);
    }
    (void)close(ends[1]);
    reader->orders = ends[0];
    return reader->pid < 0 ? -1 : 0;
}

static void
end_reader(const struct reader *reader)
{
    (void)close(reader->orders);
    (void)waitpid(reader->pid, NULL, 0);
}

static enum neuron_status
run_some(struct neuron_module *module, const struct neuron_tensor_view *input,
         const struct neuron_tensor_view *output, struct neuron_error *error)
{
    enum neuron_status status = NEURON_OK;

    for (int i = 0; i < RUNS_AT_ONCE && status == NEURON_OK; i += 1) {
        status = neuron_module_run(module, input, 1, output, 1, error);
    }
    return status;
}

/* The time of a run over some time; negative after a failure. */
static double
time_runs(struct neuron_module *module, const struct neuron_tensor_view *input,
          const struct neuron_tensor_view *output, struct neuron_error *error)
{
    double begin_us = read_clock_us();
    double now_us = begin_us;
    int runs = 0;

    while (now_us - begin_us < block_us) {
        if (run_some(module, input, output, error) != NEURON_OK) {
            return -1;
        }
        runs += RUNS_AT_ONCE;
        now_us = read_clock_us();
    }
    return (now_us - begin_us) / runs;
}

static enum neuron_status
measure_reader(struct neuron_module *module, const struct reader *reader,
               struct neuron_error *error)
{
    static float numbers[2][WIDTH];
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {WIDTH}, .data = numbers[0]};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {WIDTH}, .data = numbers[1]};
    double alone[BLOCKS];
    double ratios[BLOCKS];
    double looks[BLOCKS];

    for (int i = 0; i < BLOCKS; i += 1) {
        alone[i] = time_runs(module, &input, &output, error);
        (void)send(reader->orders, "g", 1, 0);
        double watched_us = time_runs(module, &input, &output, error);
        (void)send(reader->orders, "s", 1, 0);
        if (recv(reader->orders, &looks[i], sizeof(looks[i]), 0) != (ssize_t)sizeof(looks[i]) ||
            looks[i] < 0) {
            return NEURON_FAIL(error, NEURON_PEER_LOST, "the reader cannot read");
        }
        if (alone[i] < 0 || watched_us < 0) {
            return error->status;
        }
        ratios[i] = watched_us / alone[i];
    }
    printf("counters_identity_run %.2f us -\n", median(alone, BLOCKS));
    printf("counters_watched_over_alone %.4f ratio <=1.01\n", median(ratios, BLOCKS));
    printf("counters_look %.0f us -\n", median(looks, BLOCKS));
    return NEURON_OK;
}

/* What is counted of one run, again and again. */
static void
count_runs(void *argument)
{
    struct neuron_executor *executor = argument;
    double begin_us = read_clock_us();

    for (int i = 0; i < COUNTED; i += 1) {
        uint64_t begin_stamp = neuron_executor_mark(executor); /* as at a request's begin */

        neuron_executor_begin_run(executor, 1);
        neuron_executor_count_run(executor, 1, NEURON_OK);
        neuron_executor_count_request(executor, begin_stamp);
        neuron_executor_end_at_mark(executor);
    }
    printf("counters_run_cost %.1f ns <=100\n", (read_clock_us() - begin_us) * 1000 / COUNTED);
}

static enum neuron_status
measure_counting(struct neuron_runtime *runtime, struct neuron_error *error)
{
    struct neuron_executor *executor = neuron_runtime_executor(runtime, 0);
    struct neuron_request request = {.work = count_runs, .argument = executor};
    enum neuron_status status = neuron_completion_create(&request.completion, error);

    if (status != NEURON_OK) {
        return status;
    }
    neuron_completion_arm(request.completion, 1);
    status = neuron_executor_submit(executor, &request, error);
    if (status == NEURON_OK) {
        neuron_completion_wait(request.completion);
    } else {
        neuron_completion_count_down(request.completion);
    }
    neuron_completion_destroy(request.completion);
    return status;
}

static enum neuron_status
measure(const struct reader *reader, struct neuron_error *error)
{
    const struct neuron_tensor_view example = {.type = NEURON_FLOAT32, .rank = 1, .shape = {WIDTH}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 1};
    const struct neuron_runtime_options options = {.core_count = 1};
    struct neuron_runtime *runtime = NULL;
    struct neuron_model *model = NULL;
    struct neuron_module *module = NULL;
    enum neuron_status status = load_bench_model(record_identity, &signature, NULL, &model, error);

    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &runtime, error);
    }
    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, model, NULL, &module, error);
    }
    if (status == NEURON_OK) {
        status = measure_counting(runtime, error);
    }
    if (status == NEURON_OK) {
        status = measure_reader(module, reader, error);
    }
    neuron_module_destroy(module);
    neuron_runtime_destroy(runtime);
    neuron_model_destroy(model);
    return status;
}

int
main(void)
{
    struct reader reader = {0};
    struct neuron_error error = {.text = "cannot start a reader"};

    if (start_reader(&reader) != 0) {
        (void)fprintf(stderr, "counters: %s\n", error.text);
        return EXIT_FAILURE;
    }
    enum neuron_status status = measure(&reader, &error);
    end_reader(&reader);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "counters: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
