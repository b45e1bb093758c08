/* SPDX-License-Identifier: Apache-2.0 */
#include "weighty_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "neuron/compiler.h"
#include "neuron/trace.h"

#include "check.h"
#include "tensor_text.h"

enum { KERNEL_SIDE = 3 };

static struct neuron_tensor_view
create_tensor(const char *text, uint32_t seed)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};

    assert_int_equal(parse_tensors(text, views), 1);
    allocate_tensor(&views[0]);
    fill_tensor(&views[0], seed);
    return views[0];
}

void
weighty_model_create(struct weighty_model *weighty, int64_t channels, int64_t sums)
{
    char text[64];
    int c = (int)channels;

    (void)snprintf(text, sizeof(text), "[1,%d,%d,%d]", c, KERNEL_SIDE, KERNEL_SIDE);
    weighty->inputs[0] = create_tensor(text, 1);
    (void)snprintf(text, sizeof(text), "[1,%d,1,1]", c);
    weighty->outputs[0] = create_tensor(text, 2);
    (void)snprintf(text, sizeof(text), "[%d,%d,%d,%d]", c, c, KERNEL_SIDE, KERNEL_SIDE);
    weighty->kernel = create_tensor(text, 3);
    (void)snprintf(text, sizeof(text), "[1,%d]", (int)sums);
    weighty->inputs[1] = create_tensor(text, 4);
    weighty->outputs[1] = create_tensor(text, 5);
    (void)snprintf(text, sizeof(text), "[%d]", (int)sums);
    weighty->shift = create_tensor(text, 6);
}

size_t
weighty_model_bytes(const struct weighty_model *weighty)
{
    return (tensor_element_count(&weighty->kernel) + tensor_element_count(&weighty->shift)) *
           sizeof(float);
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    const struct weighty_model *weighty = user;
    const struct neuron_value no_bias = {0};

    outputs[0] =
        neuron_conv2d(trace, inputs[0], neuron_constant(trace, &weighty->kernel), no_bias, NULL);
    outputs[1] = neuron_add(trace, inputs[1], neuron_constant(trace, &weighty->shift));
    return neuron_trace_status(trace);
}

struct neuron_graph *
weighty_model_trace(struct weighty_model *weighty)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = weighty->inputs, .input_count = 2, .output_count = 2};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(record, &signature, weighty, &graph, &error), &error);
    return graph;
}

struct neuron_model *
weighty_model_load(struct weighty_model *weighty, const struct test_folder *folder,
                   const char *name)
{
    const struct neuron_compiler_options options = {.model_name = name};
    struct neuron_graph *graph = weighty_model_trace(weighty);
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char file_name[64];
    char path[TEST_PATH_BYTES];

    (void)snprintf(file_name, sizeof(file_name), "%s.neff", name);
    test_folder_path(folder, file_name, path);
    assert_ok(neuron_compile(graph, &options, path, &error), &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    neuron_graph_destroy(graph);
    return model;
}

/* One number of the convolution's result. */
static double
expect_product(const struct weighty_model *weighty, size_t channel)
{
    const float *image = weighty->inputs[0].data;
    const float *kernel = weighty->kernel.data;
    size_t count = tensor_element_count(&weighty->inputs[0]);
    double sum = 0.0;

    for (size_t i = 0; i < count; i += 1) {
        sum += (double)image[i] * (double)kernel[channel * count + i];
    }
    return sum;
}

void
weighty_model_check(const struct weighty_model *weighty, struct neuron_module *module)
{
    const float *products = weighty->outputs[0].data;
    const float *sums = weighty->outputs[1].data;
    const float *addends = weighty->inputs[1].data;
    const float *shift = weighty->shift.data;
    struct neuron_error error = {0};

    memset(weighty->outputs[0].data, 0, tensor_element_count(&weighty->outputs[0]) * sizeof(float));
    memset(weighty->outputs[1].data, 0, tensor_element_count(&weighty->outputs[1]) * sizeof(float));
    assert_ok(neuron_module_run(module, weighty->inputs, 2, weighty->outputs, 2, &error), &error);
    for (size_t i = 0; i < tensor_element_count(&weighty->outputs[0]); i += 1) {
        assert_true(fabs((double)products[i] - expect_product(weighty, i)) < 1e-3);
    }
    for (size_t i = 0; i < tensor_element_count(&weighty->outputs[1]); i += 1) {
        assert_true(sums[i] == addends[i] + shift[i]);
    }
}

void
weighty_model_destroy(struct weighty_model *weighty)
{
    for (int i = 0; i < 2; i += 1) {
        free_tensor(&weighty->inputs[i]);
        free_tensor(&weighty->outputs[i]);
    }
    free_tensor(&weighty->kernel);
    free_tensor(&weighty->shift);
}
