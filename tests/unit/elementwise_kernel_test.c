/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise kernels of our own, on every type, against numbers worked out by hand. */
#include "engine/kernels/kernel.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "engine/kernels/strip.h"

enum { COUNT = 4 };

static const enum neuron_type numbers[] = {NEURON_FLOAT32, NEURON_FLOAT64, NEURON_BFLOAT16,
                                           NEURON_FLOAT16, NEURON_INT8,    NEURON_INT32,
                                           NEURON_INT64};

static struct neuron_tensor_view
vector_of(enum neuron_type type, const double *elements)
{
    struct neuron_tensor_view view = {.type = type, .rank = 1, .shape = {COUNT}};

    view.data = calloc(COUNT, neuron_type_size_bytes(type));
    assert_non_null(view.data);
    if (elements != NULL) {
        neuron_strip_store_real(type, view.data, COUNT, elements);
    }
    return view;
}

/* Runs a kernel, and returns what it says; the result is read into `result`. */
static enum neuron_status
run(enum neuron_operator kind, const struct neuron_attributes *attributes,
    struct neuron_tensor_view *inputs, uint32_t input_count, enum neuron_type type, double *result)
{
    struct neuron_tensor_view output = vector_of(type, NULL);
    struct neuron_error error = {0};
    const struct neuron_kernel_call call = {.kind = kind,
                                            .attributes = attributes,
                                            .inputs = inputs,
                                            .input_count = input_count,
                                            .output = output};
    enum neuron_status status = neuron_kernel_find(kind)->run(&call, &error);

    neuron_strip_load_real(type, output.data, 1, COUNT, result);
    free(output.data);
    for (uint32_t i = 0; i < input_count; i += 1) {
        free(inputs[i].data);
    }
    if (status != NEURON_OK) {
        assert_contains(error.text, neuron_operator_name(kind));
    }
    return status;
}

static void
expect_element(double result, double expected, double tolerance, enum neuron_operator kind)
{
    if (!(fabs(result - expected) <= tolerance * fmax(1.0, fabs(expected)))) {
        fail_msg("%s: an element is %g, not %g", neuron_operator_name(kind), result, expected);
    }
}

static void
expect(const double *result, const double *expected, double tolerance, enum neuron_operator kind)
{
    for (int i = 0; i < COUNT; i += 1) {
        expect_element(result[i], expected[i], tolerance, kind);
    }
}

/* What an operator makes of these numbers, in a type whose numbers are as exact as said. */
static void
check_unary(enum neuron_operator kind, enum neuron_type type, const double *from,
            const double *expected)
{
    static const double exactness[] = {[NEURON_FLOAT32] = 1e-6,
                                       [NEURON_FLOAT64] = 1e-12,
                                       [NEURON_BFLOAT16] = 8e-3,
                                       [NEURON_FLOAT16] = 1e-3,
                                       [NEURON_BOOL] = 0.0};
    const struct neuron_attributes attributes = {
        .alpha = 0.5F, .beta = 0.25F, .low = -1.0F, .high = 1.5F, .mode = 2};
    struct neuron_tensor_view input = vector_of(type, from);
    double result[COUNT] = {0};

    assert_int_equal(run(kind, &attributes, &input, 1, type, result), NEURON_OK);
    expect(result, expected, type > NEURON_FLOAT16 ? 0.0 : exactness[type], kind);
}

static const struct {
    enum neuron_operator kind;
    double expected[COUNT]; /* of -2, -0.5, 0, 1.5 */
} reals[] = {
    {NEURON_OPERATOR_RELU, {0, 0, 0, 1.5}},
    {NEURON_OPERATOR_GELU, {-0.04550026, -0.15426877, 0, 1.39978919}},
    {NEURON_OPERATOR_GELU_TANH, {-0.04540231, -0.15428599, 0, 1.39957193}},
    {NEURON_OPERATOR_SIGMOID, {0.11920292, 0.37754067, 0.5, 0.81757448}},
    {NEURON_OPERATOR_TANH, {-0.96402758, -0.46211716, 0, 0.90514825}},
    {NEURON_OPERATOR_CLIP, {-1, -0.5, 0, 1.5}},
    {NEURON_OPERATOR_NEGATE, {2, 0.5, 0, -1.5}},
    {NEURON_OPERATOR_ABSOLUTE, {2, 0.5, 0, 1.5}},
    {NEURON_OPERATOR_SIGN, {-1, -1, 0, 1}},
    {NEURON_OPERATOR_FLOOR, {-2, -1, 0, 1}},
    {NEURON_OPERATOR_CEIL, {-2, 0, 0, 2}},
    {NEURON_OPERATOR_ROUND, {-2, 0, 0, 2}},
    {NEURON_OPERATOR_EXP, {0.13533528, 0.60653066, 1, 4.48168907}},
    {NEURON_OPERATOR_ERF, {-0.99532227, -0.52049988, 0, 0.96610515}},
    {NEURON_OPERATOR_SIN, {-0.90929743, -0.47942554, 0, 0.99749499}},
    {NEURON_OPERATOR_COS, {-0.41614684, 0.87758256, 1, 0.07073720}},
    {NEURON_OPERATOR_ATAN, {-1.10714872, -0.46364761, 0, 0.98279372}},
    {NEURON_OPERATOR_SINH, {-3.62686041, -0.52109531, 0, 2.12927946}},
    {NEURON_OPERATOR_COSH, {3.76219569, 1.12762597, 1, 2.35240962}},
    {NEURON_OPERATOR_ASINH, {-1.44363548, -0.48121183, 0, 1.19476322}},
    {NEURON_OPERATOR_LEAKY_RELU, {-1, -0.25, 0, 1.5}},
    {NEURON_OPERATOR_ELU, {-0.43233236, -0.19673467, 0, 1.5}},
    {NEURON_OPERATOR_SELU, {-0.10808309, -0.04918367, 0, 0.375}},
    {NEURON_OPERATOR_CELU, {-0.49084218, -0.31606028, 0, 1.5}},
    {NEURON_OPERATOR_HARD_SIGMOID, {0, 0, 0.25, 1}},
    {NEURON_OPERATOR_HARD_SWISH, {-0.33333333, -0.20833333, 0, 1.125}},
    {NEURON_OPERATOR_MISH, {-0.25250148, -0.22074400, 0, 1.40337825}},
    {NEURON_OPERATOR_SOFTPLUS, {0.12692801, 0.47407698, 0.69314718, 1.70141328}},
    {NEURON_OPERATOR_SOFTSIGN, {-0.66666667, -0.33333333, 0, 0.6}},
    {NEURON_OPERATOR_THRESHOLDED_RELU, {0, 0, 0, 1.5}},
    {NEURON_OPERATOR_SHRINK, {-1.75, 0, 0, 1.25}},
    {NEURON_OPERATOR_SWISH, {-0.23840584, -0.18877033, 0, 1.22636171}},
};

static void
functions_of_reals_give_what_they_should(void **state)
{
    /* Not float64: the table has 8 digits. */
    static const enum neuron_type types[] = {NEURON_FLOAT32, NEURON_BFLOAT16, NEURON_FLOAT16};
    static const double from[COUNT] = {-2, -0.5, 0, 1.5};

    (void)state;
    for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i += 1) {
        for (size_t j = 0; j < sizeof(types) / sizeof(types[0]); j += 1) {
            check_unary(reals[i].kind, types[j], from, reals[i].expected);
        }
    }
}

static void
functions_of_positive_reals_give_what_they_should(void **state)
{
    static const double from[COUNT] = {0.25, 0.5, 0.75, 1};
    static const struct {
        enum neuron_operator kind;
        double expected[COUNT];
    } cases[] = {
        {NEURON_OPERATOR_RECIPROCAL, {4, 2, 1.33333333, 1}},
        {NEURON_OPERATOR_SQRT, {0.5, 0.70710678, 0.86602540, 1}},
        {NEURON_OPERATOR_LOG, {-1.38629436, -0.69314718, -0.28768207, 0}},
        {NEURON_OPERATOR_ASIN, {0.25268026, 0.52359878, 0.84806208, 1.57079633}},
        {NEURON_OPERATOR_ACOS, {1.31811607, 1.04719755, 0.72273425, 0}},
        {NEURON_OPERATOR_TAN, {0.25534192, 0.54630249, 0.93159646, 1.55740772}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i += 1) {
        check_unary(cases[i].kind, NEURON_FLOAT32, from, cases[i].expected);
        check_unary(cases[i].kind, NEURON_FLOAT16, from, cases[i].expected);
    }
}

static void
float64_is_computed_as_such(void **state)
{
    static const double from[COUNT] = {-2, -0.5, 0, 1.5};
    double expected[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i += 1) {
        expected[i] = exp(from[i]);
    }
    check_unary(NEURON_OPERATOR_EXP, NEURON_FLOAT64, from, expected);
    for (int i = 0; i < COUNT; i += 1) {
        expected[i] = erf(from[i]);
    }
    check_unary(NEURON_OPERATOR_ERF, NEURON_FLOAT64, from, expected);
}

static void
functions_of_whole_numbers_are_exact(void **state)
{
    static const double from[COUNT] = {-128, -3, 0, 127};
    static const double absolute[COUNT] = {-128, 3, 0, 127}; /* 128 wraps around */
    static const double sign[COUNT] = {-1, -1, 0, 1};
    static const double relu[COUNT] = {0, 0, 0, 127};
    static const double inverted[COUNT] = {127, 2, -1, -128};

    (void)state;
    check_unary(NEURON_OPERATOR_ABSOLUTE, NEURON_INT8, from, absolute);
    check_unary(NEURON_OPERATOR_SIGN, NEURON_INT8, from, sign);
    check_unary(NEURON_OPERATOR_RELU, NEURON_INT8, from, relu);
    check_unary(NEURON_OPERATOR_BITWISE_NOT, NEURON_INT8, from, inverted);
    check_unary(NEURON_OPERATOR_FLOOR, NEURON_INT64, from, from);
}

/* What an operator makes of two vectors. */
static void
check_binary(enum neuron_operator kind, enum neuron_type type, const double *left,
             const double *right, const double *expected)
{
    const struct neuron_attributes attributes = {0};
    struct neuron_tensor_view inputs[2] = {vector_of(type, left), vector_of(type, right)};
    bool is_test = kind >= NEURON_OPERATOR_EQUAL && kind <= NEURON_OPERATOR_GREATER_OR_EQUAL;
    double result[COUNT] = {0};

    assert_int_equal(run(kind, &attributes, inputs, 2, is_test ? NEURON_BOOL : type, result),
                     NEURON_OK);
    expect(result, expected, type <= NEURON_FLOAT16 ? 4e-3 : 0.0, kind);
}

static const struct {
    enum neuron_operator kind;
    double expected[COUNT]; /* of 7, -7, 4, 3 and 2, 2, 4, -2 */
} pairs[] = {
    {NEURON_OPERATOR_ADD, {9, -5, 8, 1}},
    {NEURON_OPERATOR_SUBTRACT, {5, -9, 0, 5}},
    {NEURON_OPERATOR_MULTIPLY, {14, -14, 16, -6}},
    {NEURON_OPERATOR_MINIMUM, {2, -7, 4, -2}},
    {NEURON_OPERATOR_MAXIMUM, {7, 2, 4, 3}},
    {NEURON_OPERATOR_MODULO, {1, 1, 0, -1}},
    {NEURON_OPERATOR_REMAINDER, {1, -1, 0, 1}},
    {NEURON_OPERATOR_PRELU, {7, -14, 4, 3}},
    {NEURON_OPERATOR_EQUAL, {0, 0, 1, 0}},
    {NEURON_OPERATOR_LESS, {0, 1, 0, 0}},
    {NEURON_OPERATOR_LESS_OR_EQUAL, {0, 1, 1, 0}},
    {NEURON_OPERATOR_GREATER, {1, 0, 0, 1}},
    {NEURON_OPERATOR_GREATER_OR_EQUAL, {1, 0, 1, 1}},
};

static void
pairs_of_every_type_give_what_they_should(void **state)
{
    static const double left[COUNT] = {7, -7, 4, 3};
    static const double right[COUNT] = {2, 2, 4, -2};

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i += 1) {
        for (size_t j = 0; j < sizeof(numbers) / sizeof(numbers[0]); j += 1) {
            check_binary(pairs[i].kind, numbers[j], left, right, pairs[i].expected);
        }
    }
}

static void
quotients_of_whole_numbers_drop_the_fraction(void **state)
{
    static const double left[COUNT] = {7, -7, 7, -128};
    static const double right[COUNT] = {2, 2, -2, -1};
    static const double expected[COUNT] = {3, -3, -3, -128}; /* the last one wraps around */
    static const double real[COUNT] = {3.5, -3.5, -3.5, 128};

    (void)state;
    check_binary(NEURON_OPERATOR_DIVIDE, NEURON_INT8, left, right, expected);
    check_binary(NEURON_OPERATOR_DIVIDE, NEURON_FLOAT32, left, right, real);
}

static void
whole_numbers_are_not_divided_by_zero(void **state)
{
    static const enum neuron_operator kinds[] = {NEURON_OPERATOR_DIVIDE, NEURON_OPERATOR_MODULO,
                                                 NEURON_OPERATOR_REMAINDER};
    static const double left[COUNT] = {1, 2, 3, 4};
    static const double right[COUNT] = {1, 2, 0, 4};
    const struct neuron_attributes attributes = {0};
    double result[COUNT] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i += 1) {
        struct neuron_tensor_view inputs[2] = {vector_of(NEURON_INT64, left),
                                               vector_of(NEURON_INT64, right)};

        assert_int_equal(run(kinds[i], &attributes, inputs, 2, NEURON_INT64, result),
                         NEURON_INVALID_ARGUMENT);
    }
}

static void
powers_take_an_exponent_of_another_type(void **state)
{
    static const double base[COUNT] = {2, -3, 5, 0};
    static const double exponent[COUNT] = {10, 3, -1, 0};
    static const double whole[COUNT] = {1024, -27, 0, 1};
    const struct neuron_attributes attributes = {0};
    double result[COUNT] = {0};

    (void)state;
    check_binary(NEURON_OPERATOR_POWER, NEURON_INT32, base, exponent, whole);
    struct neuron_tensor_view inputs[2] = {vector_of(NEURON_INT64, base),
                                           vector_of(NEURON_FLOAT32, exponent)};
    assert_int_equal(run(NEURON_OPERATOR_POWER, &attributes, inputs, 2, NEURON_INT64, result),
                     NEURON_OK);
    expect(result, whole, 0.0, NEURON_OPERATOR_POWER);
}

static void
bits_are_combined(void **state)
{
    static const double left[COUNT] = {12, 255, 1, 128};
    static const double right[COUNT] = {10, 15, 7, 9};
    static const double both[COUNT] = {8, 15, 1, 0};
    static const double either[COUNT] = {14, 255, 7, 137};
    static const double one[COUNT] = {6, 240, 6, 137};
    static const double shifted[COUNT] = {0, 0, 128, 0};
    static const double dropped[COUNT] = {0, 0, 0, 0};

    (void)state;
    check_binary(NEURON_OPERATOR_BITWISE_AND, NEURON_UINT8, left, right, both);
    check_binary(NEURON_OPERATOR_BITWISE_OR, NEURON_UINT8, left, right, either);
    check_binary(NEURON_OPERATOR_BITWISE_XOR, NEURON_UINT8, left, right, one);
    check_binary(NEURON_OPERATOR_SHIFT_LEFT, NEURON_UINT8, left, right, shifted);
    check_binary(NEURON_OPERATOR_SHIFT_RIGHT, NEURON_UINT8, left, right, dropped);
}

static void
casts_cut_off_fractions_and_saturate_nothing(void **state)
{
    static const double from[COUNT] = {-2.75, 2.75, 300, 0.5};
    static const double whole[COUNT] = {-2, 2, 300, 0};
    static const double byte[COUNT] = {254, 2, 44, 0};
    static const double truth[COUNT] = {1, 1, 1, 1};
    const struct neuron_attributes attributes = {0};
    double result[COUNT] = {0};

    (void)state;
    struct neuron_tensor_view input = vector_of(NEURON_FLOAT32, from);
    assert_int_equal(run(NEURON_OPERATOR_CAST, &attributes, &input, 1, NEURON_INT64, result),
                     NEURON_OK);
    expect(result, whole, 0.0, NEURON_OPERATOR_CAST);
    input = vector_of(NEURON_FLOAT64, from);
    assert_int_equal(run(NEURON_OPERATOR_CAST, &attributes, &input, 1, NEURON_UINT8, result),
                     NEURON_OK);
    expect(result, byte, 0.0, NEURON_OPERATOR_CAST);
    input = vector_of(NEURON_FLOAT16, from);
    assert_int_equal(run(NEURON_OPERATOR_CAST, &attributes, &input, 1, NEURON_BOOL, result),
                     NEURON_OK);
    expect(result, truth, 0.0, NEURON_OPERATOR_CAST);
}

static void
large_whole_numbers_stay_exact(void **state)
{
    int64_t left[COUNT] = {INT64_MAX, INT64_MIN, (int64_t)1 << 62, (int64_t)1 << 53};
    int64_t right[COUNT] = {1, 1, 2, 1};
    int64_t sum[COUNT] = {0};
    const struct neuron_attributes attributes = {0};
    struct neuron_tensor_view inputs[2] = {
        {.type = NEURON_INT64, .rank = 1, .shape = {COUNT}, .data = left},
        {.type = NEURON_INT64, .rank = 1, .shape = {COUNT}, .data = right}};
    const struct neuron_kernel_call call = {
        .kind = NEURON_OPERATOR_ADD,
        .attributes = &attributes,
        .inputs = inputs,
        .input_count = 2,
        .output = {.type = NEURON_INT64, .rank = 1, .shape = {COUNT}, .data = sum}};

    (void)state;
    assert_ok(neuron_kernel_binary(&call, NULL), NULL);
    assert_true(sum[0] == INT64_MIN); /* wrapped around */
    assert_true(sum[1] == INT64_MIN + 1);
    assert_true(sum[3] == ((int64_t)1 << 53) + 1);
}

static void
infinities_are_told_apart(void **state)
{
    static const double from[COUNT] = {INFINITY, -INFINITY, 1, NAN};
    static const double expected[3][COUNT] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {1, 1, 0, 0}};
    static const double no_number[COUNT] = {0, 0, 0, 1};
    struct neuron_attributes attributes = {0};
    double result[COUNT] = {0};

    (void)state;
    for (uint32_t mode = 1; mode <= 3; mode += 1) {
        struct neuron_tensor_view input = vector_of(NEURON_FLOAT16, from);

        attributes.mode = mode;
        assert_int_equal(run(NEURON_OPERATOR_IS_INF, &attributes, &input, 1, NEURON_BOOL, result),
                         NEURON_OK);
        expect(result, expected[mode - 1], 0.0, NEURON_OPERATOR_IS_INF);
    }
    struct neuron_tensor_view input = vector_of(NEURON_FLOAT64, from);
    assert_int_equal(run(NEURON_OPERATOR_IS_NAN, &attributes, &input, 1, NEURON_BOOL, result),
                     NEURON_OK);
    expect(result, no_number, 0.0, NEURON_OPERATOR_IS_NAN);
}

static void
any_byte_but_zero_is_true(void **state)
{
    uint8_t bytes[COUNT] = {0, 1, 2, 255};
    uint8_t ones[COUNT] = {1, 1, 1, 1};
    bool answers[COUNT] = {false};
    const struct neuron_attributes attributes = {0};
    struct neuron_tensor_view inputs[2] = {
        {.type = NEURON_BOOL, .rank = 1, .shape = {COUNT}, .data = bytes},
        {.type = NEURON_BOOL, .rank = 1, .shape = {COUNT}, .data = ones}};
    const struct neuron_kernel_call call = {
        .kind = NEURON_OPERATOR_EQUAL,
        .attributes = &attributes,
        .inputs = inputs,
        .input_count = 2,
        .output = {.type = NEURON_BOOL, .rank = 1, .shape = {COUNT}, .data = answers}};

    (void)state;
    assert_ok(neuron_kernel_compare(&call, NULL), NULL);
    assert_false(answers[0]);
    assert_true(answers[1] && answers[2] && answers[3]);
}

static void
a_condition_chooses(void **state)
{
    static const double condition[COUNT] = {1, 0, 0, 1};
    static const double then[COUNT] = {1, 2, 3, 4};
    static const double otherwise[COUNT] = {-1, -2, -3, -4};
    static const double expected[COUNT] = {1, -2, -3, 4};
    const struct neuron_attributes attributes = {0};
    double result[COUNT] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        struct neuron_tensor_view inputs[3] = {vector_of(NEURON_BOOL, condition),
                                               vector_of(numbers[i], then),
                                               vector_of(numbers[i], otherwise)};

        assert_int_equal(run(NEURON_OPERATOR_WHERE, &attributes, inputs, 3, numbers[i], result),
                         NEURON_OK);
        expect(result, expected, 0.0, NEURON_OPERATOR_WHERE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_reals_give_what_they_should),
        cmocka_unit_test(functions_of_positive_reals_give_what_they_should),
        cmocka_unit_test(float64_is_computed_as_such),
        cmocka_unit_test(functions_of_whole_numbers_are_exact),
        cmocka_unit_test(pairs_of_every_type_give_what_they_should),
        cmocka_unit_test(quotients_of_whole_numbers_drop_the_fraction),
        cmocka_unit_test(whole_numbers_are_not_divided_by_zero),
        cmocka_unit_test(powers_take_an_exponent_of_another_type),
        cmocka_unit_test(bits_are_combined),
        cmocka_unit_test(casts_cut_off_fractions_and_saturate_nothing),
        cmocka_unit_test(large_whole_numbers_stay_exact),
        cmocka_unit_test(infinities_are_told_apart),
        cmocka_unit_test(any_byte_but_zero_is_true),
        cmocka_unit_test(a_condition_chooses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
