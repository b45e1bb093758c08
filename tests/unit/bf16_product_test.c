/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Products whose operands are rounded to bfloat16 are those of operands that were rounded before,
 * but for the last bits of float32; where the machine has no kernels for them, those of float32.
 */
#include "check.h"

#include "engine/machine.h"
#include "neuron/trace_elementwise.h"
#include "product_case.h"

static const struct neuron_compiler_options matmult = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                       .auto_cast_type = NEURON_AUTO_CAST_BF16};
static const struct neuron_compiler_options all = {.auto_cast = NEURON_AUTO_CAST_ALL,
                                                   .auto_cast_type = NEURON_AUTO_CAST_BF16};
static const struct neuron_compiler_options half = {.auto_cast = NEURON_AUTO_CAST_MATMULT,
                                                    .auto_cast_type = NEURON_AUTO_CAST_FP16};
/* The type counts only where something is cast. */
static const struct neuron_compiler_options none = {.auto_cast_type = NEURON_AUTO_CAST_INT8};

static bool
has_bf16(void)
{
    return neuron_machine_has_precision(NEURON_PRECISION_BFLOAT16);
}

static void
expect_same(const struct product_case *what, bool rounds_operands,
            const struct neuron_compiler_options *options)
{
    struct product product;

    create_product(what, &product);
    struct neuron_tensor_view actual = run_product(&product, options);
    product.rounds_operands = rounds_operands;
    struct neuron_tensor_view expected = run_product_exactly(&product);
    bool is_same = is_same_product(&actual, &expected);
    if (!is_same) {
        print_error("another result: %s\n", what->tensors);
    }
    assert_true(is_same);
    free_tensor(&actual);
    free_tensor(&expected);
    destroy_product(&product);
}

static void
a_product_is_that_of_rounded_operands(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        expect_same(what, has_bf16(), &matmult);
    }
}

static void
what_is_handed_outside_is_not_rounded_where_all_is(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        if (!what->has_residual) {
            expect_same(what, has_bf16(), &all);
        }
    }
}

static void
float32_stays_float32_where_nothing_is_cast(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        expect_same(what, false, &none);
        expect_same(what, false, NULL);
    }
}

static void
rounding_is_seen_where_there_are_kernels_for_it(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; has_bf16() && what->tensors != NULL;
         what += 1) {
        struct product product;

        create_product(what, &product);
        struct neuron_tensor_view actual = run_product(&product, &matmult);
        struct neuron_tensor_view exact = run_product_exactly(&product);
        assert_false(is_same_product(&actual, &exact));
        free_tensor(&actual);
        free_tensor(&exact);
        destroy_product(&product);
    }
}

static void
float16_is_computed_in_float32_where_there_are_no_kernels_for_it(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases;
         !neuron_machine_has_precision(NEURON_PRECISION_FLOAT16) && what->tensors != NULL;
         what += 1) {
        expect_same(what, false, &half);
    }
}

static struct neuron_value
clip(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_clip(trace, input, -0.5F, 0.75F);
}

static struct neuron_value
leaky_relu(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_leaky_relu(trace, input, 0.3F);
}

static struct neuron_value
elu(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_elu(trace, input, 0.7F);
}

static struct neuron_value
selu(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_selu(trace, input, 1.67F, 1.05F);
}

static struct neuron_value
hard_sigmoid(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_hard_sigmoid(trace, input, 0.2F, 0.5F);
}

static unary_fn *const activations[] = {neuron_relu,
                                        neuron_gelu,
                                        neuron_gelu_tanh,
                                        neuron_sigmoid,
                                        neuron_tanh,
                                        clip,
                                        leaky_relu,
                                        elu,
                                        selu,
                                        neuron_hard_swish,
                                        neuron_swish,
                                        neuron_mish,
                                        hard_sigmoid,
                                        neuron_softplus,
                                        neuron_softsign,
                                        neuron_absolute,
                                        neuron_negate,
                                        neuron_exp};

static void
activations_come_behind_the_sum(void **state)
{
    (void)state;
    for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
        for (size_t i = 0; i < sizeof(activations) / sizeof(activations[0]); i += 1) {
            struct product_case activated = *what;

            activated.activate = activations[i];
            expect_same(&activated, has_bf16(), &matmult);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_is_that_of_rounded_operands),
        cmocka_unit_test(what_is_handed_outside_is_not_rounded_where_all_is),
        cmocka_unit_test(float32_stays_float32_where_nothing_is_cast),
        cmocka_unit_test(rounding_is_seen_where_there_are_kernels_for_it),
        cmocka_unit_test(float16_is_computed_in_float32_where_there_are_no_kernels_for_it),
        cmocka_unit_test(activations_come_behind_the_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
