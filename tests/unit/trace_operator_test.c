/* SPDX-License-Identifier: Apache-2.0 */
/* The shape that each operator gives, and what it refuses. */
#include "neuron/trace.h"

#include <math.h>

#include "check.h"
#include "trace_check.h"

static const struct {
    binary_fn *function;
    const char *name;
} arithmetic[] = {
    {neuron_add, "add"},
    {neuron_subtract, "sub"},
    {neuron_multiply, "mul"},
    {neuron_divide, "div"},
};

enum { ARITHMETIC_COUNT = sizeof(arithmetic) / sizeof(arithmetic[0]) };

static void
arithmetic_broadcasts_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARITHMETIC_COUNT; i += 1) {
        struct operator_choice choice = {.binary = arithmetic[i].function};

        check_shape(record_binary, &choice, "[2,3] [2,3]", "float32[2,3]");
        check_shape(record_binary, &choice, "[2,3] [3]", "float32[2,3]");
        check_shape(record_binary, &choice, "[3] [2,3]", "float32[2,3]");
        check_shape(record_binary, &choice, "[2,1] [1,3]", "float32[2,3]");
        check_shape(record_binary, &choice, "[4,1,3] [5,1]", "float32[4,5,3]");
        check_shape(record_binary, &choice, "[] [2,2]", "float32[2,2]");
        check_shape(record_binary, &choice, "[1] []", "float32[1]");
        check_shape(record_binary, &choice, "[1,2,1,2,1,2,1,2] [2,1]", "float32[1,2,1,2,1,2,2,2]");
    }
}

static void
arithmetic_refuses_shapes_that_do_not_broadcast(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARITHMETIC_COUNT; i += 1) {
        struct operator_choice choice = {.binary = arithmetic[i].function};

        check_refused(record_binary, &choice, "[2,3] [4]", arithmetic[i].name);
        check_refused(record_binary, &choice, "[2,3] [2]", arithmetic[i].name);
        check_refused(record_binary, &choice, "[5,2,3] [4,2,3]", arithmetic[i].name);
    }
}

static void
arithmetic_takes_numbers_of_one_type_and_says_so(void **state)
{
    struct operator_choice choice = {.binary = neuron_add};
    struct operator_arguments arguments = {.count = 2, .input_count = 2};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    check_shape(record_binary, &choice, "int32[2] int32[2]", "int32[2]");
    check_refused(record_binary, &choice, "[2] float64[2]", "add");
    check_refused(record_binary, &choice, "bool[2] bool[2]", "add");
    (void)parse_tensors("int64[2] [2]", arguments.tensors);
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_operator(record_binary, &choice, &arguments, &graph, &error), &error);
    assert_contains(error.text, "float32");
    assert_contains(error.text, "int64");
}

static const struct {
    unary_fn *function;
    const char *name;
} unary[] = {
    {neuron_relu, "relu"},
    {neuron_gelu, "gelu"},
    {neuron_sigmoid, "sigmoid"},
    {neuron_tanh, "tanh"},
};

static void
elementwise_functions_keep_the_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(unary) / sizeof(unary[0]); i += 1) {
        struct operator_choice choice = {.unary = unary[i].function};

        check_shape(record_unary, &choice, "[2,3]", "float32[2,3]");
        check_shape(record_unary, &choice, "[]", "float32[]");
        check_shape(record_unary, &choice, "[1,1,1,1,1,1,1,9]", "float32[1,1,1,1,1,1,1,9]");
        check_shape(record_unary, &choice, "bfloat16[2,3]", "bfloat16[2,3]");
        check_refused(record_unary, &choice, "bool[]", unary[i].name);
    }
}

static void
clip_refuses_bounds_out_of_order(void **state)
{
    struct operator_choice good = {.low = -1.0F, .high = 6.0F};
    struct operator_choice crossed = {.low = 1.0F, .high = 0.5F};
    struct operator_choice no_number = {.low = NAN, .high = 0.5F};

    (void)state;
    check_shape(record_clip, &good, "[2,3]", "float32[2,3]");
    check_shape(record_clip, &good, "[]", "float32[]");
    check_refused(record_clip, &good, "int64[2,3]", "clip");
    check_refused(record_clip, &crossed, "[2,3]", "clip");
    check_refused(record_clip, &no_number, "[2,3]", "clip");
}

static void
softmax_takes_axes_from_both_ends(void **state)
{
    (void)state;
    for (int32_t axis = -3; axis < 3; axis += 1) {
        struct operator_choice choice = {.axis = axis};

        check_shape(record_softmax, &choice, "[2,3,4]", "float32[2,3,4]");
    }
}

static void
softmax_refuses_axes_that_are_not_there(void **state)
{
    static const int32_t refused[] = {3, -4, INT32_MAX, INT32_MIN};
    struct operator_choice scalar = {.axis = 0};

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        struct operator_choice choice = {.axis = refused[i]};

        check_refused(record_softmax, &choice, "[2,3,4]", "softmax");
    }
    check_refused(record_softmax, &scalar, "[]", "softmax");
}

static void
layer_norm_normalizes_from_the_axis_on(void **state)
{
    struct operator_choice last = {.axis = -1, .epsilon = 1e-5F};
    struct operator_choice second = {.axis = 1, .epsilon = 1e-5F};
    struct operator_choice all = {.axis = 0, .epsilon = 1e-5F};

    (void)state;
    check_shape(record_layer_norm, &last, "[2,3,4] [4] [4]", "float32[2,3,4]");
    check_shape(record_layer_norm, &second, "[2,3,4] [3,4] [3,4]", "float32[2,3,4]");
    check_shape(record_layer_norm, &all, "[5] [5] [5]", "float32[5]");
}

static void
layer_norm_refuses_weights_of_other_shapes(void **state)
{
    struct operator_choice last = {.axis = -1, .epsilon = 1e-5F};
    struct operator_choice outside = {.axis = 3, .epsilon = 1e-5F};

    (void)state;
    check_refused(record_layer_norm, &last, "[2,3,4] [3] [3]", "norm");
    check_refused(record_layer_norm, &last, "[2,3,4] [4] [3]", "norm");
    check_refused(record_layer_norm, &last, "[2,3,4] [3,4] [3,4]", "norm");
    check_refused(record_layer_norm, &outside, "[2,3,4] [4] [4]", "norm");
}

static void
matmul_multiplies_the_last_two_dimensions(void **state)
{
    struct operator_choice choice = {0};

    (void)state;
    check_shape(record_matmul, &choice, "[2,3] [3,4]", "float32[2,4]");
    check_shape(record_matmul, &choice, "[5,2,3] [3,4]", "float32[5,2,4]");
    check_shape(record_matmul, &choice, "[2,3] [5,3,4]", "float32[5,2,4]");
    check_shape(record_matmul, &choice, "[7,1,2,3] [5,3,4]", "float32[7,5,2,4]");
    check_shape(record_matmul, &choice, "[1,1] [1,1]", "float32[1,1]");
    check_shape(record_matmul, &choice, "float64[2,3] float64[3,4]", "float64[2,4]");
    check_shape(record_matmul, &choice, "int64[2,3] int64[3,4]", "int64[2,4]");
}

static void
matmul_refuses_what_does_not_fit(void **state)
{
    struct operator_choice choice = {0};

    (void)state;
    check_refused(record_matmul, &choice, "[2,3] [4,5]", "matmul");
    check_refused(record_matmul, &choice, "[3] [3,4]", "matmul");
    check_refused(record_matmul, &choice, "[2,3] [3]", "matmul");
    check_refused(record_matmul, &choice, "[] [3,4]", "matmul");
    check_refused(record_matmul, &choice, "[2,2,3] [3,3,4]", "matmul");
    check_refused(record_matmul, &choice, "int8[2,3] int8[3,4]", "matmul");
    check_refused(record_matmul, &choice, "int32[2,3] int64[3,4]", "matmul");
}

static void
gemm_transposes_on_demand_and_broadcasts_c(void **state)
{
    struct neuron_gemm_options a = {.alpha = 1.0F, .transpose_a = true};
    struct neuron_gemm_options both = {.alpha = 1.0F, .transpose_a = true, .transpose_b = true};
    struct operator_choice plain = {0};
    struct operator_choice transpose_a = {.gemm = &a};
    struct operator_choice transpose_both = {.gemm = &both};

    (void)state;
    check_shape(record_gemm, &plain, "[2,3] [3,4]", "float32[2,4]");
    check_shape(record_gemm, &transpose_a, "[3,2] [3,4]", "float32[2,4]");
    check_shape(record_gemm, &transpose_both, "[3,2] [4,3]", "float32[2,4]");
    check_shape(record_gemm, &plain, "[2,3] [3,4] [4]", "float32[2,4]");
    check_shape(record_gemm, &plain, "[2,3] [3,4] [2,1]", "float32[2,4]");
    check_shape(record_gemm, &plain, "[2,3] [3,4] []", "float32[2,4]");
}

static void
gemm_refuses_what_does_not_fit(void **state)
{
    struct neuron_gemm_options b = {.alpha = 1.0F, .transpose_b = true};
    struct operator_choice plain = {0};
    struct operator_choice transpose_b = {.gemm = &b};

    (void)state;
    check_refused(record_gemm, &plain, "[2,3] [4,3]", "gemm");
    check_refused(record_gemm, &transpose_b, "[2,3] [3,4]", "gemm");
    check_refused(record_gemm, &plain, "[1,2,3] [3,4]", "gemm");
    check_refused(record_gemm, &plain, "[3] [3,4]", "gemm");
    check_refused(record_gemm, &plain, "[2,3] [3,4] [3]", "gemm");
    check_refused(record_gemm, &plain, "[1,3] [3,4] [2,4]", "gemm"); /* stretches the result */
    check_refused(record_gemm, &plain, "[2,3] [3,4] [1,2,4]", "gemm");
}

static void
reshape_keeps_the_number_of_elements(void **state)
{
    struct operator_choice square = {.dims = (const int64_t[]){3, 4}, .rank = 2};
    struct operator_choice rest = {.dims = (const int64_t[]){-1, 3}, .rank = 2};
    struct operator_choice scalar = {.dims = (const int64_t[]){0}, .rank = 0};
    struct operator_choice deep = {.dims = (const int64_t[]){1, 2, 1, 2, 1, 3, 1, -1}, .rank = 8};

    (void)state;
    check_shape(record_reshape, &square, "[2,6]", "float32[3,4]");
    check_shape(record_reshape, &rest, "[2,6]", "float32[4,3]");
    check_shape(record_reshape, &scalar, "[1,1]", "float32[]");
    check_shape(record_reshape, &deep, "[12]", "float32[1,2,1,2,1,3,1,1]");
}

static void
reshape_refuses_another_number_of_elements(void **state)
{
    static const int64_t refused[][2] = {
        {5, 2},         {-1, -1}, {-1, 5},
        {-2, 6},        {-2, -6}, {INT64_MAX, 2},
        {INT64_MIN, 1}, {-1, 0},  {INT64_C(1) << 62, 48}, /* 12 elements, if the product wraps */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        struct operator_choice choice = {.dims = refused[i], .rank = 2};

        check_refused(record_reshape, &choice, "[2,6]", "reshape");
    }
}

static void
reshape_refuses_more_dimensions_than_a_tensor_has(void **state)
{
    struct operator_choice deep = {.dims = (const int64_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1}, .rank = 9};
    struct operator_choice deeper = {.dims = deep.dims, .rank = UINT32_MAX};
    struct operator_arguments arguments = {.count = 1, .input_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    (void)parse_tensors("[1]", arguments.tensors);
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_operator(record_reshape, &deep, &arguments, &graph, &error), &error);
    assert_contains(error.text, "reshape");
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_operator(record_reshape, &deeper, &arguments, &graph, &error), &error);
    assert_null(graph);
}

static void
flatten_makes_a_matrix(void **state)
{
    static const struct {
        int32_t axis;
        const char *expected;
    } cases[] = {
        {0, "float32[1,24]"}, {1, "float32[2,12]"}, {2, "float32[6,4]"},
        {3, "float32[24,1]"}, {-1, "float32[6,4]"}, {-3, "float32[1,24]"},
    };
    struct operator_choice after = {.axis = 4};
    struct operator_choice before = {.axis = -4};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        struct operator_choice choice = {.axis = cases[i].axis};

        check_shape(record_flatten, &choice, "[2,3,4]", cases[i].expected);
    }
    check_refused(record_flatten, &after, "[2,3,4]", "flatten");
    check_refused(record_flatten, &before, "[2,3,4]", "flatten");
}

static void
transpose_reorders_dimensions(void **state)
{
    struct operator_choice reverse = {0};
    struct operator_choice rotate = {.order = (const uint32_t[]){2, 0, 1}};

    (void)state;
    check_shape(record_transpose, &reverse, "[2,3,4]", "float32[4,3,2]");
    check_shape(record_transpose, &reverse, "[7]", "float32[7]");
    check_shape(record_transpose, &rotate, "[2,3,4]", "float32[4,2,3]");
}

static void
transpose_refuses_what_is_no_order(void **state)
{
    struct operator_choice twice = {.order = (const uint32_t[]){0, 0, 1}};
    struct operator_choice outside = {.order = (const uint32_t[]){0, 1, 3}};
    struct operator_choice far_outside = {.order = (const uint32_t[]){0, 1, UINT32_MAX}};

    (void)state;
    check_refused(record_transpose, &twice, "[2,3,4]", "transpose");
    check_refused(record_transpose, &outside, "[2,3,4]", "transpose");
    check_refused(record_transpose, &far_outside, "[2,3,4]", "transpose");
}

static void
concat_adds_up_one_dimension(void **state)
{
    struct operator_choice rows = {.axis = 0};
    struct operator_choice columns = {.axis = -1};

    (void)state;
    check_shape(record_concat, &rows, "[2,3] [4,3]", "float32[6,3]");
    check_shape(record_concat, &columns, "[2,3] [2,1] [2,5]", "float32[2,9]");
    check_shape(record_concat, &rows, "[2,3]", "float32[2,3]");
}

static void
concat_refuses_what_does_not_line_up(void **state)
{
    struct operator_choice rows = {.axis = 0};
    struct operator_choice outside = {.axis = 2};

    (void)state;
    check_refused(record_concat, &rows, "[2,3] [2,4]", "concat");
    check_refused(record_concat, &rows, "[2,3] [3]", "concat");
    check_refused(record_concat, &rows, "[2,3] int32[2,3]", "concat");
    check_refused(record_concat, &outside, "[2,3] [2,3]", "concat");
    check_refused(record_concat, &rows, "[] []", "concat");
    check_refused(record_concat, &rows, "", "concat");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_broadcasts_both_ways),
        cmocka_unit_test(arithmetic_refuses_shapes_that_do_not_broadcast),
        cmocka_unit_test(arithmetic_takes_numbers_of_one_type_and_says_so),
        cmocka_unit_test(elementwise_functions_keep_the_shape),
        cmocka_unit_test(clip_refuses_bounds_out_of_order),
        cmocka_unit_test(softmax_takes_axes_from_both_ends),
        cmocka_unit_test(softmax_refuses_axes_that_are_not_there),
        cmocka_unit_test(layer_norm_normalizes_from_the_axis_on),
        cmocka_unit_test(layer_norm_refuses_weights_of_other_shapes),
        cmocka_unit_test(matmul_multiplies_the_last_two_dimensions),
        cmocka_unit_test(matmul_refuses_what_does_not_fit),
        cmocka_unit_test(gemm_transposes_on_demand_and_broadcasts_c),
        cmocka_unit_test(gemm_refuses_what_does_not_fit),
        cmocka_unit_test(reshape_keeps_the_number_of_elements),
        cmocka_unit_test(reshape_refuses_another_number_of_elements),
        cmocka_unit_test(reshape_refuses_more_dimensions_than_a_tensor_has),
        cmocka_unit_test(flatten_makes_a_matrix),
        cmocka_unit_test(transpose_reorders_dimensions),
        cmocka_unit_test(transpose_refuses_what_is_no_order),
        cmocka_unit_test(concat_adds_up_one_dimension),
        cmocka_unit_test(concat_refuses_what_does_not_line_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
