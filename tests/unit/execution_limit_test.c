/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that take longer than the runtime allows, and what the core does after them. */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "neuron/data_parallel.h"
#include "neuron/module.h"
#include "neuron/runtime.h"

#include "invented_machine.h"
#include "staged_model.h"
#include "tensor_text.h"
#include "test_folder.h"
#include "traced_model.h"

enum {
    SIDE = 512,     /* of the slow model's matrices */
    PRODUCTS = 24,  /* one after the other: some hundred milliseconds, many ticks of any clock */
    DEADLINE_S = 20 /* for what may be late on a busy machine */
};

/* x [512,512] times the same weights again and again. */
static enum neuron_status
multiply_again_and_again(struct neuron_trace *trace, const struct neuron_value *inputs,
                         struct neuron_value *outputs, void *user)
{
    struct neuron_tensor_view weights = {.type = NEURON_FLOAT32, .rank = 2, .shape = {SIDE, SIDE}};

    (void)user;
    allocate_tensor(&weights);
    for (size_t i = 0; i < (size_t)SIDE * SIDE; i += 1) {
        ((float *)weights.data)[i] = 1.0F / SIDE;
    }
    struct neuron_value constant = neuron_constant(trace, &weights);
    outputs[0] = inputs[0];
    for (int i = 0; i < PRODUCTS; i += 1) {
        outputs[0] = neuron_matmul(trace, outputs[0], constant);
    }
    free_tensor(&weights);
    return neuron_trace_status(trace);
}

struct limit_bench {
    struct test_folder folder;
    struct neuron_runtime *runtime;
    struct neuron_model *slow_model;
    struct neuron_model *quick_model;
    struct neuron_module *slow; /* both on nc:0 */
    struct neuron_module *quick;
    struct neuron_tensor_view rows; /* of the slow model */
    struct neuron_tensor_view results;
};

static int
begin_test(void **state)
{
    struct limit_bench *bench = calloc(1, sizeof(*bench));
    const struct neuron_tensor_view matrix = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {SIDE, SIDE}};

    assert_non_null(bench);
    test_folder_create(&bench->folder);
    invent_machine("core:2 pu:1");
    bench->slow_model = load_traced(multiply_again_and_again, "[512,512]", 1);
    bench->quick_model = load_dense_model();
    bench->rows = matrix;
    bench->results = matrix;
    allocate_tensor(&bench->rows);
    allocate_tensor(&bench->results);
    *state = bench;
    return 0;
}

static int
end_test(void **state)
{
    struct limit_bench *bench = *state;

    neuron_module_destroy(bench->slow);
    neuron_module_destroy(bench->quick);
    neuron_runtime_destroy(bench->runtime);
    neuron_model_destroy(bench->slow_model);
    neuron_model_destroy(bench->quick_model);
    free_tensor(&bench->rows);
    free_tensor(&bench->results);
    test_folder_destroy(&bench->folder);
    free(bench);
    return 0;
}

/* Makes a runtime of two cores with this limit, and puts both models on its first core. */
static void
start_with_limit(struct limit_bench *bench, uint64_t execution_timeout_ms)
{
    const struct neuron_runtime_options options = {.lease.directory = bench->folder.path,
                                                   .execution_timeout_ms = execution_timeout_ms};
    const struct neuron_module_placement first = {
        .kind = NEURON_PLACEMENT_RUN, .start_nc = 0, .nc_count = 1};
    struct neuron_error error = {0};

    assert_ok(neuron_runtime_create(&options, &bench->runtime, &error), &error);
    assert_ok(neuron_module_create(bench->runtime, bench->slow_model, &first, &bench->slow, &error),
              &error);
    assert_ok(
        neuron_module_create(bench->runtime, bench->quick_model, &first, &bench->quick, &error),
        &error);
}

static enum neuron_status
run_slow(const struct limit_bench *bench, struct neuron_error *error)
{
    return neuron_module_run(bench->slow, &bench->rows, 1, &bench->results, 1, error);
}

static enum neuron_status
run_quick(const struct limit_bench *bench, struct neuron_error *error)
{
    float rows[TRACED_ROWS][6] = {{1, 2, 3}};
    float results[TRACED_ROWS][5];
    const struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {TRACED_ROWS, 6}, .data = rows};
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {TRACED_ROWS, 5}, .data = results};

    return neuron_module_run(bench->quick, &input, 1, &output, 1, error);
}

/* Runs the quick model until it ends in time: on a busy machine, even this one may be late. Returns
   how many runs that took. */
static uint32_t
run_quick_in_time(const struct limit_bench *bench)
{
    time_t deadline = time(NULL) + DEADLINE_S;
    struct neuron_error error = {0};
    enum neuron_status status = run_quick(bench, &error);
    uint32_t runs = 1;

    while (status == NEURON_TIMED_OUT && time(NULL) < deadline) {
        status = run_quick(bench, &error);
        runs += 1;
    }
    assert_status(NEURON_OK, status, &error);
    return runs;
}

static struct neuron_core_counters
counters_of(const struct limit_bench *bench, uint32_t nc)
{
    struct neuron_core_counters counters = {0};

    neuron_runtime_read_counters(bench->runtime, nc, &counters);
    return counters;
}

static void
a_run_that_takes_too_long_ends_and_the_core_goes_on(void **state)
{
    struct limit_bench *bench = *state;
    struct neuron_error error = {0};
    uint32_t late = 0;
    uint32_t runs = 0;

    start_with_limit(bench, 1);
    for (uint32_t i = 0; i < 3; i += 1) {
        assert_status(NEURON_TIMED_OUT, run_slow(bench, &error), &error);
        assert_contains(error.text, "1 ms");
        uint32_t quick_runs = run_quick_in_time(bench);
        late += quick_runs; /* the slow one, and all quick ones but the last */
        runs += 1 + quick_runs;
        struct neuron_core_counters counters = counters_of(bench, 0);
        assert_int_equal(counters.run_count, runs);
        assert_int_equal(counters.timed_out_count, late);
        assert_int_equal(counters.failed_count, late);
    }
    assert_int_equal(counters_of(bench, 1).run_count, 0);
}

static void
without_a_limit_a_run_takes_what_it_takes(void **state)
{
    struct limit_bench *bench = *state;
    const float *results = bench->results.data;
    float *rows = bench->rows.data;
    struct neuron_error error = {0};

    for (size_t i = 0; i < (size_t)SIDE * SIDE; i += 1) {
        rows[i] = 2.0F;
    }
    start_with_limit(bench, 0);
    assert_ok(run_slow(bench, &error), &error);
    assert_true(results[0] > 1.99F && results[0] < 2.01F);
    assert_int_equal(counters_of(bench, 0).timed_out_count, 0);
    assert_int_equal(counters_of(bench, 0).failed_count, 0);
    assert_int_equal(counters_of(bench, 0).run_count, 1);
}

static void
a_limit_that_is_far_away_stops_nothing(void **state)
{
    static const uint64_t limits[] = {600000, UINT64_MAX, (uint64_t)INT64_MAX / 1000};
    struct limit_bench *bench = *state;
    struct neuron_error error = {0};

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i += 1) {
        start_with_limit(bench, limits[i]);
        assert_ok(run_quick(bench, &error), &error);
        assert_ok(run_slow(bench, &error), &error);
        assert_int_equal(counters_of(bench, 0).timed_out_count, 0);
        neuron_module_destroy(bench->slow);
        neuron_module_destroy(bench->quick);
        neuron_runtime_destroy(bench->runtime);
        bench->slow = NULL;
        bench->quick = NULL;
        bench->runtime = NULL;
    }
}

static void
a_batch_with_a_chunk_that_takes_too_long_says_which(void **state)
{
    struct limit_bench *bench = *state;
    struct neuron_data_parallel *parallel = NULL;
    struct neuron_error error = {0};

    start_with_limit(bench, 1);
    assert_ok(
        neuron_data_parallel_create(bench->runtime, bench->slow_model, NULL, &parallel, &error),
        &error);
    for (int i = 0; i < 2; i += 1) {
        assert_status(
            NEURON_TIMED_OUT,
            neuron_data_parallel_run(parallel, &bench->rows, 1, &bench->results, 1, &error),
            &error);
        assert_contains(error.text, "chunk 0");
        assert_contains(error.text, "nc:");
    }
    neuron_data_parallel_destroy(parallel);
    (void)run_quick_in_time(bench);
}

/* Runs the slow model on both cores with a limit that it exceeds, again and again. */
static void
check_limit_on_cores(struct limit_bench *bench, struct staged_model *staged, const char *text)
{
    const struct neuron_runtime_options options = {.lease.directory = bench->folder.path,
                                                   .execution_timeout_ms = 1};
    struct neuron_module *module = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_runtime_create(&options, &bench->runtime, &error), &error);
    assert_ok(neuron_module_create(bench->runtime, staged->model, NULL, &module, &error), &error);
    for (int i = 0; i < 3; i += 1) {
        assert_status(NEURON_TIMED_OUT,
                      neuron_module_run(module, &bench->rows, 1, &bench->results, 1, &error),
                      &error);
        assert_contains(error.text, text);
        assert_contains(error.text, "NEURON_RT_EXEC_TIMEOUT");
    }
    neuron_module_destroy(module);
    staged_model_destroy(staged);
}

static void
a_pipeline_stops_in_the_stage_where_its_time_is_over(void **state)
{
    struct staged_model staged = {0};

    staged_model_trace(&staged, multiply_again_and_again, "[512,512]", 1, 2);
    check_limit_on_cores(*state, &staged, "stage 1 of 2 on nc:0: ");
}

static void
cores_that_run_together_stop_together(void **state)
{
    struct limit_bench *bench = *state;
    const struct neuron_trace_signature signature = {
        .example_inputs = &bench->rows, .input_count = 1, .output_count = 1};
    struct neuron_graph *traced = NULL;
    struct staged_model staged = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_trace(multiply_again_and_again, &signature, NULL, &traced, &error), &error);
    staged_model_create_wide(&staged, traced, 2);
    check_limit_on_cores(bench, &staged, " of 2 on nc:");
}

/* A module of its own takes batches as well; all of the chunks that were begun end so. */
static void
a_batch_of_a_module_says_which_rows_took_too_long(void **state)
{
    struct limit_bench *bench = *state;
    struct neuron_error error = {0};

    start_with_limit(bench, 1);
    assert_ok(neuron_module_enable_dynamic_batching(bench->slow, &error), &error);
    bench->rows.shape[0] = SIDE - 1;
    bench->results.shape[0] = SIDE - 1;
    assert_status(NEURON_TIMED_OUT, run_slow(bench, &error), &error);
    assert_null(strstr(error.text, "rows"));
    free_tensor(&bench->rows);
    free_tensor(&bench->results);
    bench->rows.shape[0] = 2 * SIDE + 1;
    bench->results.shape[0] = 2 * SIDE + 1;
    allocate_tensor(&bench->rows);
    allocate_tensor(&bench->results);
    assert_status(NEURON_TIMED_OUT, run_slow(bench, &error), &error);
    assert_contains(error.text, "rows 0 to 511 of 1025: ");
    (void)run_quick_in_time(bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_run_that_takes_too_long_ends_and_the_core_goes_on,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(without_a_limit_a_run_takes_what_it_takes, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_limit_that_is_far_away_stops_nothing, begin_test,
                                        end_test),
        cmocka_unit_test_setup_teardown(a_batch_with_a_chunk_that_takes_too_long_says_which,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_batch_of_a_module_says_which_rows_took_too_long,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(a_pipeline_stops_in_the_stage_where_its_time_is_over,
                                        begin_test, end_test),
        cmocka_unit_test_setup_teardown(cores_that_run_together_stop_together, begin_test,
                                        end_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
