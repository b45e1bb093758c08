/* SPDX-License-Identifier: Apache-2.0 */
/* Activations that are applied in place, against those of the C library in double. */
#include "engine/kernels/smooth.h"

#include <math.h>

#include "check.h"
#include "product_example.h"

/* The largest difference, or part of the true number where that is above 1. */
static double
largest_error(enum neuron_operator activation)
{
    struct neuron_packed_product product = {.activation = activation};
    double worst = 0;

    for (int64_t i = -200000; i <= 200000; i += 32) {
        float numbers[32];

        for (int j = 0; j < 32; j += 1) {
            numbers[j] = (float)(i + j) / 10000.0F;
        }
        neuron_smooth_apply(activation, numbers, 32);
        for (int j = 0; j < 32; j += 1) {
            double expected =
                product_example_activate(&product, (double)((float)(i + j) / 10000.0F));

            worst = fmax(worst, fabs((double)numbers[j] - expected) / fmax(1.0, fabs(expected)));
        }
    }
    return worst;
}

static void
smooth_functions_are_as_near_as_promised(void **state)
{
    (void)state;
    /* 8e-7 where a product and its sum are rounded once, as one instruction. */
    assert_true(largest_error(NEURON_OPERATOR_GELU) < 1.5e-6);
    assert_true(largest_error(NEURON_OPERATOR_GELU_TANH) < 1.5e-6);
    assert_true(largest_error(NEURON_OPERATOR_SIGMOID) < 1.5e-6);
    assert_true(largest_error(NEURON_OPERATOR_SWISH) < 1.5e-6);
    assert_true(largest_error(NEURON_OPERATOR_TANH) < 1.5e-6);
}

static void
smooth_functions_end_at_their_limits(void **state)
{
    float numbers[3] = {-1e30F, 1e30F, 0.0F};
    float tangents[2] = {-1e30F, 1e30F};

    (void)state;
    neuron_smooth_apply(NEURON_OPERATOR_GELU, numbers, 3);
    assert_true(fabsf(numbers[0]) == 0.0F);
    assert_true(numbers[1] == 1e30F);
    assert_true(numbers[2] == 0.0F);
    neuron_smooth_apply(NEURON_OPERATOR_TANH, tangents, 2);
    assert_true(tangents[0] == -1.0F);
    assert_true(tangents[1] == 1.0F);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smooth_functions_are_as_near_as_promised),
        cmocka_unit_test(smooth_functions_end_at_their_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
