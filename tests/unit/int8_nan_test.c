/* SPDX-License-Identifier: Apache-2.0 */
/* Operands of products, of 8 bits above all, that are no numbers, or larger than was measured. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/auto_cast.h"
#include "engine/machine.h"
#include "engine_run.h"
#include "neuron/trace_elementwise.h"
#include "product_case.h"

static const struct neuron_compiler_options int8 = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_INT8};
static const struct neuron_compiler_options float32 = {.auto_cast = NEURON_AUTO_CAST_NONE};

/* Puts one number into the left operand. */
static void
set_number(const struct product *product, size_t index, float number)
{
    ((float *)product->arguments.tensors[0].data)[index] = number;
}

/* Fails unless whatever is no finite number as it was traced is none as it is compiled. */
static void
expect_no_numbers(const struct product_case *what, float number,
                  const struct neuron_compiler_options *options)
{
    struct product product;

    create_product(what, &product);
    set_number(&product, tensor_element_count(&product.arguments.tensors[0]) / 2, number);
    struct neuron_tensor_view actual = run_product(&product, options);
    struct neuron_tensor_view exact = run_product_exactly(&product);
    const float *numbers = actual.data;
    const float *wanted = exact.data;
    for (size_t i = 0; i < tensor_element_count(&actual); i += 1) {
        if (!isfinite(wanted[i]) && isfinite(numbers[i])) {
            print_error("%s: element %zu is %.9g, not %.9g\n", what->tensors, i, (double)numbers[i],
                        (double)wanted[i]);
        }
        assert_true(isfinite(wanted[i]) || !isfinite(numbers[i]));
    }
    free_tensor(&actual);
    free_tensor(&exact);
    destroy_product(&product);
}

static void
an_operand_that_is_no_number_gives_none(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        expect_no_numbers(what, NAN, &int8);
        expect_no_numbers(what, -NAN, &int8);
    }
}

static void
an_operand_that_is_infinite_gives_no_number(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        expect_no_numbers(what, INFINITY, &int8);
        expect_no_numbers(what, -INFINITY, &int8);
    }
}

static void
no_number_stays_none_behind_activations(void **state)
{
    static unary_fn *const activations[] = {neuron_relu, neuron_sigmoid, neuron_tanh,
                                            neuron_gelu, neuron_swish,   neuron_softplus};

    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        for (size_t i = 0; i < sizeof(activations) / sizeof(activations[0]); i += 1) {
            struct product_case activated = *what;

            activated.activate = activations[i];
            expect_no_numbers(&activated, NAN, &int8);
            expect_no_numbers(&activated, NAN, &float32);
        }
    }
}

static const struct product_case matrices = {
    .tensors = "[4,8] [8,5]", .multiply = multiply_matrices, .channel_axis = 1};

/* Runs a product whose operand was measured to be no larger than this. */
static float *
run_with_peak(const struct product *product, float peak)
{
    struct neuron_graph *graph = trace_product(product);
    void *const inputs[1] = {product->arguments.tensors[0].data};

    neuron_auto_cast(graph, NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    assert_int_equal(graph->node_count, 1);
    graph->nodes[0].attributes.input_peak = peak;
    float *result = engine_run_to_floats(graph, inputs);
    neuron_graph_destroy(graph);
    return result;
}

/* The largest difference to the product in float32. */
static float
find_difference(const struct product *product, const float *result)
{
    struct neuron_tensor_view exact = run_product_exactly(product);
    float largest = 0.0F;

    for (size_t i = 0; i < tensor_element_count(&exact); i += 1) {
        largest = fmaxf(largest, fabsf(result[i] - ((const float *)exact.data)[i]));
    }
    free_tensor(&exact);
    return largest;
}

static void
a_measured_peak_takes_the_place_of_the_largest_operand(void **state)
{
    struct product product;

    (void)state;
    create_product(&matrices, &product);
    float *coarse = run_with_peak(&product, 20.0F);
    float *fine = run_with_peak(&product, 1.0F);
    assert_true(find_difference(&product, fine) < 8.0F * 1.1F / 127.0F);
    if (neuron_machine_has_precision(NEURON_PRECISION_INT8)) {
        assert_true(find_difference(&product, coarse) > find_difference(&product, fine));
    }
    free(fine);
    free(coarse);
    destroy_product(&product);
}

static void
operands_above_the_measured_peak_are_cut_off(void **state)
{
    struct product product;

    (void)state;
    if (!neuron_machine_has_precision(NEURON_PRECISION_INT8)) {
        skip();
    }
    create_product(&matrices, &product);
    set_number(&product, 0, 1000.0F);
    set_number(&product, 8, -1000.0F);
    float *cut = run_with_peak(&product, 1.0F);
    set_number(&product, 0, 1.0F);
    set_number(&product, 8, -1.0F);
    float *wanted = run_with_peak(&product, 1.0F);
    for (size_t i = 0; i < 20; i += 1) {
        assert_true(cut[i] == wanted[i]);
    }
    free(cut);
    free(wanted);
    destroy_product(&product);
}

/* Fails unless a number in the first row leaves the others bit for bit as they are without it. */
static void
expect_rows_apart(const struct product_case *what, float number)
{
    struct product product;

    create_product(what, &product);
    float *wanted = run_with_peak(&product, 1.0F);
    set_number(&product, 3, number);
    float *actual = run_with_peak(&product, 1.0F);
    float *again = run_with_peak(&product, 1.0F);
    struct neuron_tensor_view exact = run_product_exactly(&product);
    size_t count = tensor_element_count(&exact);
    size_t row = count / (size_t)exact.shape[0];
    assert_memory_equal(actual + row, wanted + row, (count - row) * sizeof(*wanted));
    assert_memory_equal(actual, again, count * sizeof(*again));
    for (size_t i = 0; neuron_machine_has_precision(NEURON_PRECISION_INT8) && i < row; i += 1) {
        assert_false(!isfinite(actual[i]));
    }
    free_tensor(&exact);
    free(again);
    free(actual);
    free(wanted);
    destroy_product(&product);
}

static void
a_measured_peak_keeps_rows_apart_from_what_is_no_number(void **state)
{
    static const float numbers[] = {NAN, -NAN, INFINITY, -INFINITY};
    static const struct product_case images = {.tensors = "[3,3,9,9] [8,3,3,3]",
                                               .multiply = multiply_conv};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        expect_rows_apart(&matrices, numbers[i]);
        expect_rows_apart(&images, numbers[i]);
    }
}

static void
peaks_that_no_compiler_writes_do_no_harm(void **state)
{
    static const float peaks[] = {1e-38F, 3e38F, 0.0F};

    (void)state;
    for (size_t i = 0; i < sizeof(peaks) / sizeof(peaks[0]); i += 1) {
        struct product product;

        create_product(&matrices, &product);
        float *result = run_with_peak(&product, peaks[i]);
        for (size_t j = 0; j < 20; j += 1) {
            assert_false(!isfinite(result[j]));
        }
        free(result);
        destroy_product(&product);
    }
}

static void
weights_that_are_no_numbers_give_none(void **state)
{
    static const float wrong[] = {NAN, INFINITY, -INFINITY};

    (void)state;
    /* Once as the first of its channel, and once as the last. */
    for (size_t i = 0; i < 2 * sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        struct product product;

        create_product(&matrices, &product);
        ((float *)product.arguments.tensors[1].data)[i % 2 == 0 ? 2 : 7 * 5 + 2] = wrong[i / 2];
        struct neuron_tensor_view result = run_product(&product, &int8);
        const float *numbers = result.data;
        for (size_t j = 0; j < 20; j += 1) {
            assert_int_equal(isfinite(numbers[j]) == 0, j % 5 == 2);
        }
        free_tensor(&result);
        destroy_product(&product);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operand_that_is_no_number_gives_none),
        cmocka_unit_test(an_operand_that_is_infinite_gives_no_number),
        cmocka_unit_test(no_number_stays_none_behind_activations),
        cmocka_unit_test(a_measured_peak_takes_the_place_of_the_largest_operand),
        cmocka_unit_test(operands_above_the_measured_peak_are_cut_off),
        cmocka_unit_test(a_measured_peak_keeps_rows_apart_from_what_is_no_number),
        cmocka_unit_test(peaks_that_no_compiler_writes_do_no_harm),
        cmocka_unit_test(weights_that_are_no_numbers_give_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
