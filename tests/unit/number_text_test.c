/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of numbers against those of the C library. */
#include "score/number_text.h"

#include "check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/half_float.h"
#include "random_numbers.h"

/* What the shortest of %.6g to %.9g is. */
static void
format_by_printf(float number, char *text)
{
    for (int count = 6; count <= 9; count += 1) {
        (void)snprintf(text, NEURON_NUMBER_TEXT_BYTES, "%.*g", count, (double)number);
        if (strtof(text, NULL) == number) {
            return;
        }
    }
}

static void
check_float(float number)
{
    char text[NEURON_NUMBER_TEXT_BYTES] = "";
    char expected[NEURON_NUMBER_TEXT_BYTES] = "";

    format_by_printf(number, expected);
    size_t length = neuron_number_format(NEURON_FLOAT32, &number, NEURON_NUMBER_CSV, text);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
}

static float
float_of(uint32_t bits)
{
    float number = 0.0F;

    memcpy(&number, &bits, sizeof(number));
    return isfinite(number) ? number : 0.0F;
}

static void
floats_of_all_sizes_are_as_printf_has_them(void **state)
{
    uint64_t seed = 42;

    (void)state;
    for (int i = 0; i < 60000; i += 1) {
        check_float(float_of(random_below(&seed, UINT32_MAX)));
        check_float((float)random_below(&seed, 2000000) / 1000.0F - 1000.0F);
        check_float((float)random_below(&seed, UINT32_MAX) / 4294967296.0F);
    }
}

/* The float that is so many further from 0, or nearer to it. */
static float
step_from(float number, int steps)
{
    for (int i = 0; i < abs(steps); i += 1) {
        number = nextafterf(number, steps < 0 ? 0.0F : FLT_MAX);
    }
    return number;
}

static void
floats_around_powers_are_as_printf_has_them(void **state)
{
    (void)state;
    for (int power = -45; power <= 38; power += 1) {
        float number = strtof("1", NULL) * (float)pow(10.0, power);

        for (int step = -20; step <= 20; step += 1) {
            check_float(step_from(number, step));
            check_float(-step_from(number, step));
        }
    }
    for (int power = -149; power <= 127; power += 1) {
        check_float(ldexpf(1.0F, power));
        check_float(nextafterf(ldexpf(1.0F, power), 0.0F));
    }
}

static void
ties_and_edges_are_as_printf_has_them(void **state)
{
    static const float numbers[] = {0.0F,       -0.0F,      0.1F,       0.5F,        1.0F / 3.0F,
                                    999999.5F,  1000000.5F, 9999995.0F, 16777216.0F, 33554434.0F,
                                    1234567.5F, 8388608.5F, 0.0001F,    0.00001F,    0.00009999995F,
                                    FLT_MAX,    FLT_MIN,    1e21F,      1e22F,       1e-13F};

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i += 1) {
        check_float(numbers[i]);
        check_float(-numbers[i]);
    }
}

static void
halves_are_the_floats_that_they_are(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits += 7) {
        const uint16_t half = (uint16_t)bits;
        const float brain = neuron_bfloat16_to_float(half);
        const float small = neuron_float16_to_float(half);
        char text[NEURON_NUMBER_TEXT_BYTES] = "";
        char expected[NEURON_NUMBER_TEXT_BYTES] = "";

        (void)neuron_number_format(NEURON_BFLOAT16, &half, NEURON_NUMBER_CSV, text);
        (void)neuron_number_format(NEURON_FLOAT32, &brain, NEURON_NUMBER_CSV, expected);
        assert_string_equal(text, expected);
        (void)neuron_number_format(NEURON_FLOAT16, &half, NEURON_NUMBER_CSV, text);
        (void)neuron_number_format(NEURON_FLOAT32, &small, NEURON_NUMBER_CSV, expected);
        assert_string_equal(text, expected);
    }
}

static void
expect(enum neuron_type type, const void *element, const char *csv, const char *json)
{
    char text[NEURON_NUMBER_TEXT_BYTES] = "";

    assert_int_equal(neuron_number_format(type, element, NEURON_NUMBER_CSV, text), strlen(csv));
    assert_string_equal(text, csv);
    assert_int_equal(neuron_number_format(type, element, NEURON_NUMBER_JSON, text), strlen(json));
    assert_string_equal(text, json);
}

static void
numbers_that_are_none_have_a_word_of_each_style(void **state)
{
    const float nan32 = NAN;
    const float infinite = -INFINITY;
    const double infinite64 = INFINITY;
    const double nan64 = -(double)NAN;

    (void)state;
    expect(NEURON_FLOAT32, &nan32, "nan", "null");
    expect(NEURON_FLOAT32, &infinite, "-inf", "null");
    expect(NEURON_FLOAT64, &infinite64, "inf", "null");
    expect(NEURON_FLOAT64, &nan64, "nan", "null");
}

static void
every_type_has_its_text(void **state)
{
    const double third = 1.0 / 3.0;
    const double tenth = 0.1;
    const int64_t least = INT64_MIN;
    const int32_t most = INT32_MAX;
    const int8_t small = -128;
    const unsigned char byte = 255;
    const unsigned char yes = 1;

    (void)state;
    expect(NEURON_FLOAT64, &third, "0.3333333333333333", "0.3333333333333333");
    expect(NEURON_FLOAT64, &tenth, "0.1", "0.1");
    expect(NEURON_INT64, &least, "-9223372036854775808", "-9223372036854775808");
    expect(NEURON_INT32, &most, "2147483647", "2147483647");
    expect(NEURON_INT8, &small, "-128", "-128");
    expect(NEURON_UINT8, &byte, "255", "255");
    expect(NEURON_BOOL, &yes, "1", "true");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(floats_of_all_sizes_are_as_printf_has_them),
        cmocka_unit_test(floats_around_powers_are_as_printf_has_them),
        cmocka_unit_test(ties_and_edges_are_as_printf_has_them),
        cmocka_unit_test(halves_are_the_floats_that_they_are),
        cmocka_unit_test(numbers_that_are_none_have_a_word_of_each_style),
        cmocka_unit_test(every_type_has_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
