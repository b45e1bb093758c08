/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job whose runs fail in ways that others are to see:
 *
 *   failing_job MODEL SLOW [WORD...]
 *
 * Both models take one tensor and give one; SLOW takes longer than 100 ms. It does 5 runs that
 * succeed, 3 calls with an input of another shape, 2 runs that take too long, and 4 whose results
 * hold a NaN; then it prints "ready", and keeps its cores until its standard input ends.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "neuron/module.h"
#include "neuron/runtime.h"

enum { TIMEOUT_MS = 100, GOOD = 5, MISSHAPEN = 3, SLOW = 2, NUMERICAL = 4 };

/* A model on the cores of the job, and its tensors. */
struct loaded {
    struct neuron_model *model;
    struct neuron_module *module;
    struct neuron_tensor_view input;
    struct neuron_tensor_view output;
};

static struct neuron_tensor_view
make_tensor(const struct neuron_tensor_spec *spec)
{
    size_t size_bytes = neuron_tensor_shape_size_bytes(&spec->shape);

    return neuron_tensor_view_of(&spec->shape, calloc(1, size_bytes + 1));
}

static enum neuron_status
load(struct neuron_runtime *runtime, const char *path, struct loaded *loaded,
     struct neuron_error *error)
{
    const struct neuron_module_placement everywhere = {.kind = NEURON_PLACEMENT_ALL};
    enum neuron_status status = neuron_model_load(path, &loaded->model, error);

    if (status == NEURON_OK) {
        loaded->input = make_tensor(neuron_model_input(loaded->model, 0));
        loaded->output = make_tensor(neuron_model_output(loaded->model, 0));
        status = neuron_module_create(runtime, loaded->model, &everywhere, &loaded->module, error);
    }
    return status;
}

static void
unload(struct loaded *loaded)
{
    neuron_module_destroy(loaded->module);
    neuron_model_destroy(loaded->model);
    free(loaded->input.data);
    free(loaded->output.data);
}

/* Runs so many times, which is to end in one way each time. */
static enum neuron_status
run(struct loaded *loaded, int count, enum neuron_status expected, struct neuron_error *error)
{
    for (int i = 0; i < count; i += 1) {
        enum neuron_status status =
            neuron_module_run(loaded->module, &loaded->input, 1, &loaded->output, 1, error);

        if (status != expected) {
            return NEURON_FAIL(error, NEURON_SYSTEM, "a run returned %s, and not %s",
                               neuron_status_name(status), neuron_status_name(expected));
        }
    }
    return NEURON_OK;
}

static enum neuron_status
fail_in_all_ways(struct loaded *quick, struct loaded *slow, struct neuron_error *error)
{
    struct neuron_tensor_view whole = quick->input;
    enum neuron_status status = run(quick, GOOD, NEURON_OK, error);

    if (status == NEURON_OK) {
        quick->input.shape[1] += 1;
        status = run(quick, MISSHAPEN, NEURON_INVALID_ARGUMENT, error);
        quick->input = whole;
    }
    if (status == NEURON_OK) {
        status = run(slow, SLOW, NEURON_TIMED_OUT, error);
    }
    if (status == NEURON_OK) {
        ((float *)quick->input.data)[0] = NAN;
        status = run(quick, NUMERICAL, NEURON_NUMERICAL_ERROR, error);
    }
    return status;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_runtime_options options = {0};
    struct neuron_runtime *runtime = NULL;
    struct loaded quick = {0};
    struct loaded slow = {0};
    struct neuron_error error = {0};

    if (argument_count < 3) {
        (void)fprintf(stderr, "usage: failing_job MODEL SLOW [WORD...]\n");
        return 2;
    }
    enum neuron_status status = neuron_runtime_options_read(&options, &error);
    options.execution_timeout_ms = TIMEOUT_MS;
    options.numerical_check = NEURON_NUMERICAL_CHECK_NAN;
    if (status == NEURON_OK) {
        status = neuron_runtime_create(&options, &runtime, &error);
    }
    if (status == NEURON_OK) {
        status = load(runtime, arguments[1], &quick, &error);
    }
    if (status == NEURON_OK) {
        status = load(runtime, arguments[2], &slow, &error);
    }
    if (status == NEURON_OK) {
        status = fail_in_all_ways(&quick, &slow, &error);
    }
    if (status == NEURON_OK) {
        (void)puts("ready");
        (void)fflush(stdout);
        while (getchar() != EOF) {
        }
    } else {
        (void)fprintf(stderr, "failing_job: %s\n", error.text);
    }
    unload(&quick);
    unload(&slow);
    neuron_runtime_destroy(runtime);
    return status == NEURON_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
