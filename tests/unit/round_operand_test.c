/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel that rounds the left side of a product to 8 bits, on numbers in a row. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/kernels/kernel.h"

enum { COUNT = 67 };

/* What the kernel made of some numbers. */
struct rounded {
    int numbers[COUNT];
    float factor;
};

static struct rounded
round_numbers(const float *numbers, size_t count, enum neuron_type type, float peak)
{
    /* Memory of exactly the size that the kernel may touch. */
    float *input = malloc(count * sizeof(*input));
    unsigned char *output = malloc(count);
    float factor = -1.0F;
    const struct neuron_attributes attributes = {.input_peak = peak};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {(int64_t)count}, .data = input};
    const struct neuron_kernel_call call = {
        .attributes = &attributes,
        .inputs = &view,
        .input_count = 1,
        .output = {.type = type, .rank = 1, .shape = {(int64_t)count}, .data = output},
        .scratch = &factor};
    struct neuron_error error;
    struct rounded rounded = {.factor = 0.0F};

    assert_non_null(input);
    assert_non_null(output);
    memcpy(input, numbers, count * sizeof(*input));
    assert_ok(neuron_kernel_round_operand(&call, &error), &error);
    for (size_t i = 0; i < count; i += 1) {
        rounded.numbers[i] = type == NEURON_INT8 ? ((signed char *)output)[i] : output[i];
    }
    rounded.factor = factor;
    free(input);
    free(output);
    return rounded;
}

/* Fails unless each number, times the factor, is within half a step of what was rounded. */
static void
expect_near(const float *numbers, size_t count, enum neuron_type type, float peak)
{
    const float limit = type == NEURON_INT8 ? 127.0F : 255.0F;
    struct rounded rounded = round_numbers(numbers, count, type, 0.0F);

    assert_true(fabsf(rounded.factor - peak / limit) <= 1e-6F * peak / limit);
    for (size_t i = 0; i < count; i += 1) {
        float distance = fabsf((float)rounded.numbers[i] * rounded.factor - numbers[i]);

        assert_true(distance <= rounded.factor * 0.5001F);
    }
}

static void
numbers_of_both_signs_are_127ths_of_the_largest(void **state)
{
    float numbers[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i += 1) {
        numbers[i] = sinf((float)i) * 2.0F;
    }
    numbers[40] = -3.0F;
    expect_near(numbers, COUNT, NEURON_INT8, 3.0F);
    assert_int_equal(round_numbers(numbers, COUNT, NEURON_INT8, 0.0F).numbers[40], -127);
    numbers[40] = 3.0F;
    assert_int_equal(round_numbers(numbers, COUNT, NEURON_INT8, 0.0F).numbers[40], 127);
}

static void
numbers_above_zero_are_255ths_of_the_largest(void **state)
{
    float numbers[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i += 1) {
        numbers[i] = fabsf(sinf((float)i));
    }
    numbers[0] = 8.0F;
    numbers[1] = -0.0F;
    expect_near(numbers, COUNT, NEURON_UINT8, 8.0F);
    assert_int_equal(round_numbers(numbers, COUNT, NEURON_UINT8, 0.0F).numbers[0], 255);
    assert_int_equal(round_numbers(numbers, COUNT, NEURON_UINT8, 0.0F).numbers[1], 0);
}

static void
rows_of_every_length_are_rounded_to_their_end(void **state)
{
    float numbers[COUNT];

    (void)state;
    for (size_t count = 1; count <= COUNT; count += 1) {
        for (size_t i = 0; i < count; i += 1) {
            numbers[i] = (float)(i + 1) / (float)count;
        }
        expect_near(numbers, count, NEURON_INT8, 1.0F);
        expect_near(numbers, count, NEURON_UINT8, 1.0F);
    }
}

static void
zeros_stay_zeros(void **state)
{
    const float numbers[5] = {0.0F, -0.0F, 0.0F, 0.0F, 0.0F};

    (void)state;
    for (int type = 0; type < 2; type += 1) {
        struct rounded rounded =
            round_numbers(numbers, 5, type == 0 ? NEURON_INT8 : NEURON_UINT8, 0.0F);

        assert_true(rounded.factor >= 0.0F && rounded.factor <= FLT_MAX);
        for (int i = 0; i < 5; i += 1) {
            assert_int_equal(rounded.numbers[i], 0);
        }
    }
}

static void
numbers_of_every_size_are_rounded(void **state)
{
    static const float sizes[] = {1e-25F, 1e-10F, 1.0F, 1e10F, 3e38F};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i += 1) {
        const float numbers[4] = {sizes[i], sizes[i] / 3.0F, sizes[i] / 100.0F, 0.0F};

        expect_near(numbers, 4, NEURON_INT8, sizes[i]);
        expect_near(numbers, 4, NEURON_UINT8, sizes[i]);
    }
}

static void
numbers_too_small_for_a_factor_are_near_zero(void **state)
{
    const float numbers[3] = {1e-42F, -1e-44F, 0.0F};
    struct rounded rounded = round_numbers(numbers, 3, NEURON_INT8, 0.0F);

    (void)state;
    for (int i = 0; i < 3; i += 1) {
        assert_true(fabsf((float)rounded.numbers[i] * rounded.factor) <= 1e-29F);
    }
}

static void
a_known_peak_is_not_searched_for(void **state)
{
    const float numbers[4] = {1.0F, -0.5F, 2.0F, 0.0F};
    struct rounded rounded = round_numbers(numbers, 4, NEURON_INT8, 4.0F);

    (void)state;
    assert_true(fabsf(rounded.factor - 4.0F / 127.0F) < 1e-7F);
    assert_int_equal(rounded.numbers[0], 32);
    assert_int_equal(rounded.numbers[1], -16);
}

static void
what_is_above_a_known_peak_is_cut_off(void **state)
{
    const float numbers[6] = {1.5F, -1.5F, 1e30F, -1e30F, FLT_MAX, -FLT_MAX};
    struct rounded both = round_numbers(numbers, 6, NEURON_INT8, 1.0F);
    struct rounded above = round_numbers(numbers, 6, NEURON_UINT8, 1.0F);

    (void)state;
    for (int i = 0; i < 6; i += 1) {
        assert_int_equal(both.numbers[i], i % 2 == 0 ? 127 : -127);
        assert_int_equal(above.numbers[i], i % 2 == 0 ? 255 : 0);
    }
}

/* Fails unless one number in a row, wherever it stands, makes the factor none. */
static void
expect_no_factor(float number, enum neuron_type type)
{
    for (size_t i = 0; i < COUNT; i += 1) {
        float numbers[COUNT] = {1.0F, -0.5F};

        numbers[i] = number;
        assert_true(isnan(round_numbers(numbers, COUNT, type, 0.0F).factor));
    }
}

static void
what_is_no_number_makes_the_factor_none(void **state)
{
    static const float wrong[] = {NAN, -NAN, INFINITY, -INFINITY};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        expect_no_factor(wrong[i], NEURON_INT8);
        expect_no_factor(wrong[i], NEURON_UINT8);
    }
}

/* Fails unless a number, wherever it stands, becomes this one and changes nothing else. */
static void
expect_cut_off_alone(float number, enum neuron_type type, int wanted)
{
    float numbers[COUNT];

    for (int i = 0; i < COUNT; i += 1) {
        numbers[i] = sinf((float)i);
    }
    const struct rounded clean = round_numbers(numbers, COUNT, type, 0.5F);
    for (int i = 0; i < COUNT; i += 1) {
        float kept = numbers[i];

        numbers[i] = number;
        struct rounded rounded = round_numbers(numbers, COUNT, type, 0.5F);
        numbers[i] = kept;
        assert_int_equal(rounded.numbers[i], wanted);
        rounded.numbers[i] = clean.numbers[i];
        assert_memory_equal(rounded.numbers, clean.numbers, sizeof(clean.numbers));
        assert_true(rounded.factor == clean.factor);
    }
}

static void
what_is_no_number_is_cut_off_alone_where_the_peak_is_known(void **state)
{
    (void)state;
    expect_cut_off_alone(INFINITY, NEURON_INT8, 127);
    expect_cut_off_alone(-INFINITY, NEURON_INT8, -127);
    expect_cut_off_alone(NAN, NEURON_INT8, 127);
    expect_cut_off_alone(-NAN, NEURON_INT8, -127);
    expect_cut_off_alone(INFINITY, NEURON_UINT8, 255);
    expect_cut_off_alone(-INFINITY, NEURON_UINT8, 0);
    expect_cut_off_alone(NAN, NEURON_UINT8, 255);
    expect_cut_off_alone(-NAN, NEURON_UINT8, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_both_signs_are_127ths_of_the_largest),
        cmocka_unit_test(numbers_above_zero_are_255ths_of_the_largest),
        cmocka_unit_test(rows_of_every_length_are_rounded_to_their_end),
        cmocka_unit_test(zeros_stay_zeros),
        cmocka_unit_test(numbers_of_every_size_are_rounded),
        cmocka_unit_test(numbers_too_small_for_a_factor_are_near_zero),
        cmocka_unit_test(a_known_peak_is_not_searched_for),
        cmocka_unit_test(what_is_above_a_known_peak_is_cut_off),
        cmocka_unit_test(what_is_no_number_makes_the_factor_none),
        cmocka_unit_test(what_is_no_number_is_cut_off_alone_where_the_peak_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
