/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "compiler/made_up.h"

enum { COUNT = 1000 };

static void
the_same_seed_gives_the_same_numbers(void **state)
{
    float first[COUNT];
    float second[COUNT];

    (void)state;
    neuron_make_up(NEURON_FLOAT32, first, COUNT, 1);
    neuron_make_up(NEURON_FLOAT32, second, COUNT, 1);
    assert_memory_equal(first, second, sizeof(first));
    neuron_make_up(NEURON_FLOAT32, second, COUNT, 2);
    assert_memory_not_equal(first, second, sizeof(first));
}

static void
floats_lie_around_zero(void **state)
{
    float numbers[COUNT];
    double wide[COUNT];
    double sum = 0.0;

    (void)state;
    neuron_make_up(NEURON_FLOAT32, numbers, COUNT, 3);
    neuron_make_up(NEURON_FLOAT64, wide, COUNT, 3);
    for (int i = 0; i < COUNT; i += 1) {
        assert_true(numbers[i] >= -1.0F && numbers[i] < 1.0F);
        assert_true(wide[i] == (double)numbers[i]);
        sum += wide[i];
    }
    assert_true(fabs(sum / COUNT) < 0.1);
}

static void
halves_are_finite_and_of_both_signs(void **state)
{
    static const enum neuron_type types[] = {NEURON_FLOAT16, NEURON_BFLOAT16};
    static const uint16_t exponents[] = {0x7C00, 0x7F80};
    uint16_t numbers[COUNT];

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        int negative_count = 0;

        neuron_make_up(types[i], numbers, COUNT, 5);
        for (int j = 0; j < COUNT; j += 1) {
            assert_true((numbers[j] & exponents[i]) != exponents[i]);
            negative_count += numbers[j] >> 15;
        }
        assert_in_range(negative_count, COUNT / 3, 2 * COUNT / 3);
    }
}

static void
integers_are_small(void **state)
{
    int64_t wide[COUNT];
    int32_t numbers[COUNT];
    unsigned char bytes[COUNT];
    int ones = 0;

    (void)state;
    neuron_make_up(NEURON_INT64, wide, COUNT, 7);
    neuron_make_up(NEURON_INT32, numbers, COUNT, 7);
    neuron_make_up(NEURON_BOOL, bytes, COUNT, 7);
    for (int i = 0; i < COUNT; i += 1) {
        assert_true(wide[i] == 0 || wide[i] == 1);
        assert_int_equal(numbers[i], wide[i]);
        assert_int_equal(bytes[i], wide[i]);
        ones += bytes[i];
    }
    assert_in_range(ones, COUNT / 3, 2 * COUNT / 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_numbers),
        cmocka_unit_test(floats_lie_around_zero),
        cmocka_unit_test(halves_are_finite_and_of_both_signs),
        cmocka_unit_test(integers_are_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
