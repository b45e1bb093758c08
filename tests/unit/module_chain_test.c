/* SPDX-License-Identifier: Apache-2.0 */
/* Several operators in a row, which a compiler may fold and fuse: the numbers stay the same. */
#include "neuron/module.h"

#include "check.h"
#include "model_bench.h"

enum { STEP_LIMIT = 4 };

/*
 * A chain of operators over one input. Each step takes the step before as its first argument; its
 * other arguments are constants of the tensors that follow in the list.
 */
struct chain_step {
    neuron_trace_fn *record;
    reference_fn *reference;
    const char *tensors; /* what the step takes: the first is the value of the step before */
    const char *output;
    struct operator_choice choice;
};

struct chain {
    const struct chain_step *steps;
    size_t count;
    struct operator_arguments arguments[STEP_LIMIT]; /* with the constants' numbers */
};

static enum neuron_status
record_chain(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    const struct chain *chain = user;
    struct neuron_value value = x[0];

    for (size_t i = 0; i < chain->count; i += 1) {
        struct operator_choice choice = chain->steps[i].choice;
        enum neuron_status status = NEURON_OK;

        choice.arguments = &chain->arguments[i];
        status = chain->steps[i].record(trace, &value, &value, &choice);
        if (status != NEURON_OK) {
            return status;
        }
    }
    y[0] = value;
    return neuron_trace_status(trace);
}

/* Gives every step's tensors memory and numbers. */
static void
fill_chain(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i += 1) {
        struct operator_arguments *arguments = &chain->arguments[i];

        arguments->count = parse_tensors(chain->steps[i].tensors, arguments->tensors);
        arguments->input_count = 1;
        for (uint32_t j = 0; j < arguments->count; j += 1) {
            allocate_tensor(&arguments->tensors[j]);
            fill_tensor(&arguments->tensors[j], (uint32_t)i * TENSOR_TEXT_LIMIT + j + 1);
        }
    }
}

/* Computes the chain step by step. The caller frees the result. */
static struct neuron_tensor_view
run_reference(struct chain *chain)
{
    struct neuron_tensor_view outputs[TENSOR_TEXT_LIMIT] = {{0}};

    for (size_t i = 0; i < chain->count; i += 1) {
        struct operator_choice choice = chain->steps[i].choice;

        choice.arguments = &chain->arguments[i];
        (void)parse_tensors(chain->steps[i].output, outputs);
        allocate_tensor(&outputs[0]);
        chain->steps[i].reference(&choice, &outputs[0]);
        if (i + 1 < chain->count) {
            free_tensor(&chain->arguments[i + 1].tensors[0]);
            chain->arguments[i + 1].tensors[0] = outputs[0];
        }
    }
    return outputs[0];
}

static void
free_chain(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i += 1) {
        for (uint32_t j = 0; j < chain->arguments[i].count; j += 1) {
            free_tensor(&chain->arguments[i].tensors[j]);
        }
    }
}

static void
check_chain(void **state, const struct chain_step *steps, size_t count)
{
    struct chain chain = {.steps = steps, .count = count};
    struct neuron_trace_signature signature = {
        .example_inputs = chain.arguments[0].tensors, .input_count = 1, .output_count = 1};
    struct neuron_model *model = NULL;
    struct neuron_tensor_view actual;
    struct neuron_tensor_view expected;

    fill_chain(&chain);
    model = model_of(*state, record_chain, &signature, &chain);
    actual = neuron_tensor_view_of(&neuron_model_output(model, 0)->shape, NULL);
    allocate_tensor(&actual);
    run_once(*state, model, chain.arguments[0].tensors, &actual);
    expected = run_reference(&chain);
    check_close(&actual, &expected, 1e-4, steps[0].tensors);
    free_tensor(&expected);
    free_tensor(&actual);
    neuron_model_destroy(model);
    free_chain(&chain);
}

static const struct neuron_conv2d_options same_size = {.pads = {1, 1, 1, 1}};

static void
convolution_and_relu_keep_their_numbers(void **state)
{
    static const struct chain_step steps[] = {
        {record_conv2d,
         reference_conv2d,
         "[2,3,8,8] [7,3,3,3] [7]",
         "[2,7,8,8]",
         {.conv2d = &same_size}},
        {record_unary, reference_relu, "[2,7,8,8]", "[2,7,8,8]", {.unary = neuron_relu}},
    };

    check_chain(state, steps, 2);
}

static void
convolution_scale_and_shift_of_channels_keep_their_numbers(void **state)
{
    static const struct chain_step steps[] = {
        {record_conv2d,
         reference_conv2d,
         "[1,5,6,6] [9,5,3,3]",
         "[1,9,6,6]",
         {.conv2d = &same_size}},
        {record_binary,
         reference_multiply,
         "[1,9,6,6] [9,1,1]",
         "[1,9,6,6]",
         {.binary = neuron_multiply}},
        {record_binary, reference_add, "[1,9,6,6] [1,9,1,1]", "[1,9,6,6]", {.binary = neuron_add}},
        {record_unary, reference_relu, "[1,9,6,6]", "[1,9,6,6]", {.unary = neuron_relu}},
    };

    check_chain(state, steps, 4);
}

static void
a_sum_along_the_width_is_not_taken_for_a_bias(void **state)
{
    static const struct chain_step steps[] = {
        {record_conv2d,
         reference_conv2d,
         "[1,5,6,6] [6,5,3,3] [6]",
         "[1,6,6,6]",
         {.conv2d = &same_size}},
        {record_binary,
         reference_add,
         "[1,6,6,6] [6]",
         "[1,6,6,6]",
         {.binary = neuron_add}}, /* 6 columns, not 6 channels */
    };

    check_chain(state, steps, 2);
}

static void
two_layers_of_a_perceptron_keep_their_numbers(void **state)
{
    static const struct neuron_gemm_options by_rows = {
        .alpha = 1.0F, .beta = 1.0F, .transpose_b = true};
    static const struct chain_step steps[] = {
        {record_gemm, reference_gemm, "[5,33] [17,33] [17]", "[5,17]", {.gemm = &by_rows}},
        {record_unary, reference_gelu, "[5,17]", "[5,17]", {.unary = neuron_gelu}},
        {record_gemm, reference_gemm, "[5,17] [3,17] [3]", "[5,3]", {.gemm = &by_rows}},
        {record_softmax, reference_softmax, "[5,3]", "[5,3]", {.axis = -1}},
    };

    check_chain(state, steps, 4);
}

static void
a_clip_behind_a_convolution_keeps_its_bounds(void **state)
{
    static const struct chain_step steps[] = {
        {record_conv2d,
         reference_conv2d,
         "[1,5,6,6] [9,5,3,3] [9]",
         "[1,9,6,6]",
         {.conv2d = &same_size}},
        {record_clip, reference_clip, "[1,9,6,6]", "[1,9,6,6]", {.low = -0.25F, .high = 0.5F}},
    };

    check_chain(state, steps, 2);
}

static void
a_sum_that_grows_a_product_is_not_taken_for_a_bias(void **state)
{
    static const struct chain_step steps[] = {
        {record_matmul, reference_matmul, "[1,7] [7,5]", "[1,5]", {0}},
        {record_binary, reference_add, "[1,5] [4,5]", "[4,5]", {.binary = neuron_add}},
        {record_unary, reference_sigmoid, "[4,5]", "[4,5]", {.unary = neuron_sigmoid}},
    };

    check_chain(state, steps, 3);
}

static void
convolution_pool_flatten_and_product_keep_their_numbers(void **state)
{
    static const struct neuron_pool2d_options halves = {.kernel = {2, 2}, .strides = {2, 2}};
    static const struct chain_step steps[] = {
        {record_conv2d,
         reference_conv2d,
         "[2,3,8,8] [5,3,3,3] [5]",
         "[2,5,8,8]",
         {.conv2d = &same_size}},
        {record_max_pool2d, reference_max_pool2d, "[2,5,8,8]", "[2,5,4,4]", {.pool2d = &halves}},
        {record_flatten, reference_reshape, "[2,5,4,4]", "[2,80]", {.axis = 1}},
        {record_matmul, reference_matmul, "[2,80] [80,9]", "[2,9]", {0}},
    };

    check_chain(state, steps, 4);
}

static void
transposes_between_products_keep_their_numbers(void **state)
{
    static const uint32_t swap[] = {0, 2, 1};
    static const struct chain_step steps[] = {
        {record_matmul, reference_matmul, "[2,3,5] [5,7]", "[2,3,7]", {0}},
        {record_transpose, reference_transpose, "[2,3,7]", "[2,7,3]", {.order = swap}},
        {record_matmul, reference_matmul, "[2,7,3] [2,3,4]", "[2,7,4]", {0}},
        {record_layer_norm,
         reference_layer_norm,
         "[2,7,4] [4] [4]",
         "[2,7,4]",
         {.axis = -1, .epsilon = 1e-5F}},
    };

    check_chain(state, steps, 4);
}

/* x used on both sides of a sum, an inner value as an output too, and an output given twice. */
static enum neuron_status
use_values_twice(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                 void *user)
{
    (void)user;
    y[0] = neuron_relu(trace, x[0]);
    y[1] = neuron_add(trace, y[0], x[0]);
    y[2] = y[1];
    y[3] = neuron_multiply(trace, y[1], y[1]);
    return neuron_trace_status(trace);
}

static void
values_that_are_used_twice_stay_what_they_are(void **state)
{
    float numbers[5][3] = {{-1.0F, 2.0F, 3.0F}};
    static const float expected[4][3] = {{0, 2, 3}, {-1, 4, 6}, {-1, 4, 6}, {1, 16, 36}};
    struct neuron_tensor_view views[5];
    struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 1, .output_count = 4};
    struct neuron_model *model = NULL;

    for (size_t i = 0; i < 5; i += 1) {
        views[i] = (struct neuron_tensor_view){
            .type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = numbers[i]};
    }
    model = model_of(*state, use_values_twice, &signature, NULL);
    run_once(*state, model, &views[0], &views[1]);
    for (size_t i = 0; i < 4; i += 1) {
        for (size_t j = 0; j < 3; j += 1) {
            assert_true(numbers[i + 1][j] == expected[i][j]);
        }
    }
    neuron_model_destroy(model);
}

/* Outputs that no input has a part in: one is folded to a constant, one is a constant. */
static enum neuron_status
give_constants(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    struct neuron_value two = neuron_scalar(trace, 2.0F);

    (void)user;
    y[0] = neuron_multiply(trace, two, neuron_add(trace, two, two));
    y[1] = two;
    y[2] = x[0];
    return neuron_trace_status(trace);
}

static void
outputs_may_be_constants_or_inputs(void **state)
{
    float numbers[4] = {7.0F};
    struct neuron_tensor_view views[4];
    struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 1, .output_count = 3};
    struct neuron_model *model = NULL;

    for (size_t i = 0; i < 4; i += 1) {
        views[i] = (struct neuron_tensor_view){.type = NEURON_FLOAT32, .data = &numbers[i]};
    }
    model = model_of(*state, give_constants, &signature, NULL);
    run_once(*state, model, &views[0], &views[1]);
    assert_true(numbers[1] == 8.0F && numbers[2] == 2.0F && numbers[3] == 7.0F);
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(convolution_and_relu_keep_their_numbers, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(convolution_scale_and_shift_of_channels_keep_their_numbers,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_sum_along_the_width_is_not_taken_for_a_bias,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(two_layers_of_a_perceptron_keep_their_numbers,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_clip_behind_a_convolution_keeps_its_bounds,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(a_sum_that_grows_a_product_is_not_taken_for_a_bias,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(convolution_pool_flatten_and_product_keep_their_numbers,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(transposes_between_products_keep_their_numbers,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(values_that_are_used_twice_stay_what_they_are,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(outputs_may_be_constants_or_inputs, model_bench_setup,
                                        model_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
