/* SPDX-License-Identifier: Apache-2.0 */
/* Modules: where replicas go, and what a run refuses. The numbers stand in module_*_test.c. */
#include "neuron/module.h"

#include <string.h>

#include "neuron/executor.h"

#include "check.h"
#include "model_bench.h"

/* x [2,3] and shift [3] to x * 2 + shift and relu(x). */
static enum neuron_status
two_of_two(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    (void)user;
    y[0] = neuron_add(trace, neuron_multiply(trace, neuron_scalar(trace, 2.0F), x[0]), x[1]);
    y[1] = neuron_relu(trace, x[0]);
    return neuron_trace_status(trace);
}

/* A model of two_of_two() and the caller's memory for one run. */
struct small_model {
    struct neuron_model *model;
    struct neuron_module *module;
    float numbers[4][6];
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view outputs[2];
};

static struct small_model
create_small_model(const struct model_bench *bench)
{
    struct small_model small = {.numbers = {{-1, 2, -3, 4, -5, 6}, {10, 20, 30}}};
    struct neuron_trace_signature signature = {
        .example_inputs = small.inputs, .input_count = 2, .output_count = 2};
    struct neuron_error error = {0};

    small.inputs[0] =
        (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}};
    small.inputs[1] = (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 1, .shape = {3}};
    small.outputs[0] = small.inputs[0];
    small.outputs[1] = small.inputs[0];
    small.model = model_of(bench, two_of_two, &signature, NULL);
    assert_ok(neuron_module_create(bench->runtime, small.model, NULL, &small.module, &error),
              &error);
    return small;
}

/* Points the views at the numbers, where the struct has come to stand. */
static void
attach_numbers(struct small_model *small)
{
    for (size_t i = 0; i < 2; i += 1) {
        small->inputs[i].data = small->numbers[i];
        small->outputs[i].data = small->numbers[2 + i];
    }
}

static void
destroy_small_model(struct small_model *small)
{
    neuron_module_destroy(small->module);
    neuron_model_destroy(small->model);
}

static enum neuron_status
run(struct small_model *small, struct neuron_error *error)
{
    return neuron_module_run(small->module, small->inputs, 2, small->outputs, 2, error);
}

static void
a_run_reads_every_input_and_writes_every_output(void **state)
{
    static const float sums[] = {8, 24, 24, 18, 10, 42};
    static const float positives[] = {0, 2, 0, 4, 0, 6};
    struct small_model small = create_small_model(*state);
    struct neuron_error error = {0};

    attach_numbers(&small);
    for (int i = 0; i < 3; i += 1) {
        assert_ok(run(&small, &error), &error);
        assert_memory_equal(small.numbers[2], sums, sizeof(sums));
        assert_true(small.numbers[0][0] == -1.0F && small.numbers[0][5] == 6.0F);
        for (size_t j = 0; j < 6; j += 1) {
            assert_true(small.numbers[3][j] == positives[j]);
        }
    }
    destroy_small_model(&small);
}

static void
a_run_of_another_count_is_refused(void **state)
{
    struct small_model small = create_small_model(*state);
    struct neuron_error error = {0};

    attach_numbers(&small);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_run(small.module, small.inputs, 1, small.outputs, 2, &error),
                  &error);
    assert_contains(error.text, "2");
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_run(small.module, small.inputs, 2, small.outputs, 1, &error),
                  &error);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_run(small.module, small.inputs, 0, small.outputs, 0, NULL), NULL);
    destroy_small_model(&small);
}

static void
a_run_of_other_shapes_is_refused_with_both(void **state)
{
    struct small_model small = create_small_model(*state);
    struct neuron_error error = {0};

    attach_numbers(&small);
    small.inputs[0].shape[0] = 1;
    assert_status(NEURON_INVALID_ARGUMENT, run(&small, &error), &error);
    assert_contains(error.text, "[1,3]");
    assert_contains(error.text, "[2,3]");
    small.inputs[0].shape[0] = 2;
    small.outputs[1].rank = 1;
    assert_status(NEURON_INVALID_ARGUMENT, run(&small, &error), &error);
    assert_contains(error.text, "[2]");
    small.outputs[1].rank = NEURON_RANK_LIMIT + 1;
    assert_status(NEURON_INVALID_ARGUMENT, run(&small, &error), &error);
    small.outputs[1].rank = UINT32_MAX;
    assert_status(NEURON_INVALID_ARGUMENT, run(&small, &error), &error);
    destroy_small_model(&small);
}

static void
a_run_of_another_type_is_refused_with_both(void **state)
{
    struct small_model small = create_small_model(*state);
    struct neuron_error error = {0};

    attach_numbers(&small);
    small.inputs[1].type = NEURON_INT32;
    assert_status(NEURON_INVALID_ARGUMENT, run(&small, &error), &error);
    assert_contains(error.text, "int32");
    assert_contains(error.text, "float32");
    small.inputs[1].type = (enum neuron_type)77;
    assert_status(NEURON_INVALID_ARGUMENT, run(&small, &error), &error);
    destroy_small_model(&small);
}

static void
a_run_after_a_refused_one_works(void **state)
{
    struct small_model small = create_small_model(*state);
    struct neuron_error error = {0};

    attach_numbers(&small);
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_module_run(small.module, small.inputs, 1, small.outputs, 2, NULL), NULL);
    assert_ok(run(&small, &error), &error);
    assert_true(small.numbers[2][0] == 8.0F);
    destroy_small_model(&small);
}

/* Creates a second module of the model on these cores. */
static enum neuron_status
create_on(const struct model_bench *bench, const struct small_model *small,
          struct neuron_module_placement placement, struct neuron_module **module,
          struct neuron_error *error)
{
    return neuron_module_create(bench->runtime, small->model, &placement, module, error);
}

static struct neuron_module_placement
select_cores(const uint32_t *cores, uint32_t count)
{
    return (struct neuron_module_placement){
        .kind = NEURON_PLACEMENT_SELECTION, .cores = cores, .core_count = count};
}

static void
replicas_stand_on_the_cores_that_were_chosen(void **state)
{
    static const uint32_t swapped[] = {1, 0};
    struct small_model small = create_small_model(*state);
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_int_equal(neuron_module_replica_count(small.module), 1);
    assert_int_equal(neuron_executor_core(neuron_module_replica_executor(small.module, 0)), 0);
    assert_ok(create_on(*state, &small, select_cores(swapped, 2), &module, &error), &error);
    assert_int_equal(neuron_module_replica_count(module), 2);
    assert_int_equal(neuron_executor_core(neuron_module_replica_executor(module, 0)), 1);
    assert_int_equal(neuron_executor_core(neuron_module_replica_executor(module, 1)), 0);
    assert_ptr_equal(neuron_module_model(module), small.model);
    neuron_module_destroy(module);
    destroy_small_model(&small);
}

static void
every_replica_gives_the_same_bits(void **state)
{
    struct small_model small = create_small_model(*state);
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};
    float first[6];

    attach_numbers(&small);
    assert_ok(run(&small, &error), &error);
    memcpy(first, small.numbers[2], sizeof(first));
    assert_ok(create_on(*state, &small,
                        (struct neuron_module_placement){.kind = NEURON_PLACEMENT_ALL}, &module,
                        &error),
              &error);
    for (int i = 0; i < 6; i += 1) {
        memset(small.numbers[2], 0, sizeof(first));
        assert_ok(neuron_module_run(module, small.inputs, 2, small.outputs, 2, &error), &error);
        assert_memory_equal(small.numbers[2], first, sizeof(first));
    }
    neuron_module_destroy(module);
    destroy_small_model(&small);
}

static void
cores_that_the_process_does_not_own_are_refused(void **state)
{
    static const uint32_t outside[] = {0, 2};
    static const uint32_t far_outside[] = {UINT32_MAX};
    const struct neuron_module_placement refused[] = {
        select_cores(outside, 2),
        select_cores(far_outside, 1),
        {.kind = NEURON_PLACEMENT_RUN, .start_nc = 0, .nc_count = 3},
    };
    struct small_model small = create_small_model(*state);
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        assert_status(NEURON_NO_SUCH_CORE, create_on(*state, &small, refused[i], &module, &error),
                      &error);
        assert_contains(error.text, "nc:");
        assert_null(module);
    }
    destroy_small_model(&small);
}

static void
a_core_that_is_named_twice_is_refused(void **state)
{
    static const uint32_t twice[] = {1, 1};
    struct small_model small = create_small_model(*state);
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  create_on(*state, &small, select_cores(twice, 2), &module, &error), &error);
    assert_contains(error.text, "nc:1");
    assert_null(module);
    destroy_small_model(&small);
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_module_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_reads_every_input_and_writes_every_output,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_of_another_count_is_refused, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_of_other_shapes_is_refused_with_both,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_of_another_type_is_refused_with_both,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_run_after_a_refused_one_works, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(replicas_stand_on_the_cores_that_were_chosen,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(every_replica_gives_the_same_bits, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(cores_that_the_process_does_not_own_are_refused,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_core_that_is_named_twice_is_refused, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(destroy_accepts_nothing, model_bench_setup,
                                        model_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
