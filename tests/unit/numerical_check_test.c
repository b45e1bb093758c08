/* SPDX-License-Identifier: Apache-2.0 */
/* Runs whose outputs hold a NaN, with the check for it and without. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "neuron/data_parallel.h"
#include "neuron/module.h"
#include "neuron/runtime.h"

#include "invented_machine.h"
#include "test_folder.h"
#include "traced_model.h"

enum { COLUMNS = 3, ROWS_LIMIT = 3 * TRACED_ROWS };

/* x [4,3] and y [4,3] to x + y and x / y. */
static enum neuron_status
add_and_divide(struct neuron_trace *trace, const struct neuron_value *inputs,
               struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_add(trace, inputs[0], inputs[1]);
    outputs[1] = neuron_divide(trace, inputs[0], inputs[1]);
    return neuron_trace_status(trace);
}

struct check_bench {
    struct test_folder folder;
    struct neuron_runtime *runtime;
    struct neuron_model *model;
    struct neuron_module *module;
    struct neuron_data_parallel *parallel; /* on two cores */
    float numbers[4][ROWS_LIMIT * COLUMNS];
    struct neuron_tensor_view inputs[2];
    struct neuron_tensor_view outputs[2];
};

static int
begin_test(void **state)
{
    struct check_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    invent_machine("core:2 pu:1");
    bench->model = load_traced(add_and_divide, "[4,3] [4,3]", 2);
    *state = bench;
    return 0;
}

static int
end_test(void **state)
{
    struct check_bench *bench = *state;

    neuron_data_parallel_destroy(bench->parallel);
    neuron_module_destroy(bench->module);
    neuron_runtime_destroy(bench->runtime);
    neuron_model_destroy(bench->model);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

/* x is 6 and y is 2 everywhere, in so many rows. */
static void
fill(struct check_bench *bench, int64_t rows)
{
    for (size_t i = 0; i < 4; i += 1) {
        struct neuron_tensor_view *view = i < 2 ? &bench->inputs[i] : &bench->outputs[i - 2];

        *view = (struct neuron_tensor_view){
            .type = NEURON_FLOAT32, .rank = 2, .shape = {rows, COLUMNS}, .data = bench->numbers[i]};
        for (size_t j = 0; j < (size_t)ROWS_LIMIT * COLUMNS; j += 1) {
            bench->numbers[i][j] = i == 0 ? 6.0F : 2.0F;
        }
    }
}

static void
start(struct check_bench *bench, enum neuron_numerical_check numerical_check)
{
    const struct neuron_runtime_options options = {.lease.directory = bench->folder.path,
                                                   .numerical_check = numerical_check};
    struct neuron_error error = {0};

    assert_ok(neuron_runtime_create(&options, &bench->runtime, &error), &error);
    assert_ok(neuron_module_create(bench->runtime, bench->model, NULL, &bench->module, &error),
              &error);
    assert_ok(
        neuron_data_parallel_create(bench->runtime, bench->model, NULL, &bench->parallel, &error),
        &error);
    fill(bench, TRACED_ROWS);
}

static enum neuron_status
run(struct check_bench *bench, struct neuron_error *error)
{
    return neuron_module_run(bench->module, bench->inputs, 2, bench->outputs, 2, error);
}

static enum neuron_status
run_parallel(struct check_bench *bench, struct neuron_error *error)
{
    return neuron_data_parallel_run(bench->parallel, bench->inputs, 2, bench->outputs, 2, error);
}

/* Fails the test unless x + y and x / y stand there, but for one NaN in each or in the second. */
static void
check_outputs(const struct check_bench *bench, size_t nan_position)
{
    for (size_t i = 0; i < (size_t)bench->inputs[0].shape[0] * COLUMNS; i += 1) {
        if (i == nan_position) {
            assert_true(isnan(bench->numbers[3][i]));
        } else {
            assert_true(bench->numbers[2][i] == 8.0F);
            assert_true(bench->numbers[3][i] == 3.0F);
        }
    }
}

static void
an_output_with_a_nan_is_told_and_all_outputs_are_there(void **state)
{
    struct check_bench *bench = *state;
    struct neuron_error error = {0};

    start(bench, NEURON_NUMERICAL_CHECK_NAN);
    assert_ok(run(bench, &error), &error);
    for (size_t i = 0; i < (size_t)TRACED_ROWS * COLUMNS; i += 1) {
        fill(bench, TRACED_ROWS);
        bench->numbers[0][i] = 0.0F;
        bench->numbers[1][i] = 0.0F; /* 0 / 0 in the second output alone */
        assert_status(NEURON_NUMERICAL_ERROR, run(bench, &error), &error);
        assert_contains(error.text, "output_1");
        assert_contains(error.text, "NaN");
        check_outputs(bench, i);
    }
    fill(bench, TRACED_ROWS);
    bench->numbers[0][5] = NAN; /* one that comes in goes out of both */
    assert_status(NEURON_NUMERICAL_ERROR, run(bench, &error), &error);
    assert_contains(error.text, "output_0");
    assert_status(NEURON_NUMERICAL_ERROR, run(bench, NULL), NULL);
    fill(bench, TRACED_ROWS);
    assert_ok(run(bench, &error), &error); /* the core goes on */
}

static void
infinity_is_no_nan(void **state)
{
    struct check_bench *bench = *state;
    struct neuron_error error = {0};

    start(bench, NEURON_NUMERICAL_CHECK_NAN);
    bench->numbers[1][0] = 0.0F;
    bench->numbers[0][1] = -INFINITY;
    assert_ok(run(bench, &error), &error);
    assert_true(isinf(bench->numbers[3][0]));
    assert_true(isinf(bench->numbers[2][1]));
    assert_ok(run_parallel(bench, &error), &error);
}

static void
without_the_check_a_nan_is_a_number_like_others(void **state)
{
    struct check_bench *bench = *state;
    struct neuron_core_counters counters = {0};
    struct neuron_error error = {0};

    start(bench, NEURON_NUMERICAL_CHECK_OFF);
    bench->numbers[0][4] = NAN;
    assert_ok(run(bench, &error), &error);
    check_outputs(bench, 4);
    fill(bench, TRACED_ROWS);
    bench->numbers[0][4] = NAN;
    assert_ok(run_parallel(bench, &error), &error);
    check_outputs(bench, 4);
    neuron_runtime_read_counters(bench->runtime, 0, &counters);
    assert_int_equal(counters.failed_count, 0);
}

static void
a_run_with_a_nan_has_results_and_did_not_fail(void **state)
{
    struct check_bench *bench = *state;
    struct neuron_core_counters counters = {0};

    start(bench, NEURON_NUMERICAL_CHECK_NAN);
    bench->numbers[0][4] = NAN;
    assert_status(NEURON_NUMERICAL_ERROR, run(bench, NULL), NULL);
    neuron_runtime_read_counters(bench->runtime, 0, &counters);
    assert_int_equal(counters.run_count, 1);
    assert_int_equal(counters.failed_count, 0);
    assert_int_equal(counters.timed_out_count, 0);
}

static void
a_batch_says_which_chunk_has_a_nan(void **state)
{
    struct check_bench *bench = *state;
    struct neuron_error error = {0};

    start(bench, NEURON_NUMERICAL_CHECK_NAN);
    fill(bench, ROWS_LIMIT);
    assert_ok(run_parallel(bench, &error), &error);
    bench->numbers[0][(size_t)(TRACED_ROWS + 1) * COLUMNS] = NAN;
    assert_status(NEURON_NUMERICAL_ERROR, run_parallel(bench, &error), &error);
    assert_contains(error.text, "chunk 1");
    assert_contains(error.text, "nc:");
    assert_contains(error.text, "NaN");
}

/* Runs a batch in which one row gives a NaN, over outputs that nothing was written to. */
static void
check_batch_with_nan(struct check_bench *bench, size_t row)
{
    struct neuron_error error = {0};

    fill(bench, ROWS_LIMIT - 1);
    for (size_t i = 0; i < (size_t)ROWS_LIMIT * COLUMNS; i += 1) {
        bench->numbers[2][i] = 0.0F;
        bench->numbers[3][i] = 0.0F;
    }
    bench->numbers[0][row * COLUMNS] = 0.0F;
    bench->numbers[1][row * COLUMNS] = 0.0F;
    assert_status(NEURON_NUMERICAL_ERROR, run_parallel(bench, &error), &error);
    assert_contains(error.text, "NaN");
    check_outputs(bench, row * COLUMNS);
}

/* Whichever row has it, alone in its chunk or not, in a chunk that is full or padded. */
static void
a_batch_with_a_nan_has_all_its_other_outputs(void **state)
{
    struct check_bench *bench = *state;

    start(bench, NEURON_NUMERICAL_CHECK_NAN);
    for (uint32_t split = 0; split <= 2 * TRACED_ROWS; split += 2 * TRACED_ROWS) {
        neuron_data_parallel_set_split_size(bench->parallel, split);
        for (size_t row = 0; row + 1 < ROWS_LIMIT; row += 1) {
            check_batch_with_nan(bench, row);
        }
    }
}

/* Rows that only fill the compiled batch up belong to nobody: x / y of two zeros is a NaN. */
static void
a_batch_that_is_padded_has_no_nan_of_its_own(void **state)
{
    struct check_bench *bench = *state;
    struct neuron_error error = {0};

    start(bench, NEURON_NUMERICAL_CHECK_NAN);
    for (int64_t rows = 1; rows <= ROWS_LIMIT; rows += 1) {
        fill(bench, rows);
        assert_ok(run_parallel(bench, &error), &error);
        check_outputs(bench, SIZE_MAX);
        bench->numbers[1][(size_t)rows * COLUMNS - 1] = NAN;
        assert_status(NEURON_NUMERICAL_ERROR, run_parallel(bench, &error), &error);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_output_with_a_nan_is_told_and_all_outputs_are_there,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(infinity_is_no_nan, begin_test, end_test),
        cmocka_unit_test_setup_teardown(without_the_check_a_nan_is_a_number_like_others, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_run_with_a_nan_has_results_and_did_not_fail, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_batch_says_which_chunk_has_a_nan, begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_batch_with_a_nan_has_all_its_other_outputs, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_batch_that_is_padded_has_no_nan_of_its_own, begin_test,
                                        end_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
