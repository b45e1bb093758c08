/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What DataParallel costs over the plainest loop there is, and what a second core brings. The loop
 * is one request that runs all compiled batches on the executor's thread, on the same core as
 * DataParallel on one core. Two such loops, with half of the batches each, show what the machine
 * itself gains by its second core. All take turns within each block, so that a slow moment of the
 * machine meets all of them; ratios are of throughput, taken in a block, and the median of them is
 * printed. Needs two free cores; run it on an idle machine.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/data_parallel.h"
#include "neuron/executor.h"
#include "neuron/module.h"
#include "neuron/trace.h"

#include "bench_model.h"
#include "measure.h"

enum {
    BATCH = 4, /* compiled rows */
    CHANNELS = 3,
    SIDE = 32, /* of an image, in pixels */
    CLASSES = 10,
    BLOCKS = 31,
    CORES = 2
};

enum way { LOOP, LOOPS, ONE, TWO, WAYS };

/* A net: two convolutions of this width over the images, pooled and classified. */
struct net {
    const char *name;
    int64_t width;
    int64_t runs; /* a block */
};

/* A part of a block's batches, for a loop on one core. */
struct part {
    struct neuron_module *module;
    uint32_t replica;
    float *images;
    float *scores;
    int64_t runs;
    enum neuron_status status;
    struct neuron_request request;
};

/* The ways, and the memory that they share. */
struct subject {
    const struct net *net;
    struct neuron_model *model;
    struct neuron_module *module;
    struct neuron_data_parallel *one;
    struct neuron_data_parallel *two;
    struct neuron_completion *completion;
    struct neuron_tensor_view images;
    struct neuron_tensor_view scores;
};

typedef enum neuron_status
block_fn(struct subject *subject, struct neuron_error *error);

/* A 3x3 convolution that halves the image, with relu. */
static struct neuron_value
record_layer(struct neuron_trace *trace, struct neuron_value input, int64_t channels, int64_t width)
{
    const struct neuron_conv2d_options options = {.strides = {2, 2}, .pads = {1, 1, 1, 1}};
    struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {width, channels, 3, 3}};
    struct neuron_value none = {0};

    return neuron_relu(trace,
                       neuron_conv2d(trace, input, record_weights(trace, weights), none, &options));
}

static enum neuron_status
record_net(struct neuron_trace *trace, const struct neuron_value *inputs,
           struct neuron_value *outputs, void *user)
{
    const struct net *net = user;
    const struct neuron_pool2d_options whole = {.kernel = {SIDE / 4, SIDE / 4}};
    const struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {net->width, CLASSES}};
    struct neuron_value layer = record_layer(trace, inputs[0], CHANNELS, net->width);

    layer = record_layer(trace, layer, net->width, net->width);
    layer = neuron_flatten(trace, neuron_average_pool2d(trace, layer, &whole), 1);
    outputs[0] =
        neuron_softmax(trace, neuron_matmul(trace, layer, record_weights(trace, weights)), -1);
    return neuron_trace_status(trace);
}

static enum neuron_status
load_net(struct net *net, struct neuron_model **model, struct neuron_error *error)
{
    const struct neuron_tensor_view images = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {BATCH, CHANNELS, SIDE, SIDE}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &images, .input_count = 1, .output_count = 1};

    return load_bench_model(record_net, &signature, net, model, error);
}

/* The work of a loop, on the executor's thread. */
static void
run_part(void *argument)
{
    struct part *part = argument;

    for (int64_t i = 0; i < part->runs; i += 1) {
        void *inputs[1] = {part->images + i * BATCH * CHANNELS * SIDE * SIDE};
        void *outputs[1] = {part->scores + i * BATCH * CLASSES};
        enum neuron_status status =
            neuron_module_run_replica(part->module, part->replica, inputs, outputs, NULL);

        part->status = status == NEURON_OK ? part->status : status;
    }
}

/* Runs a block as loops on this many cores, each with its share of the batches. */
static enum neuron_status
run_loops(struct subject *subject, uint32_t core_count, struct neuron_error *error)
{
    struct part parts[CORES] = {0};
    int64_t runs = subject->net->runs / core_count;
    enum neuron_status status = NEURON_OK;

    neuron_completion_arm(subject->completion, core_count);
    /* The core that this thread is on comes last, as in DataParallel. */
    const struct neuron_executor *nearest = neuron_module_replica_executor(subject->module, 0);
    uint32_t first = neuron_executor_cpu(nearest) == sched_getcpu() ? 1 : 0;
    for (uint32_t i = 0; i < core_count; i += 1) {
        uint32_t replica = (first + i) % core_count;
        struct part *part = &parts[replica];

        *part = (struct part){
            .module = subject->module,
            .replica = replica,
            .images = (float *)subject->images.data +
                      (int64_t)replica * runs * BATCH * CHANNELS * SIDE * SIDE,
            .scores = (float *)subject->scores.data + (int64_t)replica * runs * BATCH * CLASSES,
            .runs = runs,
            .request = {.work = run_part, .argument = part, .completion = subject->completion},
        };
        status = neuron_executor_submit(neuron_module_replica_executor(subject->module, replica),
                                        &part->request, error);
        if (status != NEURON_OK) {
            neuron_completion_count_down(subject->completion);
            part->status = status;
        }
    }
    neuron_completion_wait(subject->completion);
    for (uint32_t i = 0; i < core_count; i += 1) {
        status = parts[i].status == NEURON_OK ? status : parts[i].status;
    }
    return status;
}

static enum neuron_status
run_loop(struct subject *subject, struct neuron_error *error)
{
    return run_loops(subject, 1, error);
}

static enum neuron_status
run_two_loops(struct subject *subject, struct neuron_error *error)
{
    return run_loops(subject, CORES, error);
}

static enum neuron_status
run_on_one(struct subject *subject, struct neuron_error *error)
{
    return neuron_data_parallel_run(subject->one, &subject->images, 1, &subject->scores, 1, error);
}

static enum neuron_status
run_on_two(struct subject *subject, struct neuron_error *error)
{
    return neuron_data_parallel_run(subject->two, &subject->images, 1, &subject->scores, 1, error);
}

/* The times of one block, each way once. Every block starts with another way. */
static enum neuron_status
measure_block(struct subject *subject, int block, double *times_us, struct neuron_error *error)
{
    static block_fn *const ways[WAYS] = {
        [LOOP] = run_loop, [LOOPS] = run_two_loops, [ONE] = run_on_one, [TWO] = run_on_two};

    for (int i = 0; i < WAYS; i += 1) {
        int way = (block + i) % WAYS;
        double begin = read_clock_us();
        enum neuron_status status = ways[way](subject, error);

        if (status != NEURON_OK) {
            return status;
        }
        times_us[way] = read_clock_us() - begin;
    }
    return NEURON_OK;
}

static enum neuron_status
measure_blocks(struct subject *subject, struct neuron_error *error)
{
    const char *name = subject->net->name;
    double run_ms[BLOCKS];
    double machine[BLOCKS];
    double over_loop[BLOCKS];
    double speedup[BLOCKS];

    for (int i = -1; i < BLOCKS; i += 1) {
        double times_us[WAYS] = {0};
        enum neuron_status status = measure_block(subject, i + 1, times_us, error);

        if (status != NEURON_OK) {
            return status;
        }
        if (i >= 0) { /* the first block warms up */
            run_ms[i] = times_us[LOOP] / (double)subject->net->runs / 1e3;
            machine[i] = times_us[LOOP] / times_us[LOOPS];
            over_loop[i] = times_us[LOOP] / times_us[ONE];
            speedup[i] = times_us[ONE] / times_us[TWO];
        }
    }
    printf("data_parallel_%s_run %.3f ms -\n", name, median(run_ms, BLOCKS));
    printf("data_parallel_%s_two_loops_over_one %.3f ratio -\n", name, median(machine, BLOCKS));
    printf("data_parallel_%s_one_core_over_loop %.4f ratio >=0.98\n", name,
           median(over_loop, BLOCKS));
    printf("data_parallel_%s_two_cores_over_one %.3f ratio >=1.9\n", name, median(speedup, BLOCKS));
    return NEURON_OK;
}

static enum neuron_status
make_memory(struct subject *subject, struct neuron_error *error)
{
    int64_t rows = subject->net->runs * BATCH;

    subject->images = (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 4, .shape = {rows, CHANNELS, SIDE, SIDE}};
    subject->scores =
        (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 2, .shape = {rows, CLASSES}};
    subject->images.data = calloc((size_t)rows * CHANNELS * SIDE * SIDE, sizeof(float));
    subject->scores.data = calloc((size_t)rows * CLASSES, sizeof(float));
    if (subject->images.data == NULL || subject->scores.data == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for %d rows", (int)rows);
    }
    return neuron_completion_create(&subject->completion, error);
}

static enum neuron_status
measure_net(struct neuron_runtime *runtime, struct net *net, struct neuron_error *error)
{
    static const char *const first[] = {"nc:0"};
    const struct neuron_module_placement on_both = {.kind = NEURON_PLACEMENT_ALL};
    const struct neuron_data_parallel_options on_one = {.device_ids = first, .device_id_count = 1};
    struct subject subject = {.net = net};
    enum neuron_status status = make_memory(&subject, error);

    if (status == NEURON_OK) {
        status = load_net(net, &subject.model, error);
    }
    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, subject.model, &on_both, &subject.module, error);
    }
    if (status == NEURON_OK) {
        status = neuron_data_parallel_create(runtime, subject.model, &on_one, &subject.one, error);
    }
    if (status == NEURON_OK) {
        status = neuron_data_parallel_create(runtime, subject.model, NULL, &subject.two, error);
    }
    if (status == NEURON_OK) {
        status = measure_blocks(&subject, error);
    }
    neuron_data_parallel_destroy(subject.two);
    neuron_data_parallel_destroy(subject.one);
    neuron_module_destroy(subject.module);
    neuron_model_destroy(subject.model);
    neuron_completion_destroy(subject.completion);
    free(subject.scores.data);
    free(subject.images.data);
    return status;
}

int
main(void)
{
    struct net nets[] = {{.name = "small", .width = 96, .runs = 256},
                         {.name = "large", .width = 288, .runs = 64}};
    const struct neuron_runtime_options options = {.core_count = CORES};
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    enum neuron_status status = neuron_runtime_create(&options, &runtime, &error);

    for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]) && status == NEURON_OK; i += 1) {
        status = measure_net(runtime, &nets[i], &error);
    }
    neuron_runtime_destroy(runtime);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "data_parallel_work: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
