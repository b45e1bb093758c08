/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "neuron/compiler.h"
#include "neuron/model.h"

#include "neff/neff_file.h"
#include "sample_graph.h"
#include "test_folder.h"

/* Compiles under a file name and yields the loaded model. */
static struct neuron_model *
compile(const struct test_folder *folder, const struct neuron_compiler_options *options,
        const char *file_name)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_model *model = NULL;
    struct neuron_error error;

    test_folder_path(folder, file_name, path);
    assert_ok(neuron_compile(graph, options, path, &error), &error);
    /* The model has what it needs of the graph. */
    neuron_graph_destroy(graph);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    return model;
}

static void
a_compiled_graph_is_loaded_with_its_inputs_and_outputs(void **state)
{
    struct neuron_model *model = compile(*state, NULL, "a.neff");
    char text[64] = "";

    assert_int_equal(neuron_model_input_count(model), 2);
    assert_int_equal(neuron_model_output_count(model), 2);
    assert_string_equal(neuron_model_input(model, 0)->name, "image");
    assert_string_equal(neuron_model_output(model, 0)->name, "classes");
    assert_string_equal(
        neuron_tensor_shape_format(&neuron_model_input(model, 1)->shape, text, sizeof(text)),
        "int32[2]");
    assert_string_equal(
        neuron_tensor_shape_format(&neuron_model_output(model, 0)->shape, text, sizeof(text)),
        "float32[2,15]");
    neuron_model_destroy(model);
}

static void
expect_name(const struct test_folder *folder, const struct neuron_compiler_options *options,
            const char *file_name, const char *name)
{
    struct neuron_model *model = compile(folder, options, file_name);

    assert_string_equal(neuron_model_name(model), name);
    neuron_model_destroy(model);
}

static void
a_model_is_named_as_asked_or_after_its_file(void **state)
{
    const struct neuron_compiler_options named = {.model_name = "my model.neff"};
    const struct neuron_compiler_options unnamed = {.model_name = NULL};

    expect_name(*state, &named, "a.neff", "my model.neff");
    expect_name(*state, &unnamed, "resnet50.neff", "resnet50");
    expect_name(*state, NULL, "v1.2.neff", "v1.2");
    expect_name(*state, NULL, "model.bin", "model.bin");
    expect_name(*state, NULL, ".neff", ".neff");
}

static void
compiling_does_not_change_the_graph(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    uint32_t operator_count = neuron_graph_operator_count(graph);
    struct neuron_error error;

    assert_ok(neuron_compile(graph, NULL, test_folder_path(*state, "a.neff", path), &error),
              &error);
    assert_int_equal(neuron_graph_operator_count(graph), operator_count);
    assert_ok(neuron_compile(graph, NULL, path, &error), &error);
    neuron_graph_destroy(graph);
}

static void
operators_are_fused_on_the_way(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_neff_file file = {0};
    struct neuron_error error;

    assert_ok(neuron_compile(graph, NULL, test_folder_path(*state, "a.neff", path), &error),
              &error);
    assert_ok(neuron_neff_read(path, &file, &error), &error);
    /* The sum and the tanh behind the product are part of it. */
    assert_int_equal(file.graph->node_count, graph->node_count - 2);
    neuron_neff_close(&file);
    neuron_graph_destroy(graph);
}

static void
a_graph_is_cut_for_as_many_cores_as_asked(void **state)
{
    for (uint32_t cores = 0; cores <= 4; cores += 1) {
        const struct neuron_compiler_options options = {.core_count = cores};
        struct neuron_model *model = compile(*state, &options, "a.neff");

        assert_int_equal(neuron_model_core_count(model), cores == 0 ? 1 : cores);
        neuron_model_destroy(model);
    }
}

static void
more_cores_than_operators_or_than_there_may_be_are_refused(void **state)
{
    struct neuron_compiler_options options = {.core_count = 64};
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_error error;

    test_folder_path(*state, "a.neff", path);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_compile(graph, &options, path, &error), &error);
    assert_contains(error.text, "cannot be cut into 64 stages");
    options.core_count = 65;
    assert_status(NEURON_INVALID_ARGUMENT, neuron_compile(graph, &options, path, &error), &error);
    assert_contains(error.text, "cannot be compiled for 65 cores: give 1 to 64");
    assert_int_equal(test_folder_file_count(*state), 0);
    neuron_graph_destroy(graph);
}

static void
a_place_that_cannot_be_written_is_named_and_nothing_is_left(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = sample_graph();
    struct neuron_error error;

    assert_status(NEURON_SYSTEM,
                  neuron_compile(graph, NULL, test_folder_path(*state, "x/a.neff", path), &error),
                  &error);
    assert_contains(error.text, "x/a.neff: No such file or directory");
    assert_status(NEURON_SYSTEM, neuron_compile(graph, NULL, "", &error), &error);
    assert_int_equal(test_folder_file_count(*state), 0);
    neuron_graph_destroy(graph);
}

static void
a_name_that_is_too_long_is_refused(void **state)
{
    char path[TEST_PATH_BYTES];
    char name[300];
    const struct neuron_compiler_options options = {.model_name = name};
    struct neuron_graph *graph = sample_graph();
    struct neuron_error error;

    for (size_t i = 0; i < sizeof(name); i += 1) {
        name[i] = i + 1 < sizeof(name) ? 'n' : '\0';
    }
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_compile(graph, &options, test_folder_path(*state, "a", path), &error),
                  &error);
    assert_int_equal(test_folder_file_count(*state), 0);
    neuron_graph_destroy(graph);
}

static enum neuron_status
compare_images(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    (void)user;
    y[0] = neuron_softmax(trace, x[0], 0);
    return neuron_trace_status(trace);
}

static void
a_model_tells_whether_its_batch_can_be_cut(void **state)
{
    char path[TEST_PATH_BYTES];
    struct neuron_graph *graph = trace_sample(compare_images, 2, 1, 1, 1);
    struct neuron_model *mixing = NULL;
    struct neuron_model *model = compile(*state, NULL, "a.neff");
    struct neuron_error error;

    assert_ok(neuron_compile(graph, NULL, test_folder_path(*state, "b.neff", path), &error),
              &error);
    assert_ok(neuron_model_load(path, &mixing, &error), &error);
    assert_ok(neuron_model_check_batchable(model, &error), &error);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_model_check_batchable(mixing, &error), &error);
    assert_contains(error.text, "softmax of float32[2,1,1,1]");
    neuron_model_destroy(model);
    neuron_model_destroy(mixing);
    neuron_model_destroy(NULL);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_compiled_graph_is_loaded_with_its_inputs_and_outputs,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_model_is_named_as_asked_or_after_its_file,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(compiling_does_not_change_the_graph, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(operators_are_fused_on_the_way, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_graph_is_cut_for_as_many_cores_as_asked,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(more_cores_than_operators_or_than_there_may_be_are_refused,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_place_that_cannot_be_written_is_named_and_nothing_is_left,
                                        test_folder_setup, test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_name_that_is_too_long_is_refused, test_folder_setup,
                                        test_folder_teardown),
        cmocka_unit_test_setup_teardown(a_model_tells_whether_its_batch_can_be_cut,
                                        test_folder_setup, test_folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
