/* SPDX-License-Identifier: Apache-2.0 */
/* Traces a network with weights, a 3x3 convolution plus 1, compiles it, and runs it on nc:0. */
#include <stdio.h>
#include <stdlib.h>

#include "neuron/compiler.h"
#include "neuron/model.h"
#include "neuron/module.h"
#include "neuron/runtime.h"
#include "neuron/trace.h"

/* What a trained network brings along. */
struct conv_net {
    float weights[1][1][3][3]; /* output channels, input channels, height, width */
    float bias[1];
};

/* The network as a function. `user` is the one that neuron_trace() was given. */
static enum neuron_status
forward(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
        void *user)
{
    struct conv_net *net = user;
    const struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 3, 3}, .data = net->weights};
    const struct neuron_tensor_view bias = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {1}, .data = net->bias};

    struct neuron_value convolved = neuron_conv2d(
        trace, inputs[0], neuron_constant(trace, &weights), neuron_constant(trace, &bias), NULL);
    outputs[0] = neuron_add(trace, convolved, neuron_scalar(trace, 1.0f));
    return neuron_trace_status(trace); /* of the first operator that failed, if any did */
}

/* Records the network for one image of 3x3, and writes it as a NEFF file, weights included. */
static enum neuron_status
compile(struct conv_net *net, const char *path, struct neuron_error *error)
{
    const struct neuron_tensor_view image = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 3, 3}};
    const char *const input_names[] = {"image"};
    const char *const output_names[] = {"result"};
    const struct neuron_trace_signature signature = {.example_inputs = &image,
                                                     .input_count = 1,
                                                     .output_count = 1,
                                                     .input_names = input_names,
                                                     .output_names = output_names};
    struct neuron_graph *graph = NULL;

    enum neuron_status status = neuron_trace(forward, &signature, net, &graph, error);
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
    float image[1][1][3][3] = {{{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}}};
    float result[1][1][1][1] = {0};
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 3, 3}, .data = image};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 1, 1}, .data = result};

    enum neuron_status status = neuron_module_run(module, &input, 1, &output, 1, error);
    if (status == NEURON_OK) {
        printf("conv(image) + 1 = %g\n", (double)result[0][0][0][0]);
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
    const char *path = argc > 1 ? argv[1] : "conv_net.neff";
    /* An edge filter: what is right of the middle, less what is left of it, and half a unit. */
    struct conv_net net = {.weights = {{{{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}}}}, .bias = {0.5f}};
    struct neuron_error error;

    if (compile(&net, path, &error) != NEURON_OK || load_and_run(path, &error) != NEURON_OK) {
        fprintf(stderr, "conv_net: %s\n", error.text);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
