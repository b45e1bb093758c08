/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that each operator gives, against straightforward loops. */
#include "neuron/module.h"

#include <math.h>

#include "check.h"
#include "model_bench.h"

static void
check_cases(void **state, const struct operator_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        check_operator(*state, &cases[i]);
    }
}

/* Runs one operator over several lists of tensors. */
static void
check_over(void **state, struct operator_case operator_case, const char *const *tensors)
{
    for (size_t i = 0; tensors[i] != NULL; i += 1) {
        operator_case.tensors = tensors[i];
        check_operator(*state, &operator_case);
    }
}

static const char *const broadcasts[] = {
    "[2,3] [2,3]",     "[1,1] [1,1]",
    "[2,3] [3]",       "[3] [2,3]",
    "[2,1] [1,3]",     "[4,1,3] [5,1]",
    "[] [2,2]",        "[7] []",
    "[1,5,7] [3,5,1]", "[2,3,5,7] [3,1,1]",
    "[1,17] [1,17]",   "[2,1,2,1,3] [2,2,1,5,1]",
    "[] []",           "[1,2,1,2,1,2,1,2] [2,1]",
    "[129] [129]",     NULL,
};

static void
addition_is_that_of_the_loops(void **state)
{
    check_over(state,
               (struct operator_case){.record = record_binary,
                                      .reference = reference_add,
                                      .choice = {.binary = neuron_add}},
               broadcasts);
}

static void
subtraction_is_that_of_the_loops(void **state)
{
    check_over(state,
               (struct operator_case){.record = record_binary,
                                      .reference = reference_subtract,
                                      .choice = {.binary = neuron_subtract}},
               broadcasts);
}

static void
multiplication_is_that_of_the_loops(void **state)
{
    check_over(state,
               (struct operator_case){.record = record_binary,
                                      .reference = reference_multiply,
                                      .choice = {.binary = neuron_multiply}},
               broadcasts);
}

static void
division_is_that_of_the_loops(void **state)
{
    check_over(state,
               (struct operator_case){.record = record_binary,
                                      .reference = reference_divide,
                                      .choice = {.binary = neuron_divide}},
               broadcasts);
}

static void
elementwise_functions_are_those_of_the_loops(void **state)
{
    static const char *const shapes[] = {"[]", "[1]", "[2,3]", "[1,3,5,7]", "[8,33]", NULL};
    static const struct operator_case functions[] = {
        {.record = record_unary, .reference = reference_relu, .choice = {.unary = neuron_relu}},
        {.record = record_unary, .reference = reference_gelu, .choice = {.unary = neuron_gelu}},
        {.record = record_unary,
         .reference = reference_sigmoid,
         .choice = {.unary = neuron_sigmoid}},
        {.record = record_unary, .reference = reference_tanh, .choice = {.unary = neuron_tanh}},
    };

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i += 1) {
        check_over(state, functions[i], shapes);
    }
}

static void
clipping_is_that_of_the_loops(void **state)
{
    static const char *const shapes[] = {"[]", "[1]", "[2,3]", "[1,3,5,7]", "[8,33]", NULL};
    static const float bounds[][2] = {{-0.5F, 0.25F}, {0.0F, INFINITY}, {0.125F, 0.125F}};

    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i += 1) {
        check_over(state,
                   (struct operator_case){.record = record_clip,
                                          .reference = reference_clip,
                                          .choice = {.low = bounds[i][0], .high = bounds[i][1]}},
                   shapes);
    }
}

/* Runs a function over a few numbers that are given, and returns what comes out. */
static void
run_over(void **state, unary_fn *function, float *numbers, int64_t count)
{
    struct operator_choice choice = {.unary = function};
    struct operator_arguments arguments = {.count = 1, .input_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    struct neuron_tensor_view output = {.type = NEURON_FLOAT32, .rank = 1, .shape = {count}};

    arguments.tensors[0] = output;
    arguments.tensors[0].data = numbers;
    assert_ok(trace_operator(record_unary, &choice, &arguments, &graph, &error), &error);
    model = compile_and_load(*state, graph);
    allocate_tensor(&output);
    run_once(*state, model, arguments.tensors, &output);
    for (int64_t i = 0; i < count; i += 1) {
        numbers[i] = ((const float *)output.data)[i];
    }
    free_tensor(&output);
    neuron_model_destroy(model);
}

static void
functions_hold_far_from_zero(void **state)
{
    float sigmoids[] = {-1e4F, -100.0F, 0.0F, 100.0F, 1e4F};
    float tanhs[] = {-1e4F, 0.0F, 1e4F};
    float gelus[] = {-1e4F, 0.0F, 1e4F};

    run_over(state, neuron_sigmoid, sigmoids, 5);
    assert_true(sigmoids[0] >= 0.0F && sigmoids[1] < 1e-6F);
    assert_true(fabsf(sigmoids[2] - 0.5F) < 1e-6F);
    assert_true(sigmoids[3] > 1.0F - 1e-6F && sigmoids[4] <= 1.0F);
    run_over(state, neuron_tanh, tanhs, 3);
    assert_true(tanhs[0] == -1.0F && tanhs[1] == 0.0F && tanhs[2] == 1.0F);
    run_over(state, neuron_gelu, gelus, 3);
    assert_true(fabsf(gelus[0]) < 1e-6F && gelus[1] == 0.0F && gelus[2] == 1e4F);
}

static void
softmax_does_not_overflow(void **state)
{
    float numbers[] = {1000.0F, 1000.0F, -1000.0F, 0.0F};
    struct operator_choice choice = {.axis = -1};
    struct operator_arguments arguments = {.count = 1, .input_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    float results[4] = {0};
    struct neuron_tensor_view output = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {1, 4}, .data = results};

    arguments.tensors[0] = output;
    arguments.tensors[0].data = numbers;
    assert_ok(trace_operator(record_softmax, &choice, &arguments, &graph, &error), &error);
    model = compile_and_load(*state, graph);
    run_once(*state, model, arguments.tensors, &output);
    assert_true(fabsf(results[0] - 0.5F) < 1e-5F && fabsf(results[1] - 0.5F) < 1e-5F);
    assert_true(results[2] == 0.0F && results[3] == 0.0F);
    neuron_model_destroy(model);
}

static void
softmax_is_that_of_the_loops_along_every_axis(void **state)
{
    static const char *const shapes[] = {"[2,3,5]", "[1,1,1]", "[1,17,3]", NULL};

    for (int32_t axis = -3; axis < 3; axis += 1) {
        check_over(state,
                   (struct operator_case){.record = record_softmax,
                                          .reference = reference_softmax,
                                          .choice = {.axis = axis}},
                   shapes);
    }
}

static void
layer_norm_is_that_of_the_loops(void **state)
{
    static const struct operator_case cases[] = {
        {record_layer_norm,
         reference_layer_norm,
         "[2,3,4] [4] [4]",
         {.axis = -1, .epsilon = 1e-5F}},
        {record_layer_norm,
         reference_layer_norm,
         "[1,33] [33] [33]",
         {.axis = 1, .epsilon = 1e-5F}},
        {record_layer_norm,
         reference_layer_norm,
         "[2,3,5] [3,5] [3,5]",
         {.axis = 1, .epsilon = 1e-3F}},
        {record_layer_norm,
         reference_layer_norm,
         "[2,3,5] [3,5] [3,5]",
         {.axis = -2, .epsilon = 0.5F}},
        {record_layer_norm, reference_layer_norm, "[7] [7] [7]", {.axis = 0, .epsilon = 1e-5F}},
        {record_layer_norm, reference_layer_norm, "[3,1] [1] [1]", {.axis = -1, .epsilon = 1e-5F}},
    };

    check_cases(state, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
matmul_is_that_of_the_loops(void **state)
{
    static const char *const shapes[] = {
        "[2,3] [3,4]",         "[1,1] [1,1]",       "[1,7] [7,1]",     "[5,2,3] [3,4]",
        "[2,3] [5,3,4]",       "[7,1,2,3] [5,3,4]", "[1,64] [64,33]",  "[17,129] [129,31]",
        "[2,3,4,5] [2,3,5,6]", "[3,1] [1,3]",       "[1,2,3] [4,3,2]", NULL,
    };

    check_over(state,
               (struct operator_case){.record = record_matmul, .reference = reference_matmul},
               shapes);
}

static void
gemm_is_that_of_the_loops(void **state)
{
    static const struct neuron_gemm_options a = {.alpha = 1.0F, .beta = 1.0F, .transpose_a = true};
    static const struct neuron_gemm_options b = {.alpha = 0.5F, .beta = 2.0F, .transpose_b = true};
    static const struct neuron_gemm_options both = {
        .alpha = -1.5F, .beta = 0.25F, .transpose_a = true, .transpose_b = true};
    static const struct neuron_gemm_options without_c = {.alpha = 1.0F};
    static const struct operator_case cases[] = {
        {record_gemm, reference_gemm, "[2,3] [3,4]", {0}},
        {record_gemm, reference_gemm, "[1,7] [7,5] [5]", {0}},
        {record_gemm, reference_gemm, "[2,3] [3,4] [2,4]", {0}},
        {record_gemm, reference_gemm, "[2,3] [3,4] [2,1]", {0}},
        {record_gemm, reference_gemm, "[2,3] [3,4] []", {0}},
        {record_gemm, reference_gemm, "[3,2] [3,4] [4]", {.gemm = &a}},
        {record_gemm, reference_gemm, "[9,33] [17,33] [17]", {.gemm = &b}},
        {record_gemm, reference_gemm, "[3,2] [4,3] [1,4]", {.gemm = &both}},
        {record_gemm, reference_gemm, "[3,2] [4,3]", {.gemm = &both}},
        {record_gemm, reference_gemm, "[2,3] [3,4] [4]", {.gemm = &without_c}},
    };

    check_cases(state, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
reshape_and_flatten_keep_the_order_of_elements(void **state)
{
    static const int64_t dims[] = {-1, 3};
    static const struct operator_case cases[] = {
        {record_reshape, reference_reshape, "[2,6]", {.dims = dims, .rank = 2}},
        {record_reshape, reference_reshape, "[1,1,3]", {.dims = dims, .rank = 2}},
        {record_reshape, reference_reshape, "[1]", {.dims = dims, .rank = 0}},
        {record_flatten, reference_reshape, "[2,3,4]", {.axis = 1}},
        {record_flatten, reference_reshape, "[2,3,4]", {.axis = -1}},
        {record_flatten, reference_reshape, "[2,3,4]", {.axis = 0}},
        {record_flatten, reference_reshape, "[2,3,4]", {.axis = 3}},
    };

    check_cases(state, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
transpose_is_that_of_the_loops(void **state)
{
    static const uint32_t swap[] = {1, 0};
    static const uint32_t rotate[] = {2, 0, 1};
    static const uint32_t channels_last[] = {0, 2, 3, 1};
    static const uint32_t same[] = {0, 1, 2};
    static const struct operator_case cases[] = {
        {record_transpose, reference_transpose, "[2,3]", {.order = swap}},
        {record_transpose, reference_transpose, "[1,7]", {.order = swap}},
        {record_transpose, reference_transpose, "[2,3,5]", {.order = rotate}},
        {record_transpose, reference_transpose, "[2,3,5]", {.order = same}},
        {record_transpose, reference_transpose, "[2,3,5]", {0}},
        {record_transpose, reference_transpose, "[2,3,5,7]", {.order = channels_last}},
        {record_transpose, reference_transpose, "[9]", {0}},
    };

    check_cases(state, cases, sizeof(cases) / sizeof(cases[0]));
}

static void
concat_is_that_of_the_loops(void **state)
{
    static const struct operator_case cases[] = {
        {record_concat, reference_concat, "[2,3] [4,3]", {.axis = 0}},
        {record_concat, reference_concat, "[2,3] [2,1] [2,5]", {.axis = 1}},
        {record_concat, reference_concat, "[2,3] [2,1] [2,5] [2,2]", {.axis = -1}},
        {record_concat, reference_concat, "[1,3,5,5] [1,7,5,5]", {.axis = 1}},
        {record_concat, reference_concat, "[2,3,4] [2,5,4]", {.axis = -2}},
        {record_concat, reference_concat, "[2,3]", {.axis = 0}},
    };

    check_cases(state, cases, sizeof(cases) / sizeof(cases[0]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(addition_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(subtraction_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(multiplication_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(division_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(elementwise_functions_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(clipping_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(functions_hold_far_from_zero, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(softmax_does_not_overflow, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(softmax_is_that_of_the_loops_along_every_axis,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(layer_norm_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(matmul_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(gemm_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(reshape_and_flatten_keep_the_order_of_elements,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(transpose_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(concat_is_that_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
