/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a second core gains a model: the throughput of a pipeline of two stages over that of one
 * core, with several callers, and the speed of two cores that run a model together over one, with
 * one caller. A network of residual convolutions, and layers of products. The modules are on the
 * same two cores, and run in turn; a block counts as the ratio within it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/module.h"
#include "neuron/runtime.h"
#include "neuron/trace_window.h"

#include "bench_model.h"
#include "measure.h"

enum {
    CORES = 2,
    SKIPPED = 77,
    BLOCKS = 9,
    CALLERS = 4,
    STAGES = 4, /* of the network, each with half the extent of the one before */
    BLOCKS_A_STAGE = 2,
    ROWS = 32,
    WIDTH = 2048,
    LAYERS = 4
};

enum how { ALONE, PIPELINE, WIDE, HOW_COUNT };

/* A model, compiled in each way. */
struct subject {
    const char *name;
    neuron_trace_fn *record;
    struct neuron_tensor_view input;
    struct neuron_tensor_view output;
    int runs; /* in a block, of each caller */
    struct neuron_model *models[HOW_COUNT];
    struct neuron_module *modules[HOW_COUNT];
};

struct caller {
    pthread_t thread;
    const struct subject *subject;
    struct neuron_module *module;
    enum neuron_status status;
};

static struct neuron_value
record_conv(struct neuron_trace *trace, struct neuron_value input, int64_t from, int64_t to,
            uint32_t stride)
{
    const struct neuron_conv_options options = {.strides = {stride, stride}, .pads = {1, 1, 1, 1}};
    const struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {to, from, 3, 3}};

    return neuron_conv(trace, input, record_weights(trace, weights), (struct neuron_value){0},
                       &options);
}

/* [1,64,56,56] to [1,512,7,7], as a network of residual blocks. */
static enum neuron_status
record_network(struct neuron_trace *trace, const struct neuron_value *inputs,
               struct neuron_value *outputs, void *unused)
{
    struct neuron_value value = inputs[0];
    int64_t channels = 64;

    (void)unused;
    for (int stage = 0; stage < STAGES; stage += 1) {
        if (stage > 0) {
            value = record_conv(trace, value, channels, 2 * channels, 2);
            channels *= 2;
        }
        for (int i = 0; i < BLOCKS_A_STAGE; i += 1) {
            struct neuron_value middle =
                neuron_relu(trace, record_conv(trace, value, channels, channels, 1));

            value = neuron_relu(
                trace, neuron_add(trace, record_conv(trace, middle, channels, channels, 1), value));
        }
    }
    outputs[0] = value;
    return neuron_trace_status(trace);
}

static enum neuron_status
record_layers(struct neuron_trace *trace, const struct neuron_value *inputs,
              struct neuron_value *outputs, void *unused)
{
    const struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {WIDTH, WIDTH}};

    (void)unused;
    outputs[0] = inputs[0];
    for (int i = 0; i < LAYERS; i += 1) {
        outputs[0] =
            neuron_relu(trace, neuron_matmul(trace, outputs[0], record_weights(trace, weights)));
    }
    return neuron_trace_status(trace);
}

/* Runs a module so often, with outputs of its own. */
static void *
call(void *argument)
{
    struct caller *caller = argument;
    const struct subject *subject = caller->subject;
    struct neuron_tensor_view output = subject->output;
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&output);

    output.data = calloc(1, neuron_tensor_shape_size_bytes(&shape));
    caller->status = output.data == NULL ? NEURON_OUT_OF_MEMORY : NEURON_OK;
    for (int i = 0; caller->status == NEURON_OK && i < subject->runs; i += 1) {
        caller->status = neuron_module_run(caller->module, &subject->input, 1, &output, 1, NULL);
    }
    free(output.data);
    return NULL;
}

/* The time that some callers take together; negative after a failure. */
static double
time_callers(const struct subject *subject, enum how how, int count)
{
    struct caller callers[CALLERS];
    double start_us = read_clock_us();
    enum neuron_status status = NEURON_OK;
    int started = 0;

    while (started < count) {
        callers[started] = (struct caller){.subject = subject, .module = subject->modules[how]};
        if (pthread_create(&callers[started].thread, NULL, call, &callers[started]) != 0) {
            break;
        }
        started += 1;
    }
    for (int i = 0; i < started; i += 1) {
        (void)pthread_join(callers[i].thread, NULL);
        status = callers[i].status != NEURON_OK ? callers[i].status : status;
    }
    return started == count && status == NEURON_OK ? read_clock_us() - start_us : -1.0;
}

/* Prints how many times as fast the model is in a way; false after a failure. */
static bool
compare(const struct subject *subject, enum how how, int callers, const char *figure)
{
    double ratios[BLOCKS];

    for (int i = -1; i < BLOCKS; i += 1) { /* the first one warms up */
        double alone_us = time_callers(subject, ALONE, callers);
        double other_us = time_callers(subject, how, callers);

        if (alone_us < 0.0 || other_us < 0.0) {
            return false;
        }
        ratios[i < 0 ? 0 : i] = alone_us / other_us;
    }
    (void)printf("cores/%s-%s %.3f ratio >=1.5\n", subject->name, figure, median(ratios, BLOCKS));
    return true;
}

static enum neuron_status
load(struct subject *subject, struct neuron_runtime *runtime, struct neuron_error *error)
{
    static const struct neuron_compiler_options options[HOW_COUNT] = {
        [PIPELINE] = {.core_count = CORES},
        [WIDE] = {.core_count = CORES, .split = NEURON_SPLIT_WIDE}};
    const struct neuron_module_placement placement = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = 0, .nc_count = NEURON_AUTOMATIC};
    const struct neuron_trace_signature signature = {
        .example_inputs = &subject->input, .input_count = 1, .output_count = 1};
    struct neuron_tensor_shape shape = neuron_tensor_view_shape(&subject->input);
    enum neuron_status status = NEURON_OK;

    subject->input.data = calloc(1, neuron_tensor_shape_size_bytes(&shape));
    if (subject->input.data == NULL) {
        return NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "out of memory for an input");
    }
    for (int i = 0; status == NEURON_OK && i < HOW_COUNT; i += 1) {
        status = load_bench_model_with(subject->record, &signature, NULL, &options[i],
                                       &subject->models[i], error);
        if (status == NEURON_OK) {
            status = neuron_module_create(runtime, subject->models[i], &placement,
                                          &subject->modules[i], error);
        }
    }
    return status;
}

static void
unload(struct subject *subject)
{
    for (int i = 0; i < HOW_COUNT; i += 1) {
        neuron_module_destroy(subject->modules[i]);
        neuron_model_destroy(subject->models[i]);
    }
    free(subject->input.data);
}

static int
measure(struct subject *subject, struct neuron_runtime *runtime)
{
    struct neuron_error error = {0};
    bool is_done = false;

    if (load(subject, runtime, &error) != NEURON_OK) {
        (void)fprintf(stderr, "cores: %s\n", error.text);
    } else {
        is_done = compare(subject, PIPELINE, CALLERS, "pipeline-throughput") &&
                  compare(subject, WIDE, 1, "wide-latency");
    }
    unload(subject);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(void)
{
    struct subject subjects[] = {
        {.name = "convolutions",
         .record = record_network,
         .input = {.type = NEURON_FLOAT32, .rank = 4, .shape = {1, 64, 56, 56}},
         .output = {.type = NEURON_FLOAT32, .rank = 4, .shape = {1, 512, 7, 7}},
         .runs = 3},
        {.name = "products",
         .record = record_layers,
         .input = {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, WIDTH}},
         .output = {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, WIDTH}},
         .runs = 20},
    };
    const struct neuron_runtime_options options = {.core_count = CORES};
    struct neuron_runtime *runtime = NULL;
    struct neuron_error error = {0};
    int exit_status = EXIT_SUCCESS;
    enum neuron_status status = neuron_runtime_create(&options, &runtime, &error);

    if (status != NEURON_OK) {
        (void)fprintf(stderr, "cores: %s\n", error.text);
        return status == NEURON_NO_SUCH_CORE ? SKIPPED : EXIT_FAILURE;
    }
    for (size_t i = 0; exit_status == EXIT_SUCCESS && i < sizeof(subjects) / sizeof(subjects[0]);
         i += 1) {
        exit_status = measure(&subjects[i], runtime);
    }
    neuron_runtime_destroy(runtime);
    return exit_status;
}
