/* SPDX-License-Identifier: Apache-2.0 */
#include "score/result_check.h"

#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random_numbers.h"

enum { ROWS = 5000, VALUES = 7 };

static struct neuron_tensor_view
view_of(enum neuron_type type, uint64_t rows, uint64_t values, void *data)
{
    return (struct neuron_tensor_view){
        .type = type, .rank = 2, .shape = {(int64_t)rows, (int64_t)values}, .data = data};
}

static void
rows_with_a_nan_are_found_in_any_output(void **state)
{
    float *first = calloc((size_t)ROWS * VALUES, sizeof(*first));
    double *second = calloc(ROWS, sizeof(*second));
    uint64_t found[4] = {0};
    uint64_t seed = 5;

    (void)state;
    assert_non_null(first);
    assert_non_null(second);
    for (int i = 0; i < 50; i += 1) {
        uint32_t low = random_below(&seed, ROWS / 2);
        uint32_t high = ROWS / 2 + random_below(&seed, ROWS / 2);
        const struct neuron_tensor_view views[] = {view_of(NEURON_FLOAT32, ROWS, VALUES, first),
                                                   view_of(NEURON_FLOAT64, ROWS, 1, second)};

        first[(size_t)high * VALUES + random_below(&seed, VALUES)] = NAN;
        second[low] = -(double)NAN;
        assert_int_equal(neuron_result_find_nan(views, 2, 0, found, 4), 2);
        assert_int_equal(found[0], low);
        assert_int_equal(found[1], high);
        assert_int_equal(neuron_result_find_nan(views, 2, low + 1, found, 4), 1);
        assert_int_equal(neuron_result_find_nan(views, 2, 0, found, 1), 1);
        assert_int_equal(neuron_result_find_nan(views, 2, high + 1, found, 1), 0);
        memset(first, 0, (size_t)ROWS * VALUES * sizeof(*first));
        second[low] = INFINITY;
    }
    free(first);
    free(second);
}

static void
every_row_may_hold_one(void **state)
{
    uint16_t halves[100];
    uint64_t found[100] = {0};

    (void)state;
    for (int i = 0; i < 100; i += 1) {
        halves[i] = 0x7FC0;
    }
    const struct neuron_tensor_view brain = view_of(NEURON_BFLOAT16, 50, 2, halves);
    assert_int_equal(neuron_result_find_nan(&brain, 1, 0, found, 100), 50);
    assert_int_equal(found[49], 49);
    /* As float16 it is one, too; as a whole number it is none. */
    const struct neuron_tensor_view small = view_of(NEURON_FLOAT16, 100, 1, halves);
    assert_int_equal(neuron_result_find_nan(&small, 1, 0, found, 100), 100);
    const struct neuron_tensor_view whole = view_of(NEURON_INT32, 50, 1, halves);
    assert_int_equal(neuron_result_find_nan(&whole, 1, 0, found, 100), 0);
    const struct neuron_tensor_view empty = view_of(NEURON_FLOAT32, 50, 0, halves);
    assert_int_equal(neuron_result_find_nan(&empty, 1, 0, found, 100), 0);
    assert_int_equal(neuron_result_find_nan(&empty, 0, 0, found, 100), 0);
}

/* Fills the second row of three, and leaves the others. */
static void
expect_fill(enum neuron_type type, const struct neuron_score_options *options, const void *expected)
{
    unsigned char bytes[48];
    unsigned char before[48];
    size_t row_bytes = 2 * neuron_type_size_bytes(type);
    const struct neuron_tensor_view view = view_of(type, 3, 2, bytes);

    memset(bytes, 0x55, sizeof(bytes));
    memset(before, 0x55, sizeof(before));
    neuron_result_fill(&view, 1, 1, options);
    assert_memory_equal(bytes, before, row_bytes);
    assert_memory_equal(bytes + row_bytes, expected, row_bytes / 2);
    assert_memory_equal(bytes + row_bytes + row_bytes / 2, expected, row_bytes / 2);
    assert_memory_equal(bytes + 2 * row_bytes, before, row_bytes);
}

static void
rows_are_filled_with_nan_or_zero(void **state)
{
    const struct neuron_score_options options = {.has_fill = false};
    const float nan32 = NAN;
    const double nan64 = (double)NAN;
    const uint16_t brain = 0x7FC0;
    const uint16_t half = 0x7E00;
    const int64_t zero = 0;

    (void)state;
    expect_fill(NEURON_FLOAT32, &options, &nan32);
    expect_fill(NEURON_FLOAT64, &options, &nan64);
    expect_fill(NEURON_BFLOAT16, &options, &brain);
    expect_fill(NEURON_FLOAT16, &options, &half);
    expect_fill(NEURON_INT64, &options, &zero);
    expect_fill(NEURON_UINT8, &options, &zero);
    expect_fill(NEURON_BOOL, &options, &zero);
}

static void
a_value_to_fill_with_is_bounded_by_the_type(void **state)
{
    const struct neuron_score_options low = {.has_fill = true, .fill = -1e30};
    const struct neuron_score_options high = {.has_fill = true, .fill = 300.6};
    const int8_t least8 = INT8_MIN;
    const int8_t most8 = INT8_MAX;
    const uint8_t most_byte = 255;
    const uint8_t zero = 0;
    const int32_t least32 = INT32_MIN;
    const int32_t near = 301;
    const int64_t least64 = INT64_MIN;
    const uint8_t yes = 1;
    const float value = 300.6F;

    (void)state;
    expect_fill(NEURON_INT8, &low, &least8);
    expect_fill(NEURON_INT8, &high, &most8);
    expect_fill(NEURON_UINT8, &high, &most_byte);
    expect_fill(NEURON_UINT8, &low, &zero);
    expect_fill(NEURON_INT32, &low, &least32);
    expect_fill(NEURON_INT32, &high, &near);
    expect_fill(NEURON_INT64, &low, &least64);
    expect_fill(NEURON_BOOL, &high, &yes);
    expect_fill(NEURON_FLOAT32, &high, &value);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_with_a_nan_are_found_in_any_output),
        cmocka_unit_test(every_row_may_hold_one),
        cmocka_unit_test(rows_are_filled_with_nan_or_zero),
        cmocka_unit_test(a_value_to_fill_with_is_bounded_by_the_type),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
