/* SPDX-License-Identifier: Apache-2.0 */
/* What a call is refused for, and what the mode without dynamic batching takes. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "neuron/data_parallel.h"

#include "parallel_bench.h"
#include "scored_batch.h"
#include "traced_model.h"

enum { CORES = 2 };

static int
prepare(void **state, struct neuron_model *(*load)(void))
{
    static struct parallel_bench bench;

    parallel_bench_create(&bench, "pack:1 core:2 pu:1", CORES, load());
    *state = &bench;
    return 0;
}

static int
prepare_two_by_two(void **state)
{
    return prepare(state, load_two_by_two_model);
}

static int
prepare_product(void **state)
{
    return prepare(state, load_product_model);
}

static int
prepare_scaled(void **state)
{
    return prepare(state, load_scaled_model);
}

static int
clean_up(void **state)
{
    parallel_bench_destroy(*state);
    return 0;
}

/* Runs tensors that do not fit, and checks how the text begins. */
static void
assert_refused(const struct parallel_bench *bench, const struct scored_batch *batch,
               const char *text)
{
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(batch, bench->parallel, &error),
                  &error);
    assert_memory_equal(error.text, text, strlen(text));
}

static void
another_count_of_tensors_is_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    scored_batch_create(&batch, bench->model, 5);
    batch.input_count = 1;
    assert_refused(bench, &batch, "1 inputs are given, the model \"traced\" takes 2");
    batch.input_count = 2;
    batch.output_count = 3;
    assert_refused(bench, &batch, "3 outputs are given, the model \"traced\" gives 2");
    batch.output_count = 2;
    scored_batch_destroy(&batch);
}

static void
tensors_that_are_not_there_are_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_data_parallel_run(bench->parallel, NULL, 2, NULL, 2, &error), &error);
    assert_contains(error.text, "0 inputs are given");
}

static void
another_row_shape_is_refused_with_both_shapes(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    scored_batch_create(&batch, bench->model, 5);
    batch.inputs[0].shape[1] = 7;
    assert_refused(bench, &batch,
                   "input 0 \"input_0\" is float32[5,7], but must be any number of rows of "
                   "float32[6]");
    batch.inputs[0].shape[1] = 6;
    batch.outputs[1].rank = 3;
    assert_refused(bench, &batch,
                   "output 1 \"output_1\" is float32[5,5,0], but must be any number of rows of "
                   "float32[5]");
    batch.outputs[1].rank = NEURON_RANK_LIMIT + 1;
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, bench->parallel, NULL), NULL);
    scored_batch_destroy(&batch);
}

static void
another_type_is_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    scored_batch_create(&batch, bench->model, 5);
    batch.outputs[0].type = NEURON_FLOAT64;
    assert_refused(bench, &batch,
                   "output 0 \"output_0\" is float64[5,6], but must be any number of rows of "
                   "float32[6]");
    scored_batch_destroy(&batch);
}

static void
a_negative_number_of_rows_is_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    scored_batch_create(&batch, bench->model, 5);
    batch.inputs[0].shape[0] = -1;
    assert_refused(bench, &batch,
                   "input 0 \"input_0\" is float32[-1,6], but must be any number of rows of "
                   "float32[6]");
    scored_batch_destroy(&batch);
}

static void
more_rows_than_memory_can_hold_are_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    scored_batch_create(&batch, bench->model, 5);
    batch.inputs[0].shape[0] = INT64_MAX;
    assert_refused(bench, &batch,
                   "input 0 \"input_0\" is float32[9223372036854775807,6]: more bytes than can be");
    scored_batch_destroy(&batch);
}

static void
different_numbers_of_rows_are_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    scored_batch_create(&batch, bench->model, 5);
    batch.inputs[1].shape[0] = 4;
    assert_refused(
        bench, &batch,
        "input 1 \"input_1\" has 4 rows, but input 0 \"input_0\" has 5: all tensors must "
        "have the same number of rows");
    batch.inputs[1].shape[0] = 5;
    batch.outputs[0].shape[0] = 6;
    assert_refused(bench, &batch,
                   "output 0 \"output_0\" has 6 rows, but input 0 \"input_0\" has 5: all tensors "
                   "must have the same number of rows");
    scored_batch_destroy(&batch);
}

static void
rows_without_memory_are_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    void *data = NULL;

    scored_batch_create(&batch, bench->model, 5);
    data = batch.outputs[1].data;
    batch.outputs[1].data = NULL;
    assert_refused(bench, &batch,
                   "output 1 \"output_1\" is float32[5,5], but its data is NULL: give the address "
                   "of its rows");
    batch.outputs[1].data = data;
    scored_batch_destroy(&batch);
}

/* Without rows nothing is run, so nothing is needed but the right shapes. */
static void
no_rows_need_no_memory_but_the_right_shape(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 0);
    for (int i = 0; i < 2; i += 1) {
        free(batch.inputs[i].data);
        free(batch.outputs[i].data);
        batch.inputs[i].data = NULL;
        batch.outputs[i].data = NULL;
    }
    assert_ok(scored_batch_run(&batch, bench->parallel, &error), &error);
    batch.inputs[0].shape[1] = 7;
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, bench->parallel, &error),
                  &error);
    scored_batch_destroy(&batch);
}

/* Runs so many times the compiled shape, which must give the result of a loop. */
static void
assert_multiple_is_right(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
                         int64_t times)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create_multiple(&batch, bench->model, times);
    scored_batch_expect(&batch, bench->loop);
    assert_ok(scored_batch_run(&batch, parallel, &error), &error);
    assert_true(scored_batch_is_right(&batch));
    scored_batch_destroy(&batch);
}

/* Runs a number of rows that is not cores times compiled, which must fail. */
static void
assert_rows_are_refused(const struct parallel_bench *bench, struct neuron_data_parallel *parallel,
                        int64_t rows)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, rows);
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, parallel, &error), &error);
    assert_contains(error.text, "but must be float32[8,6], 2 times the compiled shape, as dynamic "
                                "batching is off");
    scored_batch_destroy(&batch);
}

static void
the_option_takes_exactly_one_compiled_batch_a_core(void **state)
{
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.without_dynamic_batching = true};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    assert_false(neuron_data_parallel_has_dynamic_batching(parallel, &error));
    assert_contains(error.text, "without_dynamic_batching");
    neuron_data_parallel_disable_dynamic_batching(parallel);
    assert_false(neuron_data_parallel_has_dynamic_batching(parallel, &error));
    assert_contains(error.text, "without_dynamic_batching");
    assert_multiple_is_right(bench, parallel, CORES);
    for (int64_t rows = 1; rows <= 17; rows += 1) {
        if (rows != CORES * (int64_t)TRACED_ROWS) {
            assert_rows_are_refused(bench, parallel, rows);
        }
    }
    neuron_data_parallel_destroy(parallel);
}

static void
dynamic_batching_can_be_switched_off_between_calls(void **state)
{
    const struct parallel_bench *bench = *state;
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(
        neuron_data_parallel_create(bench->owner.runtime, bench->model, NULL, &parallel, &error),
        &error);
    assert_true(neuron_data_parallel_has_dynamic_batching(parallel, &error));
    assert_multiple_is_right(bench, parallel, 3);
    neuron_data_parallel_disable_dynamic_batching(parallel);
    assert_false(neuron_data_parallel_has_dynamic_batching(parallel, NULL));
    assert_false(neuron_data_parallel_has_dynamic_batching(parallel, &error));
    assert_contains(error.text, "switched off");
    neuron_data_parallel_set_split_size(parallel, 3); /* has no say in this mode */
    assert_multiple_is_right(bench, parallel, CORES);
    assert_rows_are_refused(bench, parallel, 12);
    neuron_data_parallel_destroy(parallel);
}

static void
a_model_that_mixes_rows_takes_the_exact_shape_alone(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_false(neuron_data_parallel_has_dynamic_batching(bench->parallel, &error));
    assert_int_equal(error.status, NEURON_UNSUPPORTED_MODEL);
    assert_true(strlen(error.text) > 0);
    assert_multiple_is_right(bench, bench->parallel, CORES);
    scored_batch_create_multiple(&batch, bench->model, 1);
    assert_refused(bench, &batch,
                   "input 0 \"input_0\" is float32[4,3], but must be float32[8,3], 2 times the "
                   "compiled shape, as dynamic batching is off");
    scored_batch_destroy(&batch);
    scored_batch_create(&batch, bench->model, 8);
    assert_refused(bench, &batch,
                   "input 1 \"input_1\" is float32[8,2], but must be float32[6,2], 2 times the "
                   "compiled shape, as dynamic batching is off");
    scored_batch_destroy(&batch);
}

static void
a_model_without_common_rows_runs_on_one_core(void **state)
{
    static const char *const ids[] = {"nc:1"};
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    assert_multiple_is_right(bench, parallel, 1);
    neuron_data_parallel_destroy(parallel);
}

static void
a_model_that_mixes_rows_takes_no_rows_too(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 0);
    assert_ok(scored_batch_run(&batch, bench->parallel, &error), &error);
    scored_batch_destroy(&batch);
}

static void
a_scalar_is_not_cut_over_cores(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;

    assert_false(neuron_data_parallel_has_dynamic_batching(bench->parallel, NULL));
    scored_batch_create_multiple(&batch, bench->model, CORES);
    assert_refused(bench, &batch,
                   "input 1 \"input_1\" is a scalar, which cannot be cut over 2 cores: choose one "
                   "core by its device id");
    scored_batch_destroy(&batch);
}

int
main(void)
{
    const struct CMUnitTest with_rows[] = {
        cmocka_unit_test(another_count_of_tensors_is_refused),
        cmocka_unit_test(tensors_that_are_not_there_are_refused),
        cmocka_unit_test(another_row_shape_is_refused_with_both_shapes),
        cmocka_unit_test(another_type_is_refused),
        cmocka_unit_test(a_negative_number_of_rows_is_refused),
        cmocka_unit_test(more_rows_than_memory_can_hold_are_refused),
        cmocka_unit_test(different_numbers_of_rows_are_refused),
        cmocka_unit_test(rows_without_memory_are_refused),
        cmocka_unit_test(no_rows_need_no_memory_but_the_right_shape),
        cmocka_unit_test(the_option_takes_exactly_one_compiled_batch_a_core),
        cmocka_unit_test(dynamic_batching_can_be_switched_off_between_calls),
    };
    const struct CMUnitTest without_rows[] = {
        cmocka_unit_test(a_model_that_mixes_rows_takes_the_exact_shape_alone),
        cmocka_unit_test(a_model_without_common_rows_runs_on_one_core),
        cmocka_unit_test(a_model_that_mixes_rows_takes_no_rows_too),
    };
    const struct CMUnitTest with_scalar[] = {
        cmocka_unit_test(a_scalar_is_not_cut_over_cores),
        cmocka_unit_test(a_model_without_common_rows_runs_on_one_core),
    };
    int failed = cmocka_run_group_tests(with_rows, prepare_two_by_two, clean_up);

    failed += cmocka_run_group_tests(without_rows, prepare_product, clean_up);
    return failed + cmocka_run_group_tests(with_scalar, prepare_scaled, clean_up);
}
