/* SPDX-License-Identifier: Apache-2.0 */
/* Isolated replicas of models give what those of this process give, and leave nothing behind. */
#include "isolated_program.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "neuron/model_weights.h"
#include "neuron/module.h"

#include "check.h"
#include "descriptors.h"
#include "environment_variable.h"
#include "isolated_bench.h"
#include "own_children.h"
#include "random_network.h"
#include "staged_model.h"
#include "tensor_text.h"
#include "traced_model.h"

enum { RUNS = 5 };

static struct neuron_tensor_view
allocate_as(const struct neuron_tensor_spec *spec)
{
    struct neuron_tensor_view view = neuron_tensor_view_of(&spec->shape, NULL);

    allocate_tensor(&view);
    return view;
}

/* Runs a module of this process on the inputs that lie in the program's buffers, and compares. */
static void
compare_with(struct isolated_bench *bench, struct neuron_module *module)
{
    const struct neuron_model *model = neuron_module_model(module);
    uint32_t input_count = neuron_model_input_count(model);
    uint32_t output_count = neuron_model_output_count(model);
    struct neuron_tensor_view inputs[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_tensor_view outputs[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_error error = {0};

    for (uint32_t i = 0; i < input_count; i += 1) {
        inputs[i] =
            neuron_tensor_view_of(&neuron_model_input(model, i)->shape, bench->program.buffers[i]);
    }
    for (uint32_t i = 0; i < output_count; i += 1) {
        outputs[i] = allocate_as(neuron_model_output(model, i));
    }
    assert_ok(neuron_module_run(module, inputs, input_count, outputs, output_count, &error),
              &error);
    for (uint32_t i = 0; i < output_count; i += 1) {
        size_t size_bytes = neuron_tensor_shape_size_bytes(&neuron_model_output(model, i)->shape);

        assert_memory_equal(bench->program.buffers[input_count + i], outputs[i].data, size_bytes);
        free_tensor(&outputs[i]);
    }
}

/* Fills the program's inputs, and zeroes its outputs. */
static void
fill_buffers(const struct isolated_bench *bench, const struct neuron_model *model, uint32_t seed)
{
    uint32_t input_count = neuron_model_input_count(model);

    for (uint32_t i = 0; i < input_count; i += 1) {
        const struct neuron_tensor_view view =
            neuron_tensor_view_of(&neuron_model_input(model, i)->shape, bench->program.buffers[i]);

        fill_tensor(&view, seed + i);
    }
    for (uint32_t i = 0; i < neuron_model_output_count(model); i += 1) {
        memset(bench->program.buffers[input_count + i], 0,
               neuron_tensor_shape_size_bytes(&neuron_model_output(model, i)->shape));
    }
}

/* Starts a model, runs it some times, compares, and ends it. */
static void
check_model(struct isolated_bench *bench, const struct neuron_model *model)
{
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    isolated_bench_start_model(bench, model);
    assert_true(bench->program.is_padded);
    assert_ok(neuron_module_create(bench->owner.runtime, model, NULL, &module, &error), &error);
    for (uint32_t seed = 1; seed <= RUNS; seed += 1) {
        fill_buffers(bench, model, 10 * seed);
        assert_ok(isolated_bench_run(bench, TRACED_ROWS, 0, &error), &error);
        compare_with(bench, module);
    }
    neuron_module_destroy(module);
    isolated_bench_end(bench);
}

static void
results_are_those_of_this_process_bit_for_bit(void **state)
{
    struct neuron_model *models[] = {load_dense_model(), load_two_by_two_model(),
                                     load_scaled_model(), load_product_model()};

    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i += 1) {
        check_model(*state, models[i]);
        neuron_model_destroy(models[i]);
    }
}

static void
random_networks_give_the_same(void **state)
{
    for (uint32_t seed = 1; seed <= 6; seed += 1) {
        struct recipe recipe = {.seed = seed};
        struct staged_model staged = {0};

        staged_model_create(&staged, random_network_trace(&recipe), seed % 2 + 2, seed);
        check_model(*state, staged.model);
        staged_model_destroy(&staged);
    }
}

static void
a_model_of_several_cores_runs_on_all_of_them(void **state)
{
    struct recipe recipe = {.seed = 3};
    struct staged_model staged = {0};

    staged_model_create_wide(&staged, random_network_trace(&recipe), 2);
    assert_int_equal(neuron_model_core_count(staged.model), 2);
    check_model(*state, staged.model);
    staged_model_destroy(&staged);
}

static void
nothing_is_left_of_a_program_that_ended(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    struct test_folder folder;
    pid_t child = 0;

    test_folder_create(&folder);
    set_variable("XDG_RUNTIME_DIR", folder.path);
    uint32_t before = open_descriptor_count();
    isolated_bench_start_model(bench, model);
    child = only_child();
    /* The connection outlives the name of its socket. */
    assert_int_equal(test_folder_file_count(&folder), 0);
    isolated_bench_end(bench);
    assert_false(is_process_running(child));
    assert_int_equal(list_children(getpid(), &child, 1), 0);
    assert_true(descriptor_count_becomes(before));
    set_variable("XDG_RUNTIME_DIR", NULL);
    test_folder_destroy(&folder);
    neuron_model_destroy(model);
}

static void
a_child_that_is_killed_while_idle_is_replaced_unnoticed(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_error error = {0};

    isolated_bench_start_model(bench, model);
    uint32_t before = open_descriptor_count();
    for (int i = 0; i < RUNS; i += 1) {
        pid_t child = only_child();

        assert_int_equal(kill(child, SIGKILL), 0);
        assert_true(process_ends(child));
        fill_buffers(bench, model, 7);
        assert_ok(isolated_bench_run(bench, TRACED_ROWS, 0, &error), &error);
        assert_int_not_equal(only_child(), child);
    }
    assert_true(descriptor_count_becomes(before));
    neuron_model_destroy(model);
}

static void
signals_of_the_terminal_do_not_reach_a_child(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_error error = {0};

    isolated_bench_start_model(bench, model);
    pid_t child = only_child();
    assert_int_equal(kill(child, SIGINT), 0);
    assert_int_equal(kill(child, SIGTERM), 0);
    fill_buffers(bench, model, 7);
    assert_ok(isolated_bench_run(bench, TRACED_ROWS, 0, &error), &error);
    assert_int_equal(only_child(), child);
    neuron_model_destroy(model);
}

static void
a_missing_executor_is_named(void **state)
{
    struct isolated_bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_error error = {0};
    uint32_t before = open_descriptor_count();

    assert_status(NEURON_SYSTEM,
                  neuron_isolated_source_create(bench->owner.runtime, model, "/nowhere/executor",
                                                &bench->source, &error),
                  &error);
    assert_contains(error.text, "/nowhere/executor");
    assert_null(bench->source);
    assert_int_equal(open_descriptor_count(), before);
    neuron_model_destroy(model);
}

static void
an_executor_that_is_none_is_refused(void **state)
{
    const struct neuron_isolated_place place = {.nc = 1, .run_rows = TRACED_ROWS};
    struct isolated_bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_error error = {0};

    assert_ok(neuron_isolated_source_create(bench->owner.runtime, model, "/bin/false",
                                            &bench->source, &error),
              &error);
    assert_status(NEURON_PEER_LOST, isolated_bench_start(bench, &place, &error), &error);
    assert_contains(error.text, "exited with status 1 while it loaded");
    assert_contains(error.text, "/bin/false");
    neuron_model_destroy(model);
}

static void
a_lack_of_descriptors_is_said(void **state)
{
    const struct neuron_isolated_place place = {.nc = 1, .run_rows = TRACED_ROWS};
    struct isolated_bench *bench = *state;
    struct neuron_model *model = load_dense_model();
    struct neuron_error error = {0};
    struct descriptor_limit limit;

    assert_ok(
        neuron_isolated_source_create(bench->owner.runtime, model, NULL, &bench->source, &error),
        &error);
    for (uint32_t spare = 0; spare < 24; spare += 1) {
        descriptor_limit_lower(&limit, spare);
        enum neuron_status status = isolated_bench_start(bench, &place, &error);
        descriptor_limit_restore(&limit);
        if (status == NEURON_OK) {
            assert_true(spare > 8);
            break;
        }
        assert_status(NEURON_SYSTEM, status, &error);
        assert_contains(error.text, "Too many open files");
    }
    assert_non_null(bench->program.ops);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_are_those_of_this_process_bit_for_bit,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(random_networks_give_the_same, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_of_several_cores_runs_on_all_of_them,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_left_of_a_program_that_ended,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_child_that_is_killed_while_idle_is_replaced_unnoticed,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(signals_of_the_terminal_do_not_reach_a_child,
                                        isolated_bench_setup, isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_missing_executor_is_named, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(an_executor_that_is_none_is_refused, isolated_bench_setup,
                                        isolated_bench_teardown),
        cmocka_unit_test_setup_teardown(a_lack_of_descriptors_is_said, isolated_bench_setup,
                                        isolated_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
