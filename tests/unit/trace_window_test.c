/* SPDX-License-Identifier: Apache-2.0 */
/* The shapes that convolution and pooling give, and what they refuse. */
#include "neuron/trace.h"

#include "check.h"
#include "trace_check.h"

static void
check_conv2d(struct neuron_conv2d_options options, const char *inputs, const char *expected)
{
    struct operator_choice choice = {.conv2d = &options};

    check_shape(record_conv2d, &choice, inputs, expected);
}

static void
check_conv2d_refused(struct neuron_conv2d_options options, const char *inputs)
{
    struct operator_choice choice = {.conv2d = &options};

    check_refused(record_conv2d, &choice, inputs, "conv");
}

static void
check_pool2d(struct neuron_pool2d_options options, const char *inputs, const char *expected)
{
    struct operator_choice choice = {.pool2d = &options};

    check_shape(record_max_pool2d, &choice, inputs, expected);
    check_shape(record_average_pool2d, &choice, inputs, expected);
}

static void
check_pool2d_refused(struct neuron_pool2d_options options, const char *inputs)
{
    struct operator_choice choice = {.pool2d = &options};

    check_refused(record_max_pool2d, &choice, inputs, "pool");
    check_refused(record_average_pool2d, &choice, inputs, "pool");
}

static void
conv2d_slides_over_the_input(void **state)
{
    struct operator_choice plain = {0};

    (void)state;
    check_shape(record_conv2d, &plain, "[1,3,8,8] [4,3,3,3]", "float32[1,4,6,6]");
    check_shape(record_conv2d, &plain, "[1,3,8,8] [4,3,3,3] [4]", "float32[1,4,6,6]");
    check_shape(record_conv2d, &plain, "[2,3,8,5] [4,3,1,5]", "float32[2,4,8,1]");
    check_conv2d((struct neuron_conv2d_options){0}, "[1,3,8,8] [4,3,8,8]", "float32[1,4,1,1]");
}

static void
conv2d_takes_strides_dilations_and_asymmetric_pads(void **state)
{
    (void)state;
    check_conv2d((struct neuron_conv2d_options){.strides = {2, 3}}, "[1,1,9,9] [1,1,3,3]",
                 "float32[1,1,4,3]");
    check_conv2d((struct neuron_conv2d_options){.strides = {2, 0}}, "[1,1,9,9] [1,1,3,3]",
                 "float32[1,1,4,7]");
    check_conv2d((struct neuron_conv2d_options){.dilations = {2, 3}}, "[1,1,9,9] [1,1,3,3]",
                 "float32[1,1,5,3]");
    check_conv2d((struct neuron_conv2d_options){.pads = {1, 0, 0, 2}}, "[1,1,5,5] [1,1,3,3]",
                 "float32[1,1,4,5]");
    check_conv2d((struct neuron_conv2d_options){.pads = {1, 1, 1, 1}, .strides = {2, 2}},
                 "[1,3,224,224] [64,3,3,3]", "float32[1,64,112,112]");
    check_conv2d((struct neuron_conv2d_options){.strides = {UINT32_MAX, UINT32_MAX}},
                 "[1,1,9,9] [1,1,3,3]", "float32[1,1,1,1]");
}

static void
conv2d_takes_groups(void **state)
{
    (void)state;
    check_conv2d((struct neuron_conv2d_options){.groups = 2}, "[1,4,5,5] [6,2,3,3]",
                 "float32[1,6,3,3]");
    check_conv2d((struct neuron_conv2d_options){.groups = 7}, "[1,7,5,5] [7,1,3,3]",
                 "float32[1,7,3,3]");
}

static void
conv2d_refuses_channels_that_do_not_fit(void **state)
{
    (void)state;
    check_conv2d_refused((struct neuron_conv2d_options){0}, "[1,3,8,8] [4,2,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.groups = 2}, "[1,4,5,5] [6,4,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.groups = 2}, "[1,4,5,5] [5,2,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.groups = 3}, "[1,4,5,5] [6,1,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.groups = UINT32_MAX},
                         "[1,4,5,5] [6,1,3,3]");
}

static void
conv2d_refuses_a_kernel_that_is_larger_than_the_input(void **state)
{
    (void)state;
    check_conv2d_refused((struct neuron_conv2d_options){0}, "[1,1,2,8] [1,1,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.dilations = {1, 4}},
                         "[1,1,8,8] [1,1,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.dilations = {UINT32_MAX, 1}},
                         "[1,1,8,8] [1,1,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){.dilations = {1U << 31, 1}},
                         "[1,1,8,8] [1,1,3,3]");
}

static void
conv2d_refuses_other_ranks_types_and_biases(void **state)
{
    (void)state;
    check_conv2d_refused((struct neuron_conv2d_options){0}, "[3,8,8] [4,3,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){0}, "[1,3,8,8] [3,3,3]");
    check_conv2d_refused((struct neuron_conv2d_options){0}, "[1,3,8,8] [4,3,3,3] [3]");
    check_conv2d_refused((struct neuron_conv2d_options){0}, "[1,3,8,8] [4,3,3,3] [1,4]");
    check_conv2d_refused((struct neuron_conv2d_options){0}, "int8[1,3,8,8] int8[4,3,3,3]");
}

static void
pools_slide_over_every_channel(void **state)
{
    (void)state;
    check_pool2d((struct neuron_pool2d_options){.kernel = {2, 2}, .strides = {2, 2}}, "[1,3,8,9]",
                 "float32[1,3,4,4]");
    check_pool2d((struct neuron_pool2d_options){.kernel = {3, 2}}, "[2,5,8,8]", "float32[2,5,6,7]");
    check_pool2d((struct neuron_pool2d_options){.kernel = {3, 3}, .pads = {1, 0, 0, 2}},
                 "[1,1,5,5]", "float32[1,1,4,5]");
    check_pool2d((struct neuron_pool2d_options){.kernel = {7, 7}}, "[4,16,7,7]",
                 "float32[4,16,1,1]");
}

static void
pools_refuse_windows_that_do_not_fit(void **state)
{
    (void)state;
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {0, 2}}, "[1,1,8,8]");
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {2, 0}}, "[1,1,8,8]");
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {9, 2}}, "[1,1,8,8]");
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {2, UINT32_MAX}}, "[1,1,8,8]");
}

static void
pools_refuse_other_ranks_and_types(void **state)
{
    (void)state;
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {2, 2}}, "[8,8]");
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {2, 2}}, "[1,1,1,8,8]");
    check_pool2d_refused((struct neuron_pool2d_options){.kernel = {2, 2}}, "int64[1,1,8,8]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv2d_slides_over_the_input),
        cmocka_unit_test(conv2d_takes_strides_dilations_and_asymmetric_pads),
        cmocka_unit_test(conv2d_takes_groups),
        cmocka_unit_test(conv2d_refuses_channels_that_do_not_fit),
        cmocka_unit_test(conv2d_refuses_a_kernel_that_is_larger_than_the_input),
        cmocka_unit_test(conv2d_refuses_other_ranks_types_and_biases),
        cmocka_unit_test(pools_slide_over_every_channel),
        cmocka_unit_test(pools_refuse_windows_that_do_not_fit),
        cmocka_unit_test(pools_refuse_other_ranks_and_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
