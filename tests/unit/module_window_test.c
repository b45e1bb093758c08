/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that convolution and pooling give, against straightforward loops. */
#include "neuron/module.h"

#include "check.h"
#include "model_bench.h"

static void
check_conv2d(void **state, struct neuron_conv2d_options options, const char *tensors)
{
    struct operator_case operator_case = {.record = record_conv2d,
                                          .reference = reference_conv2d,
                                          .tensors = tensors,
                                          .choice = {.conv2d = &options}};

    check_operator(*state, &operator_case);
}

static void
check_pool2d(void **state, struct neuron_pool2d_options options, const char *tensors)
{
    struct operator_case largest = {.record = record_max_pool2d,
                                    .reference = reference_max_pool2d,
                                    .tensors = tensors,
                                    .choice = {.pool2d = &options}};
    struct operator_case average = {.record = record_average_pool2d,
                                    .reference = reference_average_pool2d,
                                    .tensors = tensors,
                                    .choice = {.pool2d = &options}};

    check_operator(*state, &largest);
    check_operator(*state, &average);
    options.count_padding = true;
    check_operator(*state, &average);
}

static void
plain_convolutions_are_those_of_the_loops(void **state)
{
    struct neuron_conv2d_options plain = {.groups = 1};

    check_conv2d(state, plain, "[1,1,5,5] [1,1,3,3]");
    check_conv2d(state, plain, "[1,3,8,8] [4,3,3,3] [4]");
    check_conv2d(state, plain, "[2,3,8,5] [5,3,1,5] [5]");
    check_conv2d(state, plain, "[3,16,7,7] [32,16,1,1] [32]");
    check_conv2d(state, plain, "[1,8,6,6] [8,8,6,6]");
}

static void
convolutions_without_options_use_the_defaults(void **state)
{
    struct operator_case operator_case = {.record = record_conv2d,
                                          .reference = reference_conv2d,
                                          .tensors = "[2,3,6,7] [4,3,2,3] [4]"};

    check_operator(*state, &operator_case);
}

static void
odd_channel_counts_are_those_of_the_loops(void **state)
{
    struct neuron_conv2d_options padded = {.pads = {1, 1, 1, 1}};

    check_conv2d(state, padded, "[1,7,9,9] [13,7,3,3] [13]");
    check_conv2d(state, padded, "[2,17,5,5] [19,17,3,3] [19]");
    check_conv2d(state, padded, "[1,1,9,9] [1,1,3,3] [1]");
    check_conv2d(state, padded, "[1,33,4,4] [3,33,3,3]");
}

static void
strided_convolutions_are_those_of_the_loops(void **state)
{
    check_conv2d(state, (struct neuron_conv2d_options){.strides = {2, 2}, .pads = {3, 3, 3, 3}},
                 "[1,3,32,32] [16,3,7,7] [16]");
    check_conv2d(state, (struct neuron_conv2d_options){.strides = {2, 3}}, "[2,4,9,11] [6,4,3,3]");
    check_conv2d(state, (struct neuron_conv2d_options){.strides = {2, 2}}, "[1,8,8,8] [8,8,1,1]");
    check_conv2d(state, (struct neuron_conv2d_options){.strides = {100, 100}},
                 "[1,2,5,5] [2,2,3,3]");
}

static void
asymmetric_pads_are_those_of_the_loops(void **state)
{
    check_conv2d(state, (struct neuron_conv2d_options){.pads = {1, 0, 0, 2}},
                 "[1,3,5,5] [4,3,3,3] [4]");
    check_conv2d(state, (struct neuron_conv2d_options){.pads = {0, 1, 2, 0}, .strides = {2, 2}},
                 "[2,5,7,7] [3,5,3,3] [3]");
    check_conv2d(state, (struct neuron_conv2d_options){.pads = {0, 0, 1, 1}},
                 "[1,16,6,6] [16,16,2,2]");
}

static void
dilated_convolutions_are_those_of_the_loops(void **state)
{
    check_conv2d(state, (struct neuron_conv2d_options){.dilations = {2, 3}},
                 "[1,3,9,9] [4,3,3,3] [4]");
    check_conv2d(state,
                 (struct neuron_conv2d_options){
                     .dilations = {2, 2}, .pads = {2, 2, 2, 2}, .strides = {2, 1}},
                 "[2,7,8,8] [5,7,3,3] [5]");
    check_conv2d(state, (struct neuron_conv2d_options){.dilations = {1, 1}}, "[1,3,5,5] [4,3,3,3]");
}

static void
grouped_convolutions_are_those_of_the_loops(void **state)
{
    struct neuron_conv2d_options pads = {.groups = 16, .pads = {1, 1, 1, 1}};

    check_conv2d(state, (struct neuron_conv2d_options){.groups = 2}, "[1,4,5,5] [6,2,3,3] [6]");
    check_conv2d(state, (struct neuron_conv2d_options){.groups = 3}, "[2,9,5,5] [6,3,3,3]");
    check_conv2d(state, (struct neuron_conv2d_options){.groups = 7}, "[1,7,5,5] [7,1,3,3] [7]");
    check_conv2d(state, (struct neuron_conv2d_options){.groups = 5}, "[1,5,5,5] [15,1,3,3] [15]");
    check_conv2d(state, pads, "[3,16,6,6] [16,1,3,3] [16]");
    check_conv2d(state,
                 (struct neuron_conv2d_options){
                     .groups = 2, .dilations = {2, 1}, .strides = {1, 2}, .pads = {2, 0, 1, 1}},
                 "[2,6,7,7] [10,3,3,3] [10]");
}

static void
pools_are_those_of_the_loops(void **state)
{
    check_pool2d(state, (struct neuron_pool2d_options){.kernel = {2, 2}, .strides = {2, 2}},
                 "[1,3,8,9]");
    check_pool2d(state, (struct neuron_pool2d_options){.kernel = {3, 2}}, "[2,5,8,8]");
    check_pool2d(state, (struct neuron_pool2d_options){.kernel = {7, 7}}, "[4,16,7,7]");
    check_pool2d(state, (struct neuron_pool2d_options){.kernel = {1, 1}, .strides = {2, 3}},
                 "[1,17,5,7]");
}

static void
padded_pools_are_those_of_the_loops(void **state)
{
    check_pool2d(
        state,
        (struct neuron_pool2d_options){.kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}},
        "[1,8,11,11]");
    check_pool2d(state, (struct neuron_pool2d_options){.kernel = {3, 3}, .pads = {1, 0, 0, 2}},
                 "[1,1,5,5]");
    check_pool2d(
        state,
        (struct neuron_pool2d_options){.kernel = {2, 3}, .strides = {2, 1}, .pads = {0, 2, 1, 0}},
        "[2,7,5,6]");
}

/* The largest of negative numbers is negative, though padding stands beside them. */
static enum neuron_status
pool_below_zero(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    y[0] = neuron_max_pool2d(trace, neuron_subtract(trace, x[0], neuron_scalar(trace, 5.0F)), user);
    return neuron_trace_status(trace);
}

static void
padding_never_wins_a_maximum(void **state)
{
    struct neuron_pool2d_options options = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}};
    float numbers[4] = {0.0F, 1.0F, 2.0F, 3.0F};
    float results[4] = {0};
    struct neuron_tensor_view input = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {1, 1, 2, 2}, .data = numbers};
    struct neuron_tensor_view output = input;
    struct neuron_trace_signature signature = {
        .example_inputs = &input, .input_count = 1, .output_count = 1};
    struct neuron_model *model = model_of(*state, pool_below_zero, &signature, &options);

    output.data = results;
    run_once(*state, model, &input, &output);
    for (size_t i = 0; i < 4; i += 1) {
        assert_true(results[i] == -2.0F);
    }
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_convolutions_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(convolutions_without_options_use_the_defaults,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(odd_channel_counts_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(strided_convolutions_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(asymmetric_pads_are_those_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(dilated_convolutions_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(grouped_convolutions_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(pools_are_those_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(padded_pools_are_those_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(padding_never_wins_a_maximum, model_bench_setup,
                                        model_bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
