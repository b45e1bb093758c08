/* SPDX-License-Identifier: Apache-2.0 */
/* Packed products by each code that this processor runs, against sums in double. */
#include "engine/kernels/packed_product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "product_example.h"

static void
check_shape(int code, int64_t rows, int64_t depth, int64_t columns)
{
    struct product_example example;

    if (product_example_begin(&example, code, depth, columns)) {
        product_example_make(&example, rows, 0);
        product_example_expect(&example);
        product_example_release(&example);
    }
}

static void
every_number_of_rows_columns_and_depth_is_multiplied(void **state)
{
    static const int64_t depths[] = {1, 2, 15, 17, 64};

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        for (int64_t rows = 1; rows <= 26; rows += 1) {
            check_shape(code, rows, depths[rows % 5], 33);
        }
        for (int64_t columns = 1; columns <= 70; columns += 1) {
            check_shape(code, 13, depths[columns % 5], columns);
        }
    }
}

static void
what_is_deeper_than_a_block_is_multiplied(void **state)
{
    static const int64_t depths[] = {768, 769, 1537, 2048, 3136};

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        for (int i = 0; i < 5; i += 1) {
            check_shape(code, 7, depths[i], 80);
            check_shape(code, 161, depths[i], 65);
        }
    }
}

/* Tiles have fewer rows where these are a multiple of 4096 bytes apart. */
static void
rows_far_apart_have_the_bits_of_near_ones(void **state)
{
    struct product_example near;
    struct product_example far;

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        if (!product_example_begin(&near, code, 1000, 48)) {
            continue;
        }
        far = near;
        product_example_make(&near, 100, 0);
        product_example_make(&far, 100, 24);
        for (int64_t i = 0; i < 100; i += 1) {
            memcpy(far.left.numbers + i * 1024, near.left.numbers + i * 1000, 1000 * sizeof(float));
        }
        product_example_expect(&near);
        product_example_expect(&far);
        for (int64_t i = 0; i < 100; i += 1) {
            assert_memory_equal(far.result.numbers + i * 72, near.result.numbers + i * 48,
                                48 * sizeof(float));
        }
        product_example_release(&near);
        product_example_release(&far);
    }
}

static void
bias_and_what_the_result_held_are_added(void **state)
{
    struct product_example example;

    (void)state;
    for (int variant = 0; variant < 4 * NEURON_PRODUCT_CODE_COUNT; variant += 1) {
        int64_t depth = variant % 2 == 0 ? 100 : 1000;

        if (!product_example_begin(&example, variant / 4, depth, 45)) {
            continue;
        }
        product_example_make(&example, 20, 3);
        example.call.adds_result = true;
        if (variant % 4 >= 2) {
            example.call.bias = NULL;
        }
        product_example_expect(&example);
        product_example_release(&example);
    }
}

static void
check_activation(enum neuron_operator activation)
{
    struct product_example example;

    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        if (product_example_begin(&example, code, 800, 71)) {
            example.product.activation = activation;
            product_example_make(&example, 15, 1);
            example.call.adds_result = true;
            product_example_expect(&example);
            product_example_release(&example);
        }
    }
}

static void
each_activation_is_applied_once(void **state)
{
    int count = 0;

    (void)state;
    for (int i = 1; i < NEURON_OPERATOR_END; i += 1) {
        if (neuron_packed_product_activates((enum neuron_operator)i)) {
            check_activation((enum neuron_operator)i);
            count += 1;
        }
    }
    assert_int_equal(count, 8);
}

static void
operators_that_are_no_activation_of_ours_are_refused(void **state)
{
    (void)state;
    assert_true(neuron_packed_product_activates(NEURON_OPERATOR_RELU));
    assert_true(neuron_packed_product_activates(NEURON_OPERATOR_GELU));
    assert_false(neuron_packed_product_activates(NEURON_OPERATOR_NONE));
    assert_false(neuron_packed_product_activates(NEURON_OPERATOR_SOFTMAX));
    assert_false(neuron_packed_product_activates(NEURON_OPERATOR_ELU));
    assert_false(neuron_packed_product_activates(NEURON_OPERATOR_MATMUL));
}

/* Runs some rows of an example alone, and expects the bits that all of them had together. */
static void
expect_same_bits(const struct product_example *example, const float *together, int64_t first,
                 int64_t rows)
{
    const struct neuron_packed_product_call *call = &example->call;
    struct neuron_packed_product_call part = *call;
    size_t bytes = (size_t)example->product.columns * sizeof(float);

    part.left += first * call->left_stride;
    part.result += first * call->result_stride;
    part.rows = rows;
    neuron_packed_product_run(&example->product, &part);
    for (int64_t i = first; i < first + rows; i += 1) {
        assert_memory_equal(call->result + i * call->result_stride,
                            together + i * call->result_stride, bytes);
    }
}

static void
a_row_has_the_same_bits_beside_any_others(void **state)
{
    struct product_example example;

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        if (!product_example_begin(&example, code, 1024, 75)) {
            continue;
        }
        example.product.activation = NEURON_OPERATOR_GELU;
        product_example_make(&example, 300, 0);
        size_t bytes = (size_t)300 * 75 * sizeof(float);
        float *together = malloc(bytes);
        assert_non_null(together);
        neuron_packed_product_run(&example.product, &example.call);
        memcpy(together, example.call.result, bytes);
        for (int64_t rows = 1; rows < 140; rows += rows < 14 ? 1 : 25) {
            expect_same_bits(&example, together, 0, rows);
            expect_same_bits(&example, together, 300 - rows, rows);
        }
        free(together);
        product_example_release(&example);
    }
}

static void
what_lies_between_rows_of_the_result_stays(void **state)
{
    struct product_example example;

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        if (!product_example_begin(&example, code, 30, 41)) {
            continue;
        }
        product_example_make(&example, 14, 5);
        product_example_expect(&example);
        for (int64_t i = 0; i < 13; i += 1) {
            assert_memory_equal(example.result.numbers + i * 46 + 41,
                                example.before.numbers + i * 46 + 41, 5 * sizeof(float));
        }
        product_example_release(&example);
    }
}

static void
no_rows_leave_everything_as_it_was(void **state)
{
    struct product_example example;

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        if (product_example_begin(&example, code, 30, 41)) {
            product_example_make(&example, 2, 0);
            example.call.rows = 0;
            neuron_packed_product_run(&example.product, &example.call);
            assert_memory_equal(example.result.numbers, example.before.numbers,
                                (size_t)82 * sizeof(float));
            product_example_release(&example);
        }
    }
}

static void
weights_pack_the_same_from_either_order(void **state)
{
    enum { DEPTH = 790, COLUMNS = 39 };
    struct product_example example;

    (void)state;
    assert_true(product_example_begin(&example, (int)neuron_product_code_best(), DEPTH, COLUMNS));
    product_example_make(&example, 1, 0);
    size_t bytes = neuron_packed_product_bytes(&example.product);
    float *turned = calloc((size_t)DEPTH * COLUMNS, sizeof(float));
    float *packed = aligned_alloc(NEURON_PRODUCT_ALIGNMENT, bytes);
    assert_non_null(turned);
    assert_non_null(packed);
    for (int64_t i = 0; i < (int64_t)DEPTH * COLUMNS; i += 1) {
        turned[i % COLUMNS * DEPTH + i / COLUMNS] = example.weights.numbers[i];
    }
    neuron_packed_product_pack(&example.product, turned, 1, DEPTH, packed);
    assert_memory_equal(packed, example.packed.numbers, bytes);
    free(turned);
    free(packed);
    product_example_release(&example);
}

static void
packed_weights_take_no_more_than_full_vectors(void **state)
{
    struct neuron_packed_product product = {.depth = 768, .columns = 1000};

    (void)state;
    for (int code = 0; code < NEURON_PRODUCT_CODE_COUNT; code += 1) {
        product.code = (enum neuron_product_code)code;
        assert_int_equal(neuron_packed_product_bytes(&product), 768 * 1008 * 4);
    }
}

static void
sizes_that_do_not_fit_are_told(void **state)
{
    struct neuron_packed_product product = {.depth = INT64_MAX / 2, .columns = 3};

    (void)state;
    assert_int_equal(neuron_packed_product_bytes(&product), 0);
    product.columns = INT64_MAX;
    assert_int_equal(neuron_packed_product_bytes(&product), 0);
    product.depth = 1;
    product.columns = INT64_MAX / 4;
    assert_int_equal(neuron_packed_product_bytes(&product), 0);
}

/* Passes on what is no number, as the operators do that stand alone. */
static void
what_is_no_number_reaches_the_result(void **state)
{
    static const enum neuron_operator activations[] = {NEURON_OPERATOR_RELU, NEURON_OPERATOR_CLIP,
                                                       NEURON_OPERATOR_LEAKY_RELU,
                                                       NEURON_OPERATOR_GELU, NEURON_OPERATOR_TANH};
    struct product_example example;

    (void)state;
    for (int i = 0; i < 5 * NEURON_PRODUCT_CODE_COUNT; i += 1) {
        if (!product_example_begin(&example, i / 5, 20, 33)) {
            continue;
        }
        example.product.activation = activations[i % 5];
        product_example_make(&example, 3, 0);
        example.left.numbers[20] = NAN;
        neuron_packed_product_run(&example.product, &example.call);
        for (int64_t j = 0; j < 33; j += 1) {
            assert_true(isnan(example.result.numbers[j]) == 0);
            assert_true(isnan(example.result.numbers[33 + j]) != 0);
            assert_true(isnan(example.result.numbers[66 + j]) == 0);
        }
        product_example_release(&example);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_rows_columns_and_depth_is_multiplied),
        cmocka_unit_test(what_is_deeper_than_a_block_is_multiplied),
        cmocka_unit_test(rows_far_apart_have_the_bits_of_near_ones),
        cmocka_unit_test(bias_and_what_the_result_held_are_added),
        cmocka_unit_test(each_activation_is_applied_once),
        cmocka_unit_test(operators_that_are_no_activation_of_ours_are_refused),
        cmocka_unit_test(a_row_has_the_same_bits_beside_any_others),
        cmocka_unit_test(what_lies_between_rows_of_the_result_stays),
        cmocka_unit_test(no_rows_leave_everything_as_it_was),
        cmocka_unit_test(weights_pack_the_same_from_either_order),
        cmocka_unit_test(packed_weights_take_no_more_than_full_vectors),
        cmocka_unit_test(sizes_that_do_not_fit_are_told),
        cmocka_unit_test(what_is_no_number_reaches_the_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
