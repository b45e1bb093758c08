/* SPDX-License-Identifier: Apache-2.0 */
/* Traces 2 * x + y, compiles it, loads it, and runs it on nc:0. */
#include <stdio.h>
#include <stdlib.h>

#include "neuron/compiler.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/runtime.h"
#include "neuron/trace.h"

/* The function. It is called once, with symbolic values; operators write themselves down. */
static enum neuron_status
twice_plus(struct neuron_trace *trace, const struct neuron_value *inputs,
           struct neuron_value *outputs, void *user)
{
    struct neuron_value x = inputs[0];
    struct neuron_value y = inputs[1];
    struct neuron_value two = neuron_scalar(trace, 2.0f);

    (void)user;
    outputs[0] = neuron_add(trace, neuron_multiply(trace, two, x), y);
    return neuron_trace_status(trace); /* of the first operator that failed, if any did */
}

/* Records the function for two vectors of three numbers, and writes it as a NEFF file. */
static enum neuron_status
compile(const char *path, struct neuron_error *error)
{
    const struct neuron_tensor_view examples[] = {
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}},
    };
    const struct neuron_trace_signature signature = {
        .example_inputs = examples, .input_count = 2, .output_count = 1};
    struct neuron_graph *graph = NULL;

    enum neuron_status status = neuron_trace(twice_plus, &signature, NULL, &graph, error);
    if (status == NEURON_OK) {
        status = neuron_compile(graph, NULL, path, error);
    }
    neuron_graph_destroy(graph);
    return status;
}

/* Runs the module once, on memory of ours, and prints what came out. */
static enum neuron_status
run(struct neuron_module *module, struct neuron_error *error)
{
    float x[3] = {1.0f, 2.0f, 3.0f};
    float y[3] = {0.5f, 0.25f, 0.125f};
    float result[3] = {0};
    const struct neuron_tensor_view inputs[] = {
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = x},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = y},
    };
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = result};

    enum neuron_status status = neuron_module_run(module, inputs, 2, &output, 1, error);
    if (status == NEURON_OK) {
        printf("2 * x + y = %g %g %g\n", (double)result[0], (double)result[1], (double)result[2]);
    }
    return status;
}

/* Loads the file as any other program would, and puts it on the first core that is ours. */
static enum neuron_status
load_and_run(const char *path, struct neuron_error *error)
{
    struct neuron_runtime *runtime = NULL; /* owns the cores that the environment gives us */
    struct neuron_model *model = NULL;
    struct neuron_module *module = NULL;

    enum neuron_status status = neuron_runtime_create(NULL, &runtime, error);
    if (status == NEURON_OK) {
        status = neuron_model_load(path, &model, error);
    }
    if (status == NEURON_OK) {
        status = neuron_module_create(runtime, model, NULL, &module, error);
    }
    if (status == NEURON_OK) {
        status = run(module, error);
    }
    neuron_module_destroy(module);
    neuron_model_destroy(model);
    neuron_runtime_destroy(runtime);
    return status;
}

int
main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "twice_plus.neff";
    struct neuron_error error;

    if (compile(path, &error) != NEURON_OK || load_and_run(path, &error) != NEURON_OK) {
        fprintf(stderr, "twice_plus: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
