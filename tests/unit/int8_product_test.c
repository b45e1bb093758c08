/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products of 8 bits: a factor for each channel of the weights, one for all of the other operand.
 * They are products of operands that were rounded to 127ths of their peaks; where the machine, or
 * oneDNN, has no kernel for them, those of float32.
 */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/auto_cast.h"
#include "engine/machine.h"
#include "engine_run.h"
#include "product_case.h"

static const struct neuron_compiler_options int8 = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8};

static bool
has_int8(void)
{
    return neuron_machine_has_precision(NEURON_PRECISION_INT8);
}

/* Rounds every element whose index along an axis is this one to 127ths of their peak. */
static void
round_channel(const struct neuron_tensor_view *view, int64_t inner, int64_t extent, int64_t channel)
{
    float *numbers = view->data;
    float peak = 0.0F;

    for (size_t i = 0; i < tensor_element_count(view); i += 1) {
        bool is_in = (int64_t)i / inner % extent == channel;

        peak = is_in ? fmaxf(peak, fabsf(numbers[i])) : peak;
    }
    float factor = peak / 127.0F;
    for (size_t i = 0; factor > 0.0F && i < tensor_element_count(view); i += 1) {
        if ((int64_t)i / inner % extent == channel) {
            numbers[i] = rintf(numbers[i] / factor) * factor;
        }
    }
}

static void
round_operands(const struct product *product)
{
    const struct neuron_tensor_view *left = &product->arguments.tensors[0];
    const struct neuron_tensor_view *weights = &product->arguments.tensors[1];
    uint32_t axis = product->what->channel_axis;
    int64_t inner = 1;

    for (uint32_t i = axis + 1; i < weights->rank; i += 1) {
        inner *= weights->shape[i];
    }
    for (int64_t i = 0; i < weights->shape[axis]; i += 1) {
        round_channel(weights, inner, weights->shape[axis], i);
    }
    round_channel(left, 1, 1, 0);
}

/* Fails unless the result is that of rounded operands, or that of float32 where it may be. */
static void
expect_rounded(const struct product_case *what, const struct product *product)
{
    struct neuron_tensor_view actual = run_product(product, &int8);
    struct neuron_tensor_view exact = run_product_exactly(product);
    bool may_be_exact = !has_int8() || what->right_is_given || what->may_lack_int8_kernel;
    bool is_right = may_be_exact && is_same_product(&actual, &exact);

    if (!is_right && has_int8() && !what->right_is_given) {
        round_operands(product);
        struct neuron_tensor_view rounded = run_product_exactly(product);
        is_right = is_same_product(&actual, &rounded);
        free_tensor(&rounded);
    }
    if (!is_right) {
        print_error("another result: %s\n", what->tensors);
    }
    assert_true(is_right);
    free_tensor(&actual);
    free_tensor(&exact);
}

static void
a_product_is_that_of_operands_rounded_to_127ths_of_peaks(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        struct product product;

        create_product(what, &product);
        expect_rounded(what, &product);
        destroy_product(&product);
    }
}

static void
activations_come_behind_the_sum(void **state)
{
    static unary_fn *const activations[] = {neuron_relu, neuron_sigmoid, neuron_tanh, neuron_gelu};

    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        for (size_t i = 0; i < sizeof(activations) / sizeof(activations[0]); i += 1) {
            struct product_case activated = *what;
            struct product product;

            activated.activate = activations[i];
            create_product(&activated, &product);
            expect_rounded(&activated, &product);
            destroy_product(&product);
        }
    }
}

static void
channels_of_zeros_give_what_is_added(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        struct product product;

        create_product(what, &product);
        float *weights = product.arguments.tensors[1].data;
        for (size_t i = 0; i < tensor_element_count(&product.arguments.tensors[1]); i += 1) {
            weights[i] = 0.0F;
        }
        struct neuron_tensor_view actual = run_product(&product, &int8);
        struct neuron_tensor_view exact = run_product_exactly(&product);
        assert_true(is_same_product(&actual, &exact));
        free_tensor(&actual);
        free_tensor(&exact);
        destroy_product(&product);
    }
}

static void
one_channel_of_zeros_does_not_touch_the_others(void **state)
{
    const struct product_case what = {.tensors = "[2,3,9,9] [8,3,3,3] [8]",
                                      .multiply = multiply_conv};
    struct product product;

    (void)state;
    create_product(&what, &product);
    float *weights = product.arguments.tensors[1].data;
    for (int i = 0; i < 3 * 3 * 3; i += 1) {
        weights[2 * 3 * 3 * 3 + i] = 0.0F;
    }
    expect_rounded(&what, &product);
    destroy_product(&product);
}

static void
an_input_of_zeros_gives_what_is_added(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        struct product product;

        create_product(what, &product);
        float *numbers = product.arguments.tensors[0].data;
        for (size_t i = 0; i < tensor_element_count(&product.arguments.tensors[0]); i += 1) {
            numbers[i] = 0.0F;
        }
        struct neuron_tensor_view actual = run_product(&product, &int8);
        struct neuron_tensor_view exact = run_product_exactly(&product);
        assert_true(is_same_product(&actual, &exact));
        free_tensor(&actual);
        free_tensor(&exact);
        destroy_product(&product);
    }
}

static void
channels_of_very_different_size_keep_their_own_accuracy(void **state)
{
    const struct product_case what = {
        .tensors = "[7,33] [33,20]", .multiply = multiply_matrices, .channel_axis = 1};
    struct product product;

    (void)state;
    create_product(&what, &product);
    float *weights = product.arguments.tensors[1].data;
    for (int i = 0; i < 33 * 20; i += 1) {
        weights[i] *= i % 20 == 3 ? 1e4F : 1.0F;
    }
    expect_rounded(&what, &product);
    destroy_product(&product);
}

static void
tiny_and_huge_operands_keep_their_accuracy(void **state)
{
    static const float sizes[] = {1e-20F, 1e-3F, 1e20F};
    const struct product_case what = {
        .tensors = "[7,33] [33,20]", .multiply = multiply_matrices, .channel_axis = 1};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 1) {
        struct product product;

        create_product(&what, &product);
        float *numbers = product.arguments.tensors[0].data;
        float *weights = product.arguments.tensors[1].data;
        for (int j = 0; j < 7 * 33; j += 1) {
            numbers[j] *= sizes[i];
        }
        for (int j = 0; j < 33 * 20; j += 1) {
            weights[j] /= sizes[i];
        }
        expect_rounded(&what, &product);
        destroy_product(&product);
    }
}

enum { WIDTH = 8 };

/* The positive part of [3,WIDTH] times units: operands show how they were rounded. */
static enum neuron_status
record_units(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    float units[WIDTH * WIDTH] = {0.0F};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {WIDTH, WIDTH}, .data = units};

    for (size_t i = 0; i < WIDTH; i += 1) {
        units[i * WIDTH + i] = 1.0F;
    }
    (void)user;
    y[0] = neuron_matmul(trace, neuron_relu(trace, x[0]), neuron_constant(trace, &view));
    return neuron_trace_status(trace);
}

static void
operands_that_are_never_negative_are_255ths_of_the_peak(void **state)
{
    float numbers[3 * WIDTH];
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {3, WIDTH}, .data = numbers};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    (void)state;
    fill_tensor(&view, 4);
    numbers[5] = 2.0F;
    assert_ok(neuron_trace(record_units, &signature, NULL, &graph, &error), &error);
    neuron_auto_cast(graph, NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    float *result = engine_run_to_floats(graph, (void *const[]){numbers});
    float step = has_int8() ? 2.0F / 255.0F : 1e-6F;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        float wanted = fmaxf(numbers[i], 0.0F);

        assert_true(fabsf(result[i] - wanted) <= 0.501F * step);
        assert_true(!has_int8() || fabsf(result[i] / step - rintf(result[i] / step)) < 1e-3F);
    }
    free(result);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_that_of_operands_rounded_to_127ths_of_peaks),
        cmocka_unit_test(activations_come_behind_the_sum),
        cmocka_unit_test(channels_of_zeros_give_what_is_added),
        cmocka_unit_test(one_channel_of_zeros_does_not_touch_the_others),
        cmocka_unit_test(an_input_of_zeros_gives_what_is_added),
        cmocka_unit_test(channels_of_very_different_size_keep_their_own_accuracy),
        cmocka_unit_test(tiny_and_huge_operands_keep_their_accuracy),
        cmocka_unit_test(operands_that_are_never_negative_are_255ths_of_the_peak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
