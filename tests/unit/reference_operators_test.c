/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that other tests compare with, against numbers worked out by hand. */
#include "reference_operators.h"

#include <string.h>

#include "check.h"

enum { NUMBER_LIMIT = 16 };

/* One operator over given numbers, those of all tensors in a row, and what must come out. */
struct known_answer {
    reference_fn *reference;
    const char *tensors;
    const char *output;
    struct operator_choice choice;
    float numbers[NUMBER_LIMIT];
    float expected[NUMBER_LIMIT];
};

static void
check_known(const struct known_answer *known)
{
    struct operator_arguments arguments = {0};
    struct operator_choice choice = known->choice;
    struct neuron_tensor_view outputs[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_tensor_view expected;
    float numbers[NUMBER_LIMIT];
    float expected_numbers[NUMBER_LIMIT];
    size_t used = 0;

    memcpy(numbers, known->numbers, sizeof(numbers));
    memcpy(expected_numbers, known->expected, sizeof(expected_numbers));
    arguments.count = parse_tensors(known->tensors, arguments.tensors);
    for (uint32_t i = 0; i < arguments.count; i += 1) {
        arguments.tensors[i].data = &numbers[used];
        used += tensor_element_count(&arguments.tensors[i]);
    }
    assert_true(used <= NUMBER_LIMIT);
    choice.arguments = &arguments;
    (void)parse_tensors(known->output, outputs);
    expected = outputs[0];
    expected.data = expected_numbers;
    allocate_tensor(&outputs[0]);
    known->reference(&choice, &outputs[0]);
    check_close(&outputs[0], &expected, 1e-6, known->tensors);
    free_tensor(&outputs[0]);
}

static void
check_all(const struct known_answer *known, size_t count)
{
    for (size_t i = 0; i < count; i += 1) {
        check_known(&known[i]);
    }
}

static void
arithmetic_broadcasts(void **state)
{
    static const struct known_answer known[] = {
        {reference_subtract, "[2,1] [2]", "[2,2]", {0}, {1, 2, 10, 20}, {-9, -19, -8, -18}},
        {reference_add, "[] [3]", "[3]", {0}, {5, 1, 2, 3}, {6, 7, 8}},
        {reference_multiply, "[3] []", "[3]", {0}, {1, 2, 3, -2}, {-2, -4, -6}},
        {reference_divide, "[1,2] [2,1]", "[2,2]", {0}, {6, 8, 2, 4}, {3, 4, 1.5F, 2}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

static void
functions_give_known_numbers(void **state)
{
    static const struct known_answer known[] = {
        {reference_relu, "[3]", "[3]", {0}, {-1, 0, 2}, {0, 0, 2}},
        {reference_gelu, "[3]", "[3]", {0}, {-1, 0, 1}, {-0.15865525F, 0, 0.84134475F}},
        {reference_sigmoid, "[2]", "[2]", {0}, {0, 1}, {0.5F, 0.73105858F}},
        {reference_tanh, "[2]", "[2]", {0}, {0, 0.5F}, {0, 0.46211716F}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

static void
softmax_and_layer_norm_give_known_numbers(void **state)
{
    static const struct known_answer known[] = {
        {reference_softmax, "[1,2]", "[1,2]", {.axis = -1}, {0, 1.0986123F}, {0.25F, 0.75F}},
        {reference_softmax,
         "[2,2]",
         "[2,2]",
         {.axis = 0},
         {0, 7, 1.0986123F, 7},
         {0.25F, 0.5F, 0.75F, 0.5F}},
        {reference_layer_norm, "[2] [2] [2]", "[2]", {.axis = 0}, {1, 3, 2, 4, 1, 5}, {-1, 9}},
        {reference_layer_norm,
         "[2,2] [2] [2]",
         "[2,2]",
         {.axis = -1, .epsilon = 3.0F},
         {1, 3, 30, 10, 1, 1, 0, 0},
         {-0.5F, 0.5F, 0.98532928F, -0.98532928F}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

static void
products_give_known_numbers(void **state)
{
    static const struct neuron_gemm_options both = {
        .alpha = 2, .beta = 3, .transpose_a = true, .transpose_b = true};
    static const struct known_answer known[] = {
        {reference_matmul, "[2,2] [2,2]", "[2,2]", {0}, {1, 2, 3, 4, 5, 6, 7, 8}, {19, 22, 43, 50}},
        {reference_matmul, "[2,1,2] [2,1]", "[2,1,1]", {0}, {1, 2, 3, 4, 5, 6}, {17, 39}},
        {reference_matmul, "[1,2] [2,2,1]", "[2,1,1]", {0}, {1, 2, 3, 4, 5, 6}, {11, 17}},
        {reference_gemm, "[1,2] [2,1] []", "[1,1]", {0}, {1, 2, 3, 4, 5}, {16}},
        {reference_gemm,
         "[2,2] [2,2] [2]",
         "[2,2]",
         {.gemm = &both},
         {1, 2, 3, 4, 5, 6, 7, 8, 1, -1},
         {49, 59, 71, 89}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

static void
windows_stand_where_pads_strides_and_dilations_put_them(void **state)
{
    static const struct neuron_conv2d_options options[] = {
        {.groups = 1},
        {.pads = {1, 0, 0, 0}, .strides = {2, 1}},
        {.pads = {0, 0, 0, 1}, .strides = {2, 2}},
        {.dilations = {2, 2}},
    };
    static const char *const outputs[] = {"[1,1,2,2]", "[1,1,2,2]", "[1,1,1,2]", "[1,1,1,1]"};
    static const float expected[][4] = {{37, 47, 67, 77}, {11, 18, 67, 77}, {37, 21}, {64}};

    (void)state;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i += 1) {
        struct known_answer known = {.reference = reference_conv2d,
                                     .tensors = "[1,1,3,3] [1,1,2,2]",
                                     .output = outputs[i],
                                     .choice = {.conv2d = &options[i]},
                                     .numbers = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4}};

        memcpy(known.expected, expected[i], sizeof(expected[i]));
        check_known(&known);
    }
}

static void
channels_and_groups_give_known_numbers(void **state)
{
    static const struct neuron_conv2d_options groups = {.groups = 2};
    static const struct known_answer known[] = {
        {reference_conv2d,
         "[2,2,1,1] [2,1,1,1] [2]",
         "[2,2,1,1]",
         {.conv2d = &groups},
         {3, 5, 4, 6, 2, 7, 1, -1},
         {7, 34, 9, 41}},
        {reference_conv2d, "[1,2,1,1] [1,2,1,1]", "[1,1,1,1]", {0}, {3, 5, 2, 7}, {41}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

static void
pools_give_known_numbers(void **state)
{
    static const struct neuron_pool2d_options right = {.kernel = {2, 2}, .pads = {0, 0, 0, 1}};
    static const struct neuron_pool2d_options counted = {
        .kernel = {2, 2}, .pads = {0, 0, 0, 1}, .count_padding = true};
    static const struct known_answer known[] = {
        {reference_max_pool2d,
         "[1,1,3,3]",
         "[1,1,2,3]",
         {.pool2d = &right},
         {-1, -2, -3, -4, -5, -6, -7, -8, -9},
         {-1, -2, -3, -4, -5, -6}},
        {reference_average_pool2d,
         "[1,1,3,3]",
         "[1,1,2,3]",
         {.pool2d = &right},
         {1, 2, 3, 4, 5, 6, 7, 8, 9},
         {3, 4, 4.5F, 6, 7, 7.5F}},
        {reference_average_pool2d,
         "[1,1,3,3]",
         "[1,1,2,3]",
         {.pool2d = &counted},
         {1, 2, 3, 4, 5, 6, 7, 8, 9},
         {3, 4, 2.25F, 6, 7, 3.75F}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

static void
movements_give_known_numbers(void **state)
{
    static const uint32_t rotate[] = {2, 0, 1};
    static const struct known_answer known[] = {
        {reference_reshape, "[2,3]", "[3,2]", {0}, {1, 2, 3, 4, 5, 6}, {1, 2, 3, 4, 5, 6}},
        {reference_transpose, "[2,3]", "[3,2]", {0}, {1, 2, 3, 4, 5, 6}, {1, 4, 2, 5, 3, 6}},
        {reference_transpose,
         "[1,2,3]",
         "[3,1,2]",
         {.order = rotate},
         {1, 2, 3, 4, 5, 6},
         {1, 4, 2, 5, 3, 6}},
        {reference_concat,
         "[2,2] [2,1]",
         "[2,3]",
         {.axis = -1},
         {1, 2, 3, 4, 9, 8},
         {1, 2, 9, 3, 4, 8}},
        {reference_concat, "[1,2] [1,2]", "[2,2]", {.axis = 0}, {1, 2, 3, 4}, {1, 2, 3, 4}},
    };

    (void)state;
    check_all(known, sizeof(known) / sizeof(known[0]));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_broadcasts),
        cmocka_unit_test(functions_give_known_numbers),
        cmocka_unit_test(softmax_and_layer_norm_give_known_numbers),
        cmocka_unit_test(products_give_known_numbers),
        cmocka_unit_test(windows_stand_where_pads_strides_and_dilations_put_them),
        cmocka_unit_test(channels_and_groups_give_known_numbers),
        cmocka_unit_test(pools_give_known_numbers),
        cmocka_unit_test(movements_give_known_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
