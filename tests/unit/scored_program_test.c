/* SPDX-License-Identifier: Apache-2.0 */
/* What rows are scored with: compiled models, other weights, libraries, and what is refused. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_reduce.h"
#include "score/scored_program.h"
#include "weighed_model.h"

static struct neuron_error error;

static struct neuron_scored_program *
load(const struct neuron_score_options *options)
{
    struct neuron_scored_program *program = NULL;

    assert_ok(neuron_scored_program_load(options, &program, &error), &error);
    return program;
}

static void
assert_refused(const struct neuron_score_options *options, enum neuron_status status,
               const char *text)
{
    struct neuron_scored_program *program = NULL;

    assert_status(status, neuron_scored_program_load(options, &program, &error), &error);
    assert_null(program);
    assert_contains(error.text, text);
}

/* The text of the fingerprint of what the options name; the caller frees it. */
static char *
identify(const struct neuron_score_options *options)
{
    struct neuron_scored_program *program = load(options);
    struct neuron_job_fingerprint *fingerprint = NULL;

    assert_ok(neuron_job_fingerprint_create(&fingerprint, &error), &error);
    assert_ok(neuron_scored_program_identify(program, fingerprint, &error), &error);
    char *text = strdup(neuron_job_fingerprint_text(fingerprint));
    neuron_job_fingerprint_destroy(fingerprint);
    neuron_scored_program_destroy(program);
    assert_non_null(text);
    return text;
}

/* Writes m.neff, with its weights apart or not; returns its path. */
static const char *
make_model(const struct model_bench *bench, uint32_t seed, bool is_apart, char *path)
{
    struct weighed_numbers numbers;

    weighed_fill(&numbers, seed);
    neuron_model_destroy(weighed_load(bench, &numbers, is_apart));
    return test_folder_path(&bench->folder, "m.neff", path);
}

static void
a_model_has_its_tensors_and_runs(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    const struct neuron_score_options options = {.model_path = make_model(bench, 1, false, path)};
    struct neuron_data_parallel *parallel = NULL;

    struct neuron_scored_program *program = load(&options);
    assert_int_equal(neuron_scored_program_input_count(program), 1);
    assert_int_equal(neuron_scored_program_output_count(program), 1);
    assert_int_equal(neuron_scored_program_batch_rows(program), WEIGHED_ROWS);
    assert_int_equal(neuron_scored_program_inputs(program)[0].shape.dims[1], WEIGHED_INPUTS);
    assert_int_equal(neuron_scored_program_outputs(program)[0].shape.dims[1], WEIGHED_OUTPUTS);
    assert_false(neuron_scored_program_shared(program)[0]);
    assert_false(neuron_scored_program_is_custom(program));
    assert_false(neuron_scored_program_find_lack(program, &error));
    assert_ok(neuron_scored_program_place(program, bench->runtime, NULL, &parallel, &error),
              &error);
    neuron_data_parallel_destroy(parallel);
    neuron_scored_program_destroy(program);
}

static void
a_model_without_its_weights_takes_others(void **state)
{
    struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    char weights[2][TEST_PATH_BYTES];
    struct neuron_score_options options = {.model_path = make_model(bench, 1, true, path)};

    for (uint32_t i = 0; i < 2; i += 1) {
        struct weighed_numbers numbers;

        weighed_fill(&numbers, 5 + i);
        (void)weighed_save(bench, &numbers, i == 0 ? "a.npz" : "b.npz", weights[i]);
    }
    options.weights_path = weights[0];
    char *first = identify(&options);
    char *again = identify(&options);
    options.weights_path = weights[1];
    char *second = identify(&options);
    assert_string_equal(first, again);
    assert_string_not_equal(first, second);
    assert_contains(first, "model: m.neff ");
    free(first);
    free(again);
    free(second);
    options.weights_path = path;
    assert_refused(&options, NEURON_INVALID_SYNTAX, path);
}

static void
a_library_has_rows_of_any_number(void **state)
{
    const struct model_bench *bench = *state;
    const struct neuron_score_options options = {.model_path = CUSTOM_SCALE, .config = "3"};
    struct neuron_data_parallel *parallel = NULL;

    struct neuron_scored_program *program = load(&options);
    assert_int_equal(neuron_scored_program_input_count(program), 2);
    assert_int_equal(neuron_scored_program_batch_rows(program), 1);
    assert_int_equal(neuron_scored_program_inputs(program)[0].shape.dims[0], 1);
    assert_int_equal(neuron_scored_program_inputs(program)[0].shape.dims[1], 3);
    assert_int_equal(neuron_scored_program_inputs(program)[1].shape.dims[0], 3);
    assert_true(neuron_scored_program_shared(program)[1]);
    assert_int_equal(neuron_scored_program_outputs(program)[0].shape.dims[0], 1);
    assert_true(neuron_scored_program_is_custom(program));
    assert_false(neuron_scored_program_find_lack(program, &error));
    assert_ok(neuron_scored_program_place(program, bench->runtime, NULL, &parallel, &error),
              &error);
    neuron_data_parallel_destroy(parallel);
    neuron_scored_program_destroy(program);
}

static void
a_library_is_known_by_its_bytes_and_its_configuration(void **state)
{
    struct neuron_score_options options = {.model_path = CUSTOM_SCALE, .config = "3"};

    (void)state;
    char *three = identify(&options);
    options.config = "4";
    char *four = identify(&options);
    assert_contains(three, "custom_scale.so ");
    assert_contains(three, "config: 3\n");
    assert_string_not_equal(three, four);
    free(three);
    free(four);
}

static void
a_library_beside_one_needs_no_path(void **state)
{
    const struct model_bench *bench = *state;
    const struct neuron_score_options options = {.model_path = "link.so", .config = "2"};
    char *before = getcwd(NULL, 0);

    assert_non_null(before);
    assert_int_equal(chdir(bench->folder.path), 0);
    assert_int_equal(symlink(CUSTOM_SCALE, "link.so"), 0);
    char *text = identify(&options);
    assert_contains(text, "model: link.so ");
    assert_int_equal(chdir(before), 0);
    free(text);
    free(before);
}

static void
options_that_do_not_fit_are_refused(void **state)
{
    const struct model_bench *bench = *state;
    char path[TEST_PATH_BYTES];
    const char *model = make_model(bench, 1, false, path);
    const struct neuron_score_options with_weights = {
        .model_path = CUSTOM_SCALE, .config = "3", .weights_path = "w.npz"};
    const struct neuron_score_options with_config = {.model_path = model, .config = "3"};
    const struct neuron_score_options bad_config = {.model_path = CUSTOM_SCALE, .config = "no"};

    assert_refused(&with_weights, NEURON_INVALID_ARGUMENT, "--weights replaces");
    assert_refused(&with_config, NEURON_INVALID_ARGUMENT, "--config is for a library");
    assert_refused(&bad_config, NEURON_INVALID_ARGUMENT, "\"no\" is no number of columns");
}

static void
what_is_no_program_is_refused(void **state)
{
    const struct model_bench *bench = *state;
    static const char *const names[] = {"x.neff", "x.so", ".so", "so"};
    char path[TEST_PATH_BYTES];
    struct neuron_score_options options = {.model_path = path};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        struct neuron_scored_program *program = NULL;

        (void)test_folder_path(&bench->folder, names[i], path);
        assert_status(NEURON_SYSTEM, neuron_scored_program_load(&options, &program, &error),
                      &error);
        assert_contains(error.text, names[i]);
        test_file_put(path, "neither", 7);
        assert_true(neuron_scored_program_load(&options, &program, &error) != NEURON_OK);
        assert_null(program);
        assert_contains(error.text, names[i]);
    }
    options.model_path = CUSTOM_NOTHING;
    assert_refused(&options, NEURON_UNSUPPORTED_MODEL, "neuron_custom_program");
}

/* Adds the mean of the batch to each of its rows. */
static enum neuron_status
record_mixing(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    static const int32_t axes[1] = {0};
    static const struct neuron_reduce_options options = {
        .axes = axes, .axis_count = 1, .keep_dims = true};

    (void)user;
    y[0] = neuron_add(trace, x[0], neuron_reduce_mean(trace, x[0], &options));
    return neuron_trace_status(trace);
}

static void
a_model_that_mixes_rows_is_refused(void **state)
{
    const struct model_bench *bench = *state;
    const struct neuron_tensor_view example = {NEURON_FLOAT32, 2, {4, 3}, NULL};
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = 1};
    char path[TEST_PATH_BYTES];
    const struct neuron_score_options options = {.model_path = path};

    neuron_model_destroy(model_of(bench, record_mixing, &signature, NULL));
    (void)test_folder_path(&bench->folder, "model.neff", path);
    assert_refused(&options, NEURON_UNSUPPORTED_MODEL, "cannot score row by row");
    assert_contains(error.text, path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_model_has_its_tensors_and_runs, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_without_its_weights_takes_others, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_library_has_rows_of_any_number, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_library_is_known_by_its_bytes_and_its_configuration,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_library_beside_one_needs_no_path, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(options_that_do_not_fit_are_refused, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_program_is_refused, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_that_mixes_rows_is_refused, model_bench_setup,
                                        model_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
