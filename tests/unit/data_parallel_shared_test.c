/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that carry no batch, handed whole to every run. */
#include "check.h"

#include "neuron/data_parallel.h"

#include "parallel_bench.h"
#include "scored_batch.h"
#include "traced_model.h"

enum { CORES = 2 };

/* What of the first input is above the second. */
static enum neuron_status
excess(struct neuron_trace *trace, const struct neuron_value *inputs, struct neuron_value *outputs,
       void *user)
{
    (void)user;
    outputs[0] = neuron_relu(trace, neuron_subtract(trace, inputs[0], inputs[1]));
    return neuron_trace_status(trace);
}

static int
prepare(void **state, struct neuron_model *model)
{
    static struct parallel_bench bench;

    parallel_bench_create(&bench, "pack:1 core:2 pu:1", CORES, model);
    *state = &bench;
    return 0;
}

static int
prepare_second_shared(void **state)
{
    static const bool is_shared[] = {false, true};

    return prepare(state, load_traced_shared(excess, "[4,3] [3]", is_shared, 1));
}

static int
prepare_first_shared(void **state)
{
    static const bool is_shared[] = {true, false};

    return prepare(state, load_traced_shared(excess, "[] [4,3]", is_shared, 1));
}

static int
prepare_all_shared(void **state)
{
    static const bool is_shared[] = {true, true};

    return prepare(state, load_traced_shared(excess, "[4,3] [3]", is_shared, 1));
}

static int
clean_up(void **state)
{
    parallel_bench_destroy(*state);
    return 0;
}

static void
assert_right(struct scored_batch *batch, const struct parallel_bench *bench,
             struct neuron_data_parallel *parallel)
{
    struct neuron_error error = {0};

    scored_batch_expect(batch, bench->loop);
    assert_ok(scored_batch_run(batch, parallel, &error), &error);
    assert_true(scored_batch_is_right(batch));
    scored_batch_destroy(batch);
}

static void
any_number_of_rows_gives_what_single_runs_give(void **state)
{
    static const int64_t counts[] = {0, 1, 3, 4, 9, 33};
    static const uint32_t splits[] = {0, 1, 3, 8};
    const struct parallel_bench *bench = *state;

    assert_true(neuron_data_parallel_has_dynamic_batching(bench->parallel, NULL));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i += 1) {
        for (size_t j = 0; j < sizeof(splits) / sizeof(splits[0]); j += 1) {
            struct scored_batch batch;

            neuron_data_parallel_set_split_size(bench->parallel, splits[j]);
            scored_batch_create(&batch, bench->model, counts[i]);
            assert_right(&batch, bench, bench->parallel);
        }
    }
}

static void
one_core_gives_the_same_bytes(void **state)
{
    static const char *const ids[] = {"nc:1"};
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.device_ids = ids, .device_id_count = 1};
    struct neuron_data_parallel *parallel = NULL;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    scored_batch_create(&batch, bench->model, 9);
    assert_right(&batch, bench, parallel);
    neuron_data_parallel_destroy(parallel);
}

static void
parts_of_the_exact_shape_share_it_too(void **state)
{
    const struct parallel_bench *bench = *state;
    const struct neuron_data_parallel_options options = {.without_dynamic_batching = true};
    struct neuron_data_parallel *parallel = NULL;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, bench->model, &options, &parallel,
                                          &error),
              &error);
    scored_batch_create_multiple(&batch, bench->model, CORES);
    assert_right(&batch, bench, parallel);
    scored_batch_create(&batch, bench->model, 0);
    assert_right(&batch, bench, parallel);
    scored_batch_create(&batch, bench->model, 3);
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, parallel, &error), &error);
    assert_contains(error.text, "must be float32[8,3], 2 times the compiled shape");
    scored_batch_destroy(&batch);
    neuron_data_parallel_destroy(parallel);
}

/* Runs float32[4,6,2] and a vector of 2 on both cores. */
static void
assert_excess_is_right(struct neuron_data_parallel *parallel)
{
    enum { COUNT = 4 * 6 * 2 };
    float in[COUNT];
    float out[COUNT] = {0.0F};
    float threshold[2] = {3.0F, 40.0F};
    const struct neuron_tensor_view inputs[] = {
        {.type = NEURON_FLOAT32, .rank = 3, .shape = {4, 6, 2}, .data = in},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {2}, .data = threshold}};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 3, .shape = {4, 6, 2}, .data = out};
    struct neuron_error error = {0};

    for (int i = 0; i < COUNT; i += 1) {
        in[i] = (float)i;
    }
    assert_ok(neuron_data_parallel_run(parallel, inputs, 2, &output, 1, &error), &error);
    for (int i = 0; i < COUNT; i += 1) {
        float above = in[i] - threshold[i % 2];

        assert_true(out[i] == (above > 0.0F ? above : 0.0F));
    }
}

/* A vector has no dimension -2, and needs none, as it is not cut. */
static void
parts_of_a_dimension_that_it_lacks_share_it_too(void **state)
{
    static const bool is_shared[] = {false, true};
    const struct neuron_data_parallel_options options = {.dim = -2};
    const struct parallel_bench *bench = *state;
    struct neuron_model *model = load_traced_shared(excess, "[4,3,2] [2]", is_shared, 1);
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_data_parallel_create(bench->owner.runtime, model, &options, &parallel, &error),
              &error);
    assert_excess_is_right(parallel);
    neuron_data_parallel_destroy(parallel);
    neuron_model_destroy(model);
}

/* Runs with another extent of the thresholds, which names the input and both shapes. */
static void
assert_threshold_refused(const struct parallel_bench *bench, int64_t extent, const char *text)
{
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 9);
    batch.inputs[1].shape[0] = extent;
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, bench->parallel, &error),
                  &error);
    assert_string_equal(error.text, text);
    scored_batch_destroy(&batch);
}

static void
another_shape_of_a_shared_input_is_refused(void **state)
{
    const struct parallel_bench *bench = *state;

    assert_threshold_refused(
        bench, 9,
        "input 1 \"input_1\" is float32[9], but must be float32[3], as all rows share it");
    assert_threshold_refused(
        bench, 0,
        "input 1 \"input_1\" is float32[0], but must be float32[3], as all rows share it");
    neuron_data_parallel_disable_dynamic_batching(bench->parallel);
    assert_threshold_refused(bench, 6,
                             "input 0 \"input_0\" is float32[9,3], but must be "
                             "float32[8,3], 2 times the compiled shape, as dynamic "
                             "batching is off");
}

static void
a_shared_input_without_memory_is_refused(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 9);
    void *data = batch.inputs[0].data;
    batch.inputs[0].data = NULL;
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, bench->parallel, &error),
                  &error);
    assert_contains(error.text, "input 0 \"input_0\" is float32[], but its data is NULL");
    batch.inputs[0].data = data;
    scored_batch_destroy(&batch);
}

static void
rows_are_counted_without_shared_inputs(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    scored_batch_create(&batch, bench->model, 9);
    batch.outputs[0].shape[0] = 8;
    assert_status(NEURON_INVALID_ARGUMENT, scored_batch_run(&batch, bench->parallel, &error),
                  &error);
    assert_contains(error.text, "output 0 \"output_0\" has 8 rows, but input 1 \"input_1\" has 9");
    scored_batch_destroy(&batch);
}

static void
a_model_says_which_inputs_are_shared(void **state)
{
    const struct parallel_bench *bench = *state;

    assert_false(neuron_model_input_is_shared(bench->model, 0));
    assert_true(neuron_model_input_is_shared(bench->model, 1));
}

static void
a_model_of_shared_inputs_alone_is_not_cut(void **state)
{
    const struct parallel_bench *bench = *state;
    struct scored_batch batch;
    struct neuron_error error = {0};

    assert_false(neuron_data_parallel_has_dynamic_batching(bench->parallel, &error));
    assert_contains(error.text, "all inputs of the model are shared by the rows of a batch");
    scored_batch_create_multiple(&batch, bench->model, CORES);
    assert_right(&batch, bench, bench->parallel);
}

int
main(void)
{
    const struct CMUnitTest second_shared[] = {
        cmocka_unit_test(any_number_of_rows_gives_what_single_runs_give),
        cmocka_unit_test(one_core_gives_the_same_bytes),
        cmocka_unit_test(parts_of_the_exact_shape_share_it_too),
        cmocka_unit_test(parts_of_a_dimension_that_it_lacks_share_it_too),
        cmocka_unit_test(a_model_says_which_inputs_are_shared),
        cmocka_unit_test(another_shape_of_a_shared_input_is_refused),
    };
    const struct CMUnitTest first_shared[] = {
        cmocka_unit_test(any_number_of_rows_gives_what_single_runs_give),
        cmocka_unit_test(parts_of_the_exact_shape_share_it_too),
        cmocka_unit_test(a_shared_input_without_memory_is_refused),
        cmocka_unit_test(rows_are_counted_without_shared_inputs),
    };
    const struct CMUnitTest all_shared[] = {
        cmocka_unit_test(a_model_of_shared_inputs_alone_is_not_cut),
    };
    int failed = cmocka_run_group_tests(second_shared, prepare_second_shared, clean_up);

    failed += cmocka_run_group_tests(first_shared, prepare_first_shared, clean_up);
    return failed + cmocka_run_group_tests(all_shared, prepare_all_shared, clean_up);
}
