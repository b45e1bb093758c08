/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions and pools over one to three dimensions, against straightforward loops. */
#include "check.h"
#include "model_bench.h"
#include "traced_windows.h"

static void
check_window(void **state, const struct window_choice *window, const char *tensors)
{
    const struct operator_case operator_case = {.record = record_window,
                                                .reference = reference_window,
                                                .tensors = tensors,
                                                .choice = {.options = window}};

    check_operator(*state, &operator_case);
}

static void
check_conv(void **state, struct neuron_conv_options options, const char *tensors)
{
    const struct window_choice window = {.call = WINDOW_CONV, .conv = options};

    check_window(state, &window, tensors);
}

static void
check_transposed(void **state, struct neuron_conv_transpose_options options, const char *tensors)
{
    const struct window_choice window = {.call = WINDOW_CONV_TRANSPOSE, .transposed = options};

    check_window(state, &window, tensors);
}

/* All pools, averages with and without padding. */
static void
check_pools(void **state, struct neuron_pool_options options, const char *tensors)
{
    static const enum window_call calls[] = {WINDOW_MAX_POOL, WINDOW_AVERAGE_POOL, WINDOW_LP_POOL};

    for (uint32_t i = 0; i < 4; i += 1) {
        struct window_choice window = {
            .call = calls[i % 3], .pool = options, .power = i == 3 ? 3.0F : 2.0F};

        check_window(state, &window, tensors);
        window.pool.count_padding = true;
        check_window(state, &window, tensors);
    }
    const struct window_choice third = {.call = WINDOW_LP_POOL, .pool = options, .power = 3.0F};
    check_window(state, &third, tensors);
}

static void
convolutions_along_a_line_are_those_of_the_loops(void **state)
{
    check_conv(state, (struct neuron_conv_options){0}, "[2,3,9] [4,3,3] [4]");
    check_conv(state,
               (struct neuron_conv_options){.strides = {2}, .dilations = {3}, .pads = {4, 1}},
               "[1,16,20] [8,16,4]");
    check_conv(state, (struct neuron_conv_options){.groups = 6, .pads = {2, 2}},
               "[2,6,11] [6,1,5] [6]");
    check_conv(state, (struct neuron_conv_options){.groups = 2}, "[1,6,8] [4,3,3] [4]");
}

static void
convolutions_in_space_are_those_of_the_loops(void **state)
{
    check_conv(state, (struct neuron_conv_options){0}, "[1,2,4,5,6] [3,2,2,3,3] [3]");
    check_conv(state,
               (struct neuron_conv_options){
                   .strides = {2, 1, 2}, .dilations = {1, 2, 1}, .pads = {1, 0, 2, 0, 1, 1}},
               "[2,4,5,6,5] [5,4,3,2,3]");
    check_conv(state, (struct neuron_conv_options){.groups = 4, .pads = {1, 1, 1, 1, 1, 1}},
               "[1,4,4,4,4] [8,1,3,3,3] [8]");
}

static void
transposed_convolutions_are_those_of_the_loops(void **state)
{
    check_transposed(state, (struct neuron_conv_transpose_options){0}, "[1,3,5] [3,4,3] [4]");
    check_transposed(state,
                     (struct neuron_conv_transpose_options){
                         .strides = {2, 2}, .pads = {1, 1, 1, 1}, .output_padding = {1, 1}},
                     "[2,6,5,4] [6,8,3,3] [8]");
    check_transposed(state,
                     (struct neuron_conv_transpose_options){
                         .strides = {3, 1}, .dilations = {2, 3}, .pads = {0, 2, 1, 0}},
                     "[1,16,4,5] [16,5,3,2]");
    check_transposed(
        state,
        (struct neuron_conv_transpose_options){.strides = {2, 2, 2}, .output_padding = {0, 1, 0}},
        "[1,2,3,2,4] [2,3,2,3,2] [3]");
    check_transposed(state, (struct neuron_conv_transpose_options){.groups = 3, .strides = {2, 2}},
                     "[2,6,4,4] [6,2,2,2] [6]");
    check_transposed(state, (struct neuron_conv_transpose_options){.groups = 8, .strides = {2, 2}},
                     "[1,8,5,5] [8,1,4,4]");
}

static void
results_padded_far_behind_hold_the_bias_there(void **state)
{
    check_transposed(state,
                     (struct neuron_conv_transpose_options){.strides = {2}, .output_padding = {7}},
                     "[1,2,3] [2,2,2] [2]");
}

static void
pools_of_every_rank_are_those_of_the_loops(void **state)
{
    check_pools(state, (struct neuron_pool_options){.kernel = {3}, .strides = {2}}, "[2,3,10]");
    check_pools(
        state,
        (struct neuron_pool_options){.kernel = {2, 3}, .strides = {2, 1}, .pads = {1, 1, 0, 2}},
        "[1,5,6,7]");
    check_pools(state,
                (struct neuron_pool_options){
                    .kernel = {2, 2, 3}, .strides = {1, 2, 2}, .pads = {1, 0, 1, 0, 1, 1}},
                "[2,3,4,5,6]");
}

static void
windows_with_gaps_are_those_of_the_loops(void **state)
{
    check_pools(state, (struct neuron_pool_options){.kernel = {3}, .dilations = {3}}, "[1,2,11]");
    check_pools(state,
                (struct neuron_pool_options){
                    .kernel = {2, 3}, .dilations = {2, 2}, .strides = {2, 1}, .pads = {1, 2, 1, 2}},
                "[2,3,7,6]");
}

static void
windows_that_hang_over_are_those_of_the_loops(void **state)
{
    check_pools(
        state, (struct neuron_pool_options){.kernel = {2, 3}, .strides = {2, 3}, .rounds_up = true},
        "[1,3,7,8]");
    check_pools(state,
                (struct neuron_pool_options){
                    .kernel = {3, 3}, .strides = {2, 2}, .pads = {1, 1, 1, 1}, .rounds_up = true},
                "[1,2,6,7]");
    check_pools(state,
                (struct neuron_pool_options){
                    .kernel = {3}, .strides = {4}, .dilations = {2}, .rounds_up = true},
                "[1,2,12]");
}

static void
other_types_give_the_same_whole_numbers(void **state)
{
    static const enum neuron_type types[] = {NEURON_FLOAT64, NEURON_FLOAT16, NEURON_BFLOAT16};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        const struct window_choice conv = {
            .call = WINDOW_CONV, .type = types[i], .conv = {.strides = {2, 1}, .groups = 2}};
        const struct window_choice transposed = {
            .call = WINDOW_CONV_TRANSPOSE, .type = types[i], .transposed = {.pads = {1, 0}}};

        check_window(state, &conv, "[1,2,5,4] [2,1,2,1] [2]");
        check_window(state, &transposed, "[2,2,5] [2,3,1] [3]");
    }
}

static void
bytes_have_a_largest_one_too(void **state)
{
    static const enum neuron_type types[] = {NEURON_INT8, NEURON_FLOAT16, NEURON_FLOAT64,
                                             NEURON_BFLOAT16};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        const struct window_choice window = {
            .call = WINDOW_MAX_POOL,
            .type = types[i],
            .pool = {.kernel = {3, 2}, .pads = {1, 1, 1, 0}, .strides = {2, 1}}};

        check_window(state, &window, "[2,2,7,5]");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(convolutions_along_a_line_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(convolutions_in_space_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(transposed_convolutions_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(results_padded_far_behind_hold_the_bias_there,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(pools_of_every_rank_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(windows_with_gaps_are_those_of_the_loops, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(windows_that_hang_over_are_those_of_the_loops,
                                        model_bench_setup, model_bench_teardown),
        cmocka_unit_test_setup_teardown(other_types_give_the_same_whole_numbers, model_bench_setup,
                                        model_bench_teardown),
        cmocka_unit_test_setup_teardown(bytes_have_a_largest_one_too, model_bench_setup,
                                        model_bench_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
