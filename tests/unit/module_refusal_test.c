/* SPDX-License-Identifier: Apache-2.0 */
/* Runs whose tensors are not those that the model was traced with. */
#include "check.h"

#include "model_bench.h"

/* [2,3] and [3] to [2,3]. */
static enum neuron_status
add(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_add(trace, x[0], x[1]);
    return neuron_trace_status(trace);
}

struct run {
    struct neuron_tensor_view inputs[2];
    uint32_t input_count;
};

static float numbers[6];

static struct run
matching_run(void)
{
    return (struct run){
        .inputs = {{.type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}, .data = numbers},
                   {.type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = numbers}},
        .input_count = 2};
}

/* Runs on nc:0 and hands back what came of it. */
static enum neuron_status
run_with(const struct model_bench *bench, const struct run *run, struct neuron_error *error)
{
    static const char *const names[] = {"image", "shift"};
    float result[6];
    const struct run matching = matching_run();
    const struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}, .data = result};
    const struct neuron_trace_signature signature = {.example_inputs = matching.inputs,
                                                     .input_count = 2,
                                                     .output_count = 1,
                                                     .input_names = names};
    struct neuron_model *model = model_of(bench, add, &signature, NULL);
    struct neuron_module *module = NULL;

    assert_ok(neuron_module_create(bench->runtime, model, NULL, &module, error), error);
    enum neuron_status status =
        neuron_module_run(module, run->inputs, run->input_count, &output, 1, error);
    neuron_module_destroy(module);
    neuron_model_destroy(model);
    return status;
}

static void
expect_refused(const struct model_bench *bench, const struct run *run, const char *text)
{
    struct neuron_error error;

    assert_status(NEURON_INVALID_ARGUMENT, run_with(bench, run, &error), &error);
    assert_contains(error.text, text);
}

static void
what_was_traced_runs(void **state)
{
    const struct run run = matching_run();
    struct neuron_error error;

    assert_ok(run_with(*state, &run, &error), &error);
}

static void
another_shape_is_named_with_that_of_the_trace(void **state)
{
    struct run run = matching_run();

    run.inputs[0].shape[0] = 1;
    expect_refused(*state, &run,
                   "input image is float32[1,3]; the model was compiled for float32[2,3]");
    run = matching_run();
    run.inputs[1].rank = 0;
    expect_refused(*state, &run, "input shift is float32[]; the model was compiled for float32[3]");
}

static void
another_type_is_named_with_that_of_the_trace(void **state)
{
    struct run run = matching_run();

    run.inputs[1].type = NEURON_INT32;
    expect_refused(*state, &run, "input shift is int32[3]; the model was compiled for float32[3]");
}

static void
another_count_of_inputs_is_named_with_that_of_the_trace(void **state)
{
    struct run run = matching_run();

    run.input_count = 1;
    expect_refused(*state, &run, "given 1 inputs and 1 outputs; the model has 2 and 1");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_traced_runs),
        cmocka_unit_test(another_shape_is_named_with_that_of_the_trace),
        cmocka_unit_test(another_type_is_named_with_that_of_the_trace),
        cmocka_unit_test(another_count_of_inputs_is_named_with_that_of_the_trace),
    };

    return cmocka_run_group_tests(tests, model_bench_setup, model_bench_teardown);
}
