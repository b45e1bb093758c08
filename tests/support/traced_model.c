/* SPDX-License-Identifier: Apache-2.0 */
#include "traced_model.h"

#include "neuron/compiler.h"
#include "neuron/graph.h"

#include "check.h"
#include "tensor_text.h"
#include "test_folder.h"

struct neuron_model *
load_traced_shared(neuron_trace_fn *function, const char *examples, const bool *is_shared,
                   uint32_t output_count)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {
        .example_inputs = views, .output_count = output_count, .input_is_shared = is_shared};
    const struct neuron_compiler_options options = {.model_name = "traced"};
    struct neuron_graph *graph = NULL;
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    signature.input_count = parse_tensors(examples, views);
    test_folder_create(&folder);
    test_folder_path(&folder, "traced.neff", path);
    assert_ok(neuron_trace(function, &signature, NULL, &graph, &error), &error);
    assert_ok(neuron_compile(graph, &options, path, &error), &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    neuron_graph_destroy(graph);
    test_folder_destroy(&folder); /* the mapping stays */
    return model;
}

struct neuron_model *
load_traced(neuron_trace_fn *function, const char *examples, uint32_t output_count)
{
    return load_traced_shared(function, examples, NULL, output_count);
}

/* Weights float32[6,5] that repeat. */
static struct neuron_value
record_weights(struct neuron_trace *trace)
{
    float numbers[30];
    struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {6, 5}, .data = numbers};

    fill_tensor(&view, 17);
    return neuron_constant(trace, &view);
}

static enum neuron_status
dense(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
      void *user)
{
    struct neuron_value product = neuron_matmul(trace, inputs[0], record_weights(trace));

    (void)user;
    outputs[0] = neuron_softmax(trace, neuron_tanh(trace, product), -1);
    return neuron_trace_status(trace);
}

static enum neuron_status
two_by_two(struct neuron_trace *trace, const struct neuron_value *inputs,
           struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_multiply(trace, inputs[0], inputs[1]);
    outputs[1] = neuron_add(trace, neuron_matmul(trace, inputs[0], record_weights(trace)),
                            neuron_scalar(trace, 0.25F));
    return neuron_trace_status(trace);
}

static enum neuron_status
scaled(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    (void)user;
    outputs[0] = neuron_softmax(trace, neuron_multiply(trace, inputs[0], inputs[1]), 0);
    return neuron_trace_status(trace);
}

static enum neuron_status
product(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
        void *user)
{
    (void)user;
    outputs[0] = neuron_softmax(trace, neuron_matmul(trace, inputs[0], inputs[1]), 0);
    return neuron_trace_status(trace);
}

struct neuron_model *
load_dense_model(void)
{
    return load_traced(dense, "[4,6]", 1);
}

struct neuron_model *
load_two_by_two_model(void)
{
    return load_traced(two_by_two, "[4,6] [4,1]", 2);
}

struct neuron_model *
load_scaled_model(void)
{
    return load_traced(scaled, "[4,6] []", 1);
}

struct neuron_model *
load_product_model(void)
{
    return load_traced(product, "[4,3] [3,2]", 1);
}
