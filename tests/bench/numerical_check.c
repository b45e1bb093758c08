/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the search for NaN costs a run: the time of a run with it over that of one without, on two
 * models. A classifier gives few numbers for much work; a copy of 4 MB gives as many as it reads,
 * which is the worst that a model can be. Both runtimes have one core, the same one, in turn.
 */
#include <stdio.h>
#include <stdlib.h>

#include "neuron/module.h"
#include "neuron/runtime.h"

#include "bench_model.h"
#include "measure.h"

enum { BLOCKS = 31, ROWS = 64, WIDTH = 1024, CLASSES = 1000, COPIED = 1 << 20 };

/* A model, its tensors, and how often it runs in a block. */
struct subject {
    const char *name;
    const char *target;
    neuron_trace_fn *record;
    struct neuron_tensor_view input;
    struct neuron_tensor_view output;
    int runs;
    struct neuron_model *model;
};

static enum neuron_status
record_classifier(struct neuron_trace *trace, const struct neuron_value *inputs,
                  struct neuron_value *outputs, void *unused)
{
    const struct neuron_tensor_view hidden = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {WIDTH, WIDTH}};
    const struct neuron_tensor_view last = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {WIDTH, CLASSES}};
    struct neuron_value layer =
        neuron_relu(trace, neuron_matmul(trace, inputs[0], record_weights(trace, hidden)));

    (void)unused;
    outputs[0] = neuron_matmul(trace, layer, record_weights(trace, last));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_copy(struct neuron_trace *trace, const struct neuron_value *inputs,
            struct neuron_value *outputs, void *unused)
{
    (void)unused;
    outputs[0] = inputs[0];
    return neuron_trace_status(trace);
}

/* The time of a run, in a runtime that searches or not; negative after a failure. */
static double
time_runs(const struct subject *subject, enum neuron_numerical_check check,
          struct neuron_error *error)
{
    const struct neuron_runtime_options options = {.core_count = 1, .numerical_check = check};
    struct neuron_runtime *runtime = NULL;
    struct neuron_module *module = NULL;
    double begin_us = 0;
    enum neuron_status status = neuron_runtime_create(&options, &runtime, error);

    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, subject->model, NULL, &module, error);
    }
    for (int i = -1; i < subject->runs && status == NEURON_OK; i += 1) {
        begin_us = i == 0 ? read_clock_us() : begin_us; /* the first run warms up */
        status = neuron_module_run(module, &subject->input, 1, &subject->output, 1, error);
    }
    double time_us = (read_clock_us() - begin_us) / subject->runs;
    neuron_module_destroy(module);
    neuron_runtime_destroy(runtime);
    return status == NEURON_OK ? time_us : -1;
}

static enum neuron_status
measure(const struct subject *subject, struct neuron_error *error)
{
    double without[BLOCKS];
    double ratios[BLOCKS];

    for (int i = 0; i < BLOCKS; i += 1) {
        double off_us = time_runs(subject, NEURON_NUMERICAL_CHECK_OFF, error);
        double on_us = off_us < 0 ? -1 : time_runs(subject, NEURON_NUMERICAL_CHECK_NAN, error);

        if (on_us < 0) {
            return error->status;
        }
        without[i] = off_us;
        ratios[i] = on_us / off_us;
    }
    printf("numerical_check_%s_run %.1f us -\n", subject->name, median(without, BLOCKS));
    printf("numerical_check_%s_with_over_without %.4f ratio %s\n", subject->name,
           median(ratios, BLOCKS), subject->target);
    return NEURON_OK;
}

static enum neuron_status
measure_subject(struct subject *subject, struct neuron_error *error)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = &subject->input, .input_count = 1, .output_count = 1};
    struct neuron_tensor_shape input = neuron_tensor_view_shape(&subject->input);
    struct neuron_tensor_shape output = neuron_tensor_view_shape(&subject->output);
    enum neuron_status status = NEURON_OK;

    subject->input.data = calloc(1, neuron_tensor_shape_size_bytes(&input));
    subject->output.data = calloc(1, neuron_tensor_shape_size_bytes(&output));
    if (subject->input.data == NULL || subject->output.data == NULL) {
        status = NEURON_FAIL(error, NEURON_OUT_OF_MEMORY, "no memory for the tensors");
    }
    if (status == NEURON_OK) {
        status = load_bench_model(subject->record, &signature, NULL, &subject->model, error);
    }
    if (status == NEURON_OK) {
        status = measure(subject, error);
    }
    neuron_model_destroy(subject->model);
    free(subject->input.data);
    free(subject->output.data);
    return status;
}

int
main(void)
{
    struct subject subjects[] = {
        {.name = "classifier",
         .target = "<=1.03",
         .record = record_classifier,
         .input = {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, WIDTH}},
         .output = {.type = NEURON_FLOAT32, .rank = 2, .shape = {ROWS, CLASSES}},
         .runs = 20},
        {.name = "copy",
         .target = "-",
         .record = record_copy,
         .input = {.type = NEURON_FLOAT32, .rank = 1, .shape = {COPIED}},
         .output = {.type = NEURON_FLOAT32, .rank = 1, .shape = {COPIED}},
         .runs = 50},
    };
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i += 1) {
        if (measure_subject(&subjects[i], &error) != NEURON_OK) {
            (void)fprintf(stderr, "numerical_check: %s\n", error.text);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
