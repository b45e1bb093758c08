/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/model_weights.h"

#include <stdio.h>
#include <string.h>

#include "neuron/compiler.h"
#include "neuron/module.h"

#include "check.h"
#include "module/model_body.h"
#include "weighed_model.h"

static struct neuron_model *
replace(const struct neuron_model *model, const char *path)
{
    struct neuron_model *replaced = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_model_replace_weights(model, path, &replaced, &error), &error);
    return replaced;
}

static void
expect_refusal(const struct neuron_model *model, const char *path, enum neuron_status status,
               const char *text)
{
    struct neuron_model *replaced = NULL;
    struct neuron_error error = {0};

    assert_status(status, neuron_model_replace_weights(model, path, &replaced, &error), &error);
    assert_contains(error.text, path);
    assert_contains(error.text, text);
    assert_null(replaced);
}

static bool
is_same_identity(const struct neuron_model *left, const struct neuron_model *right)
{
    return memcmp(neuron_model_identity(left), neuron_model_identity(right),
                  NEURON_MODEL_IDENTITY_BYTES) == 0;
}

static void
a_model_without_its_weights_lists_them_and_runs_nowhere(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    weighed_fill(&numbers, 1);
    struct neuron_model *model = weighed_load(bench, &numbers, true);
    assert_int_equal(neuron_model_weight_count(model), 3);
    assert_string_equal(neuron_model_weight(model, 0)->name, "matrix");
    assert_int_equal(neuron_model_weight(model, 0)->shape.dims[1], WEIGHED_OUTPUTS);
    assert_string_equal(neuron_model_weight(model, 1)->name, "scale");
    assert_string_equal(neuron_model_weight(model, 2)->name, "bias");
    assert_int_equal(neuron_model_check_weights(model, NULL), NEURON_INVALID_ARGUMENT);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_create(bench->runtime, model, NULL, &module, &error), &error);
    assert_contains(error.text, "the weight matrix is missing, and others are");
    assert_contains(error.text, "neuron_model_replace_weights()");
    assert_null(module);
    neuron_model_destroy(model);
}

static void
given_weights_are_folded_as_those_that_were_compiled_in(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers, 2);
    weighed_save(bench, &numbers, "w.npz", path);
    struct neuron_model *inlined = weighed_load(bench, &numbers, false);
    struct neuron_model *apart = weighed_load(bench, &numbers, true);
    struct neuron_model *given = replace(apart, path);
    assert_int_equal(inlined->file.graph->node_count, 1);
    assert_int_equal(apart->file.graph->node_count, 3);
    assert_int_equal(given->file.graph->node_count, 1);
    assert_int_equal(neuron_model_check_weights(given, NULL), NEURON_OK);
    assert_string_equal(neuron_model_name(given), "m");
    weighed_check(bench, inlined, &numbers);
    weighed_check(bench, given, &numbers);
    neuron_model_destroy(given);
    neuron_model_destroy(apart);
    neuron_model_destroy(inlined);
}

static void
a_model_takes_one_set_of_weights_after_the_other(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers[2];
    char paths[2][TEST_PATH_BYTES];

    weighed_fill(&numbers[0], 3);
    weighed_fill(&numbers[1], 4);
    struct neuron_model *apart = weighed_load(bench, &numbers[0], true);
    struct neuron_model *first =
        replace(apart, weighed_save(bench, &numbers[0], "0.npz", paths[0]));
    struct neuron_model *second =
        replace(first, weighed_save(bench, &numbers[1], "1.npz", paths[1]));
    struct neuron_model *direct = replace(apart, paths[1]);
    /* Each holds what it needs of those before. */
    neuron_model_destroy(apart);
    weighed_check(bench, first, &numbers[0]);
    assert_false(is_same_identity(first, second));
    assert_true(is_same_identity(second, direct));
    neuron_model_destroy(first);
    weighed_check(bench, second, &numbers[1]);
    neuron_model_destroy(second);
    weighed_check(bench, direct, &numbers[1]);
    neuron_model_destroy(direct);
}

static void
a_module_goes_on_with_the_weights_that_it_has(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers[2];
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers[0], 5);
    weighed_fill(&numbers[1], 6);
    struct neuron_model *model = weighed_load(bench, &numbers[0], false);
    assert_ok(neuron_module_create(bench->runtime, model, NULL, &module, &error), &error);
    weighed_save(bench, &numbers[1], "w.npz", path);
    expect_refusal(model, path, NEURON_INVALID_ARGUMENT, "array matrix is no weight");
    weighed_check(bench, model, &numbers[0]);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
}

/* Saves the bias alone. */
static void
save_bias(const struct model_bench *bench, struct weighed_numbers *numbers, char *path)
{
    struct neuron_npz_entry entries[3];
    struct neuron_error error = {0};

    weighed_entries(numbers, entries);
    test_folder_path(&bench->folder, "bias.npz", path);
    assert_ok(neuron_npz_save(&entries[2], 1, path, &error), &error);
}

static void
a_weight_that_was_compiled_in_and_not_folded_can_be_replaced(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers, 7);
    struct neuron_model *model = weighed_load(bench, &numbers, false);
    /* The matrix and the scale became another matrix. */
    assert_int_equal(neuron_model_weight_count(model), 1);
    assert_string_equal(neuron_model_weight(model, 0)->name, "bias");
    numbers.bias[3] = 8.0F;
    save_bias(bench, &numbers, path);
    struct neuron_model *replaced = replace(model, path);
    assert_false(is_same_identity(model, replaced));
    neuron_model_destroy(model);
    weighed_check(bench, replaced, &numbers);
    neuron_model_destroy(replaced);
}

static void
all_weights_have_to_be_there(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers, 8);
    struct neuron_model *apart = weighed_load(bench, &numbers, true);
    save_bias(bench, &numbers, path);
    expect_refusal(apart, path, NEURON_INVALID_ARGUMENT, "the weight matrix is missing");
    weighed_save(bench, &numbers, "all.npz", path);
    struct neuron_model *given = replace(apart, path);
    /* Now there are some to go on with. */
    numbers.bias[0] = 9.0F;
    save_bias(bench, &numbers, path);
    struct neuron_model *changed = replace(given, path);
    neuron_model_destroy(given);
    neuron_model_destroy(apart);
    weighed_check(bench, changed, &numbers);
    neuron_model_destroy(changed);
}

static void
arrays_that_do_not_fit_are_refused_with_both(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    struct neuron_npz_entry entries[4];
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers, 9);
    struct neuron_model *apart = weighed_load(bench, &numbers, true);
    weighed_entries(&numbers, entries);
    entries[3] = (struct neuron_npz_entry){"spare", entries[2].tensor};
    test_folder_path(&bench->folder, "bad.npz", path);
    assert_ok(neuron_npz_save(entries, 4, path, &error), &error);
    expect_refusal(apart, path, NEURON_INVALID_ARGUMENT, "array spare is no weight");
    entries[1].tensor.type = NEURON_INT32;
    assert_ok(neuron_npz_save(entries, 3, path, &error), &error);
    expect_refusal(apart, path, NEURON_INVALID_ARGUMENT,
                   "array scale is int32[5]; the weight is float32[5]");
    entries[0].tensor.shape[0] = 3;
    assert_ok(neuron_npz_save(entries, 3, path, &error), &error);
    expect_refusal(apart, path, NEURON_INVALID_ARGUMENT,
                   "array matrix is float32[3,5]; the weight is float32[6,5]");
    test_folder_path(&bench->folder, "m.neff", path);
    expect_refusal(apart, path, NEURON_INVALID_SYNTAX, "no npz file");
    expect_refusal(apart, "/nowhere/w.npz", NEURON_SYSTEM, "No such file");
    neuron_model_destroy(apart);
}

static void
weights_that_were_changed_in_their_file_are_noticed(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];

    weighed_fill(&numbers, 10);
    struct neuron_model *apart = weighed_load(bench, &numbers, true);
    struct neuron_model *given = replace(apart, weighed_save(bench, &numbers, "w.npz", path));
    assert_ok(neuron_model_check(given, &error), &error);
    FILE *file = fopen(path, "r+be");
    assert_non_null(file);
    /* The header of the zip member takes less than 128 bytes, that of the array 64 more or less. */
    assert_int_equal(fseek(file, 256, SEEK_SET), 0);
    assert_int_equal(fwrite("!", 1, 1, file), 1);
    assert_int_equal(fclose(file), 0);
    assert_status(NEURON_DAMAGED_MODEL, neuron_model_check(given, &error), &error);
    assert_contains(error.text, "has other weights than it was given");
    neuron_model_destroy(given);
    neuron_model_destroy(apart);
}

/* x times w, and x plus twice w: the second is computed when it is compiled. */
static enum neuron_status
use_twice(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
          void *user)
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = user};
    struct neuron_value w = neuron_constant_named(trace, "w", &view);

    y[0] = neuron_multiply(trace, x[0], w);
    y[1] = neuron_add(trace, x[0], neuron_add(trace, w, w));
    return neuron_trace_status(trace);
}

static void
a_weight_of_which_others_were_computed_is_none_that_can_be_replaced(void **state)
{
    const struct neuron_tensor_view example = {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 2};
    float w[3] = {1, 2, 3};
    struct neuron_model *model = model_of(*state, use_twice, &signature, w);

    assert_int_equal(neuron_model_weight_count(model), 0);
    neuron_model_destroy(model);
}

static void
the_compiler_writes_both_files_or_none(void **state)
{
    const struct model_bench *bench = *state;
    struct weighed_numbers numbers;
    struct neuron_error error = {0};
    char path[TEST_PATH_BYTES];
    char weights[TEST_PATH_BYTES];
    struct neuron_compiler_options options = {.weights_apart = true, .weights_path = "/nowhere/w"};

    weighed_fill(&numbers, 11);
    struct neuron_graph *graph = weighed_trace(&numbers);
    size_t file_count = test_folder_file_count(&bench->folder);
    test_folder_path(&bench->folder, "m.neff", path);
    assert_status(NEURON_SYSTEM, neuron_compile(graph, &options, path, &error), &error);
    options.weights_path = test_folder_path(&bench->folder, "w.npz", weights);
    assert_status(NEURON_SYSTEM, neuron_compile(graph, &options, "/nowhere/m", &error), &error);
    assert_int_equal(test_folder_file_count(&bench->folder), file_count);
    assert_ok(neuron_compile(graph, &options, path, &error), &error);
    assert_int_equal(test_folder_file_count(&bench->folder), file_count + 2);
    neuron_graph_destroy(graph);
    struct neuron_model *apart = NULL;
    assert_ok(neuron_model_load(path, &apart, &error), &error);
    struct neuron_model *given = replace(apart, weights);
    weighed_check(bench, given, &numbers);
    neuron_model_destroy(given);
    neuron_model_destroy(apart);
}

/* Constants without names, or with names that there cannot be. */
static enum neuron_status
name_badly(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    const char *const *names = user;
    float number = 2.0F;
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 0, .data = &number};

    y[0] = x[0];
    for (int i = 0; i < 2; i += 1) {
        y[0] = neuron_add(trace, y[0],
                          names[i] == NULL ? neuron_constant(trace, &view)
                                           : neuron_constant_named(trace, names[i], &view));
    }
    return neuron_trace_status(trace);
}

/* Traces it with two names. */
static enum neuron_status
trace_names(const char *first, const char *second, struct neuron_graph **graph,
            struct neuron_error *error)
{
    const struct neuron_tensor_view example = {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 1};
    const char *names[2] = {first, second};

    return neuron_trace(name_badly, &signature, names, graph, error);
}

static void
names_are_there_and_unique(void **state)
{
    const struct neuron_compiler_options options = {.weights_apart = true};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, trace_names("a", "a", &graph, &error), &error);
    assert_contains(error.text, "constant a: another one has this name");
    assert_status(NEURON_INVALID_ARGUMENT, trace_names("", "b", &graph, &error), &error);
    assert_contains(error.text, "its name has 0 bytes");
    assert_ok(trace_names(NULL, NULL, &graph, &error), &error);
    assert_status(NEURON_INVALID_ARGUMENT, neuron_compile(graph, &options, "/tmp/x", &error),
                  &error);
    assert_contains(error.text, "no weight of the graph has a name");
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_model_without_its_weights_lists_them_and_runs_nowhere,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(given_weights_are_folded_as_those_that_were_compiled_in,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_takes_one_set_of_weights_after_the_other,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_module_goes_on_with_the_weights_that_it_has,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_weight_that_was_compiled_in_and_not_folded_can_be_replaced, model_bench_setup,
            model_bench_teardown),
        cmocka_unit_test_setup_teardown(all_weights_have_to_be_there, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(arrays_that_do_not_fit_are_refused_with_both,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(weights_that_were_changed_in_their_file_are_noticed,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(
            a_weight_of_which_others_were_computed_is_none_that_can_be_replaced, model_bench_setup,
            model_bench_teardown),
        cmocka_unit_test_setup_teardown(the_compiler_writes_both_files_or_none, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test(names_are_there_and_unique),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
