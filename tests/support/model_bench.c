/* SPDX-License-Identifier: Apache-2.0 */
#include "model_bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "neuron/compiler.h"

#include "check.h"
#include "invented_machine.h"

/* What float32 sums of some thousand products may be off, relative to 1 or the result. */
static const double tolerance = 1e-5;

int
model_bench_setup(void **state)
{
    struct model_bench *bench = calloc(1, sizeof(*bench));
    struct neuron_runtime_options options = {.core_count = 0};
    struct neuron_error error = {0};

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    options.lease.directory = bench->folder.path;
    invent_machine("core:2 pu:1");
    assert_ok(neuron_runtime_create(&options, &bench->runtime, &error), &error);
    *state = bench;
    return 0;
}

int
model_bench_teardown(void **state)
{
    struct model_bench *bench = *state;

    neuron_runtime_destroy(bench->runtime);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

struct neuron_model *
compile_and_load(const struct model_bench *bench, struct neuron_graph *graph)
{
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    test_folder_path(&bench->folder, "model.neff", path);
    assert_ok(neuron_compile(graph, NULL, path, &error), &error);
    neuron_graph_destroy(graph);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    return model;
}

struct neuron_model *
model_of(const struct model_bench *bench, neuron_trace_fn *function,
         const struct neuron_trace_signature *signature, void *user)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(function, signature, user, &graph, &error), &error);
    return compile_and_load(bench, graph);
}

void
run_once(const struct model_bench *bench, const struct neuron_model *model,
         const struct neuron_tensor_view *inputs, const struct neuron_tensor_view *outputs)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_module_create(bench->runtime, model, NULL, &module, &error), &error);
    assert_ok(neuron_module_run(module, inputs, neuron_model_input_count(model), outputs,
                                neuron_model_output_count(model), &error),
              &error);
    neuron_module_destroy(module);
}

/* Runs a case whose first `input_count` arguments are inputs. */
static void
check_with_inputs(const struct model_bench *bench, const struct operator_case *operator_case,
                  struct operator_arguments *arguments, uint32_t input_count)
{
    struct operator_choice choice = operator_case->choice;
    struct neuron_graph *graph = NULL;
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    struct neuron_tensor_view actual;
    struct neuron_tensor_view expected;
    char what[256];

    arguments->input_count = input_count;
    choice.arguments = arguments;
    assert_ok(trace_operator(operator_case->record, &choice, arguments, &graph, &error), &error);
    actual = neuron_tensor_view_of(&neuron_graph_output(graph, 0)->shape, NULL);
    expected = actual;
    allocate_tensor(&actual);
    allocate_tensor(&expected);
    model = compile_and_load(bench, graph);
    run_once(bench, model, arguments->tensors, &actual);
    operator_case->reference(&choice, &expected);
    (void)snprintf(what, sizeof(what), "%s, %u of %u as inputs", operator_case->tensors,
                   input_count, arguments->count);
    check_close(&actual, &expected, tolerance, what);
    neuron_model_destroy(model);
    free_tensor(&expected);
    free_tensor(&actual);
}

void
check_operator(const struct model_bench *bench, const struct operator_case *operator_case)
{
    struct operator_arguments arguments = {0};

    arguments.count = parse_tensors(operator_case->tensors, arguments.tensors);
    for (uint32_t i = 0; i < arguments.count; i += 1) {
        allocate_tensor(&arguments.tensors[i]);
        fill_tensor(&arguments.tensors[i], i + 1);
    }
    check_with_inputs(bench, operator_case, &arguments, arguments.count);
    if (arguments.count > 1) {
        check_with_inputs(bench, operator_case, &arguments, 1);
    }
    for (uint32_t i = 0; i < arguments.count; i += 1) {
        free_tensor(&arguments.tensors[i]);
    }
}
