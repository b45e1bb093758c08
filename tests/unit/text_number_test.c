/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neuron/half_float.h"
#include "random_numbers.h"
#include "score/text_number.h"

static int
set_up(void **state)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    *state = plain;
    return plain == (locale_t)0 ? -1 : 0;
}

static int
tear_down(void **state)
{
    freelocale(*state);
    return 0;
}

static enum neuron_text_number
read_as(locale_t plain, enum neuron_type type, const char *text, void *value)
{
    return neuron_text_number_read(plain, type, text, strlen(text), value);
}

/* A random text of a number: of few digits or many, with and without point and exponent. */
static void
make_text(uint64_t *seed, char *text, size_t size_bytes)
{
    uint64_t high = random_below(seed, 1000000000);
    uint64_t low = random_below(seed, 1000000000);
    int exponent = (int)random_below(seed, 90) - 45;

    switch (random_below(seed, 4)) {
    case 0:
        (void)snprintf(text, size_bytes, "%llu.%llu", (unsigned long long)high % 1000,
                       (unsigned long long)low);
        break;
    case 1:
        (void)snprintf(text, size_bytes, "-%llue%d", (unsigned long long)high, exponent);
        break;
    case 2:
        (void)snprintf(text, size_bytes, "0.000%llu%llu", (unsigned long long)high,
                       (unsigned long long)low);
        break;
    default:
        (void)snprintf(text, size_bytes, "%llu%llu%llu.5E%+d", (unsigned long long)high,
                       (unsigned long long)low, (unsigned long long)high, exponent);
        break;
    }
}

static void
numbers_are_the_nearest_ones(void **state)
{
    uint64_t seed = 17;

    for (int i = 0; i < 200000; i += 1) {
        char text[96] = "";
        float narrow = 0;
        double wide = 0;

        make_text(&seed, text, sizeof(text));
        float expected = strtof(text, NULL);
        double expected_wide = strtod(text, NULL);
        enum neuron_text_number outcome = read_as(*state, NEURON_FLOAT32, text, &narrow);
        assert_int_equal(outcome,
                         isinf(expected) ? NEURON_NUMBER_IS_OUT_OF_RANGE : NEURON_NUMBER_IS_READ);
        if (outcome == NEURON_NUMBER_IS_READ) {
            assert_memory_equal(&narrow, &expected, sizeof(narrow));
        }
        assert_int_equal(read_as(*state, NEURON_FLOAT64, text, &wide), NEURON_NUMBER_IS_READ);
        assert_memory_equal(&wide, &expected_wide, sizeof(wide));
    }
}

static void
middles_of_two_floats_are_rounded_once(void **state)
{
    uint64_t seed = 23;

    for (int i = 0; i < 20000; i += 1) {
        float low = ldexpf((float)(8388608 + random_below(&seed, 8388607)), -20);
        double middle = ((double)low + (double)nextafterf(low, INFINITY)) / 2;
        char text[96] = "";
        float value = 0;

        (void)snprintf(text, sizeof(text), "%.*f", (int)random_below(&seed, 25), middle);
        float expected = strtof(text, NULL);
        assert_int_equal(read_as(*state, NEURON_FLOAT32, text, &value), NEURON_NUMBER_IS_READ);
        assert_memory_equal(&value, &expected, sizeof(value));
    }
}

static void
words_are_numbers_of_floats_alone(void **state)
{
    float value = 0;
    int32_t whole = 0;

    assert_int_equal(read_as(*state, NEURON_FLOAT32, " NaN ", &value), NEURON_NUMBER_IS_READ);
    assert_true(isnan(value));
    assert_int_equal(read_as(*state, NEURON_FLOAT32, "-Infinity", &value), NEURON_NUMBER_IS_READ);
    assert_true(isinf(value) && value < 0);
    assert_int_equal(read_as(*state, NEURON_FLOAT32, "+inf", &value), NEURON_NUMBER_IS_READ);
    assert_int_equal(read_as(*state, NEURON_INT32, "nan", &whole), NEURON_NUMBER_IS_NONE);
    assert_int_equal(read_as(*state, NEURON_FLOAT32, "nano", &value), NEURON_NUMBER_IS_NONE);
}

static void
integers_have_a_range(void **state)
{
    int64_t value = 0;
    int8_t small = 0;

    assert_int_equal(read_as(*state, NEURON_INT8, "-128", &small), NEURON_NUMBER_IS_READ);
    assert_int_equal(small, -128);
    assert_int_equal(read_as(*state, NEURON_INT8, "128", &small), NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_UINT8, "-1", &small), NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_INT64, "-9223372036854775808", &value),
                     NEURON_NUMBER_IS_READ);
    assert_true(value == INT64_MIN);
    assert_int_equal(read_as(*state, NEURON_INT64, "9223372036854775808", &value),
                     NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_INT64, "99999999999999999999", &value),
                     NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_INT64, "3.0", &value), NEURON_NUMBER_IS_READ);
    assert_int_equal(value, 3);
    assert_int_equal(read_as(*state, NEURON_INT64, "3.5", &value), NEURON_NUMBER_IS_NONE);
    assert_int_equal(read_as(*state, NEURON_INT64, "1e300", &value), NEURON_NUMBER_IS_OUT_OF_RANGE);
}

static void
bools_are_words_or_digits(void **state)
{
    unsigned char value = 7;

    assert_int_equal(read_as(*state, NEURON_BOOL, "True", &value), NEURON_NUMBER_IS_READ);
    assert_int_equal(value, 1);
    assert_int_equal(read_as(*state, NEURON_BOOL, " 0", &value), NEURON_NUMBER_IS_READ);
    assert_int_equal(value, 0);
    assert_int_equal(read_as(*state, NEURON_BOOL, "2", &value), NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_BOOL, "yes", &value), NEURON_NUMBER_IS_NONE);
}

static void
types_of_16_bits_are_rounded(void **state)
{
    uint16_t bits = 0;

    assert_int_equal(read_as(*state, NEURON_FLOAT16, "0.1", &bits), NEURON_NUMBER_IS_READ);
    assert_int_equal(bits, neuron_float16_of(0.1F));
    assert_int_equal(read_as(*state, NEURON_FLOAT16, "70000", &bits),
                     NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_BFLOAT16, "70000", &bits), NEURON_NUMBER_IS_READ);
    assert_int_equal(bits, neuron_bfloat16_of(70000.0F));
}

static void
what_is_no_number_is_refused(void **state)
{
    static const char *const texts[] = {"",    " ",     "-",   ".",     "e5",   "1e",  "1e+",
                                        "0x1", "1,5",   "1 2", "1..2",  "--1",  "n/a", "1e5x",
                                        "\t",  "1_000", "+",   "1e5.5", "infin"};
    float value = 5.0F;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i += 1) {
        assert_int_equal(read_as(*state, NEURON_FLOAT32, texts[i], &value), NEURON_NUMBER_IS_NONE);
        assert_false(neuron_text_is_number(texts[i], strlen(texts[i])));
    }
    assert_true(value == 5.0F);
    assert_int_equal(read_as(*state, NEURON_FLOAT32, "1e39", &value),
                     NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_FLOAT64, "1e99999999999", &value),
                     NEURON_NUMBER_IS_OUT_OF_RANGE);
    assert_int_equal(read_as(*state, NEURON_FLOAT32, "1e-99999999999", &value),
                     NEURON_NUMBER_IS_READ);
    assert_true(value == 0.0F);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_the_nearest_ones),
        cmocka_unit_test(middles_of_two_floats_are_rounded_once),
        cmocka_unit_test(words_are_numbers_of_floats_alone),
        cmocka_unit_test(integers_have_a_range),
        cmocka_unit_test(bools_are_words_or_digits),
        cmocka_unit_test(types_of_16_bits_are_rounded),
        cmocka_unit_test(what_is_no_number_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
