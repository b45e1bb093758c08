/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models that were compiled for more than this machine has: they say so, and run in float32. Also
 * run with DNNL_MAX_CPU_ISA, by which the same machine has less.
 */
#include "check.h"

#include "engine/machine.h"
#include "model_bench.h"
#include "neuron/compiler.h"
#include "neuron/trace_window.h"
#include "sample_graph.h"

/* Convolution and product of float32[1,16,30,30]. */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
    struct neuron_value conv = neuron_conv(trace, x[0], sample_constant(trace, 16, 16, 3, 3),
                                           sample_constant(trace, 16, 0, 0, 0), &padded);

    (void)user;
    y[0] = neuron_matmul(trace, neuron_sigmoid(trace, conv), sample_constant(trace, 30, 5, 0, 0));
    return neuron_trace_status(trace);
}

static struct neuron_model *
compile_with(const struct model_bench *bench, const struct neuron_compiler_options *options)
{
    struct neuron_graph *graph = trace_sample(record, 1, 16, 30, 30);
    struct neuron_model *model = NULL;
    struct neuron_error error;
    char path[TEST_PATH_BYTES];

    test_folder_path(&bench->folder, "model.neff", path);
    assert_ok(neuron_compile(graph, options, path, &error), &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    neuron_graph_destroy(graph);
    return model;
}

/* Runs a model on the same numbers each time. The caller frees the output. */
static struct neuron_tensor_view
run_model(const struct model_bench *bench, const struct neuron_model *model)
{
    struct neuron_tensor_view input =
        neuron_tensor_view_of(&neuron_model_input(model, 0)->shape, NULL);
    struct neuron_tensor_view output =
        neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, NULL);

    allocate_tensor(&input);
    allocate_tensor(&output);
    fill_tensor(&input, 3);
    run_once(bench, model, &input, &output);
    free_tensor(&input);
    return output;
}

/* Fails unless a model gives what one in float32 gives, within a part of it. */
static void
expect_close(const struct model_bench *bench, const struct neuron_model *model, double tolerance)
{
    const struct neuron_compiler_options plain = {.optimization_level = 1};
    struct neuron_model *exact = compile_with(bench, &plain);
    struct neuron_tensor_view expected = run_model(bench, exact);
    struct neuron_tensor_view actual = run_model(bench, model);

    check_close(&actual, &expected, tolerance, "compiled for another machine");
    free_tensor(&actual);
    free_tensor(&expected);
    neuron_model_destroy(exact);
}

static void
models_for_every_target_run_here_and_say_what_is_lacking(void **state)
{
    for (int i = NEURON_INSTRUCTIONS_GENERIC; i < NEURON_INSTRUCTIONS_END; i += 1) {
        const struct neuron_compiler_options options = {
            .target = neuron_instructions_name((enum neuron_instructions)i)};
        struct neuron_model *model = compile_with(*state, &options);
        bool fits = i <= (int)neuron_machine_instructions();
        struct neuron_error error = {.text = ""};

        assert_status(fits ? NEURON_OK : NEURON_UNSUPPORTED_MODEL,
                      neuron_model_check_machine(model, &error), &error);
        if (!fits) {
            assert_contains(error.text, options.target);
        }
        expect_close(*state, model, 1e-4);
        neuron_model_destroy(model);
    }
}

static void
precisions_without_kernels_are_computed_in_float32(void **state)
{
    static const enum neuron_precision precisions[] = {
        NEURON_PRECISION_BFLOAT16, NEURON_PRECISION_FLOAT16, NEURON_PRECISION_INT8};

    for (int i = 0; i < 6; i += 1) {
        const struct neuron_compiler_options options = {
            .auto_cast = i % 2 == 0 ? NEURON_AUTO_CAST_MATMULT : NEURON_AUTO_CAST_ALL,
            .auto_cast_type = (enum neuron_auto_cast_type)(i / 2)};
        struct neuron_model *model = compile_with(*state, &options);
        bool fits = neuron_machine_has_precision(precisions[i / 2]);
        struct neuron_error error = {.text = ""};

        assert_status(fits ? NEURON_OK : NEURON_UNSUPPORTED_MODEL,
                      neuron_model_check_machine(model, &error), &error);
        assert_int_equal(neuron_model_check_machine(model, NULL) == NEURON_OK, fits);
        expect_close(*state, model, fits ? 0.05 : 1e-4);
        neuron_model_destroy(model);
    }
}

static void
a_model_measured_here_fits(void **state)
{
    const struct neuron_compiler_options options = {.optimization_level = 3};
    struct neuron_model *model = compile_with(*state, &options);
    struct neuron_error error;

    assert_ok(neuron_model_check_machine(model, &error), &error);
    expect_close(*state, model, 1e-4);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(models_for_every_target_run_here_and_say_what_is_lacking,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(precisions_without_kernels_are_computed_in_float32,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_model_measured_here_fits, model_bench_setup,
                                        model_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
