/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/half_float.h"

#include <float.h>
#include <math.h>

#include "check.h"

static void
every_half_float_comes_back(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits += 1) {
        float half = neuron_float16_to_float((uint16_t)bits);
        float brain = neuron_bfloat16_to_float((uint16_t)bits);

        if (!isnan(half)) {
            assert_int_equal(neuron_float16_of(half), bits);
        }
        if (!isnan(brain)) {
            assert_int_equal(neuron_bfloat16_of(brain), bits);
        }
    }
}

static void
no_number_stays_none(void **state)
{
    (void)state;
    assert_true(isnan(neuron_float16_to_float(neuron_float16_of(NAN))));
    assert_true(isnan(neuron_bfloat16_to_float(neuron_bfloat16_of(NAN))));
    assert_true(isnan(neuron_bfloat16_to_float(neuron_bfloat16_of(-NAN))));
}

/* Between two neighbours the nearer one is taken, in the middle the even one. */
static void
halves_go_to_the_even_neighbour(void **state)
{
    (void)state;
    assert_int_equal(neuron_float16_of(1.0F + 0x1p-11F), 0x3C00);
    assert_int_equal(neuron_float16_of(1.0F + 0x1.8p-11F), 0x3C01);
    assert_int_equal(neuron_float16_of(1.0F + 0x3p-11F), 0x3C02);
    assert_int_equal(neuron_float16_of(0x1p-25F), 0x0000);
    assert_int_equal(neuron_float16_of(0x1.2p-25F), 0x0001);
    assert_int_equal(neuron_float16_of(-0x3p-25F), 0x8002);
    assert_int_equal(neuron_bfloat16_of(1.0F + 0x1p-8F), 0x3F80);
    assert_int_equal(neuron_bfloat16_of(1.0F + 0x3p-8F), 0x3F82);
}

static void
what_is_too_large_is_infinite(void **state)
{
    (void)state;
    assert_int_equal(neuron_float16_of(65504.0F), 0x7BFF);
    assert_int_equal(neuron_float16_of(65519.0F), 0x7BFF);
    assert_int_equal(neuron_float16_of(65520.0F), 0x7C00);
    assert_int_equal(neuron_float16_of(-1e30F), 0xFC00);
    assert_int_equal(neuron_float16_of(INFINITY), 0x7C00);
    assert_int_equal(neuron_bfloat16_of(FLT_MAX), 0x7F80);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_float_comes_back),
        cmocka_unit_test(no_number_stays_none),
        cmocka_unit_test(halves_go_to_the_even_neighbour),
        cmocka_unit_test(what_is_too_large_is_infinite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
