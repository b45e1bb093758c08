/* SPDX-License-Identifier: Apache-2.0 */
#include "weighed_model.h"

#include <math.h>

#include "neuron/compiler.h"
#include "neuron/trace.h"

#include "check.h"

static const float tolerance = 1e-5F;

static void
fill(float *numbers, int count, uint32_t *seed)
{
    for (int i = 0; i < count; i += 1) {
        *seed = *seed * 1664525U + 1013904223U;
        numbers[i] = (float)(*seed >> 16) / 32768.0F - 0.5F;
    }
}

void
weighed_fill(struct weighed_numbers *numbers, uint32_t seed)
{
    fill(numbers->matrix, WEIGHED_INPUTS * WEIGHED_OUTPUTS, &seed);
    fill(numbers->scale, WEIGHED_OUTPUTS, &seed);
    fill(numbers->bias, WEIGHED_OUTPUTS, &seed);
}

void
weighed_entries(struct weighed_numbers *numbers, struct neuron_npz_entry entries[3])
{
    const struct neuron_tensor_shape matrix = {
        .type = NEURON_FLOAT32, .rank = 2, .dims = {WEIGHED_INPUTS, WEIGHED_OUTPUTS}};
    const struct neuron_tensor_shape list = {
        .type = NEURON_FLOAT32, .rank = 1, .dims = {WEIGHED_OUTPUTS}};

    entries[0] =
        (struct neuron_npz_entry){"matrix", neuron_tensor_view_of(&matrix, numbers->matrix)};
    entries[1] = (struct neuron_npz_entry){"scale", neuron_tensor_view_of(&list, numbers->scale)};
    entries[2] = (struct neuron_npz_entry){"bias", neuron_tensor_view_of(&list, numbers->bias)};
}

const char *
weighed_save(const struct model_bench *bench, struct weighed_numbers *numbers, const char *name,
             char *path)
{
    struct neuron_npz_entry entries[3];
    struct neuron_error error = {0};

    weighed_entries(numbers, entries);
    test_folder_path(&bench->folder, name, path);
    assert_ok(neuron_npz_save(entries, 3, path, &error), &error);
    return path;
}

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    struct neuron_npz_entry entries[3];
    struct neuron_value weights[3];

    weighed_entries(user, entries);
    for (int i = 0; i < 3; i += 1) {
        weights[i] = neuron_constant_named(trace, entries[i].name, &entries[i].tensor);
    }
    y[0] = neuron_multiply(trace, neuron_matmul(trace, x[0], weights[0]), weights[1]);
    y[0] = neuron_add(trace, y[0], weights[2]);
    return neuron_trace_status(trace);
}

struct neuron_graph *
weighed_trace(struct weighed_numbers *numbers)
{
    const struct neuron_tensor_view example = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {WEIGHED_ROWS, WEIGHED_INPUTS}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(record, &signature, numbers, &graph, &error), &error);
    return graph;
}

struct neuron_model *
weighed_load_with(const struct model_bench *bench, struct weighed_numbers *numbers,
                  const struct neuron_compiler_options *options)
{
    struct neuron_graph *graph = weighed_trace(numbers);
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(&bench->folder, "m.neff", path);
    assert_ok(neuron_compile(graph, options, path, &error), &error);
    neuron_graph_destroy(graph);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    return model;
}

struct neuron_model *
weighed_load(const struct model_bench *bench, struct weighed_numbers *numbers, bool is_apart)
{
    const struct neuron_compiler_options options = {.weights_apart = is_apart};

    return weighed_load_with(bench, numbers, &options);
}

/* What the numbers make of a row. */
static float
answer(const struct weighed_numbers *numbers, const float *row, int column)
{
    double sum = 0.0;

    for (int i = 0; i < WEIGHED_INPUTS; i += 1) {
        sum += (double)row[i] * (double)numbers->matrix[i * WEIGHED_OUTPUTS + column];
    }
    return (float)(sum * (double)numbers->scale[column] + (double)numbers->bias[column]);
}

void
weighed_check_module(struct neuron_module *module, const struct weighed_numbers *numbers)
{
    const struct neuron_model *model = neuron_module_model(module);
    float x[WEIGHED_ROWS * WEIGHED_INPUTS];
    float y[WEIGHED_ROWS * WEIGHED_OUTPUTS];
    uint32_t seed = 99;
    const struct neuron_tensor_view input =
        neuron_tensor_view_of(&neuron_model_input(model, 0)->shape, x);
    const struct neuron_tensor_view output =
        neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, y);
    struct neuron_error error = {0};

    fill(x, WEIGHED_ROWS * WEIGHED_INPUTS, &seed);
    assert_ok(neuron_module_run(module, &input, 1, &output, 1, &error), &error);
    for (int i = 0; i < WEIGHED_ROWS * WEIGHED_OUTPUTS; i += 1) {
        const float *row = x + (size_t)(i / WEIGHED_OUTPUTS) * WEIGHED_INPUTS;
        float expected = answer(numbers, row, i % WEIGHED_OUTPUTS);

        assert_true(fabsf(y[i] - expected) <= tolerance);
    }
}

void
weighed_check(const struct model_bench *bench, const struct neuron_model *model,
              const struct weighed_numbers *numbers)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->runtime, model, NULL, &module, &error), &error);
    weighed_check_module(module, numbers);
    neuron_module_destroy(module);
}
