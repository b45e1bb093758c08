/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles models for the acceptance tests of neuron-score:
 *
 *   make_model FILE BATCH COLUMNS LAYERS [INPUTS]
 *
 * Rows of COLUMNS float32 numbers. Without layers the result is twice the input plus one, exactly;
 * each layer puts a matrix product of COLUMNS x COLUMNS before that, which takes time. With two
 * inputs it is their sum.
 */
#include <stdio.h>
#include <stdlib.h>

#include "neuron/compiler.h"
#include "neuron/graph.h"
#include "neuron/trace.h"

struct model_form {
    int64_t columns;
    long layers;
    uint32_t input_count;
    float *weights;
};

static enum neuron_status
trace_model(struct neuron_trace *trace, const struct neuron_value *inputs,
            struct neuron_value *outputs, void *user)
{
    const struct model_form *form = user;
    struct neuron_value value = inputs[0];

    for (uint32_t i = 1; i < form->input_count; i += 1) {
        value = neuron_add(trace, value, inputs[i]);
    }
    const struct neuron_tensor_shape shape = {
        .type = NEURON_FLOAT32, .rank = 2, .dims = {form->columns, form->columns}};
    const struct neuron_tensor_view view = neuron_tensor_view_of(&shape, form->weights);
    struct neuron_value weights = {0};
    if (form->layers > 0) {
        weights = neuron_constant(trace, &view);
    }
    for (long i = 0; i < form->layers; i += 1) {
        value = neuron_relu(trace, neuron_matmul(trace, value, weights));
    }
    value = neuron_multiply(trace, neuron_scalar(trace, 2.0F), value);
    outputs[0] = neuron_add(trace, value, neuron_scalar(trace, 1.0F));
    return neuron_trace_status(trace);
}

static enum neuron_status
make(const char *path, int64_t batch, struct model_form *form, struct neuron_error *error)
{
    struct neuron_tensor_view example = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {batch, form->columns}};
    const struct neuron_tensor_view examples[] = {example, example};
    const struct neuron_trace_signature signature = {
        .example_inputs = examples, .input_count = form->input_count, .output_count = 1};
    struct neuron_graph *graph = NULL;

    enum neuron_status status = neuron_trace(trace_model, &signature, form, &graph, error);
    if (status == NEURON_OK) {
        status = neuron_compile(graph, NULL, path, error);
    }
    neuron_graph_destroy(graph);
    return status;
}

int
main(int argument_count, char **arguments)
{
    struct neuron_error error = {0};

    if (argument_count < 5 || argument_count > 6) {
        (void)fprintf(stderr, "usage: make_model FILE BATCH COLUMNS LAYERS [INPUTS]\n");
        return 2;
    }
    struct model_form form = {.columns = strtol(arguments[3], NULL, 10),
                              .layers = strtol(arguments[4], NULL, 10),
                              .input_count = argument_count == 6 ? 2 : 1};
    form.weights = calloc((size_t)form.columns * (size_t)form.columns, sizeof(*form.weights));
    if (form.weights == NULL) {
        return 1;
    }
    for (int64_t i = 0; i < form.columns * form.columns; i += 1) {
        form.weights[i] = (float)(i % 5) / (float)form.columns;
    }
    enum neuron_status status = make(arguments[1], strtol(arguments[2], NULL, 10), &form, &error);
    if (status != NEURON_OK) {
        (void)fprintf(stderr, "make_model: %s\n", error.text);
    }
    free(form.weights);
    return status == NEURON_OK ? 0 : 1;
}
