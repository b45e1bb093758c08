/* SPDX-License-Identifier: Apache-2.0 */
#include "roofline.h"

#include <string.h>

#include "check.h"

#include "sample_roofline.h"

/* Times are sums of a few quotients. */
static const double tolerance = 1e-6;

static void
expect_bound(enum neuron_arithmetic arithmetic, struct neuron_node_cost cost,
             uint64_t model_weight_bytes, double compute_ns, double memory_ns)
{
    struct neuron_roofline_bound bound =
        neuron_roofline_bound_of(&sample_roofline, arithmetic, &cost, model_weight_bytes);

    assert_true(bound.compute_ns >= compute_ns - tolerance);
    assert_true(bound.compute_ns <= compute_ns + tolerance);
    assert_true(bound.memory_ns >= memory_ns - tolerance);
    assert_true(bound.memory_ns <= memory_ns + tolerance);
    assert_true(neuron_roofline_least_ns(&bound) >= bound.compute_ns);
    assert_true(neuron_roofline_least_ns(&bound) >= bound.memory_ns);
}

static void
work_takes_as_long_as_its_arithmetic(void **state)
{
    const struct neuron_node_cost cost = {.flops = 1000};

    (void)state;
    expect_bound(NEURON_ARITHMETIC_FLOAT32, cost, 0, 10.0, 0.0);
    expect_bound(NEURON_ARITHMETIC_BF16, cost, 0, 5.0, 0.0);
    expect_bound(NEURON_ARITHMETIC_INT8, cost, 0, 2.5, 0.0);
}

static void
activations_come_from_where_they_fit(void **state)
{
    (void)state;
    expect_bound(NEURON_ARITHMETIC_FLOAT32, (struct neuron_node_cost){.moved_bytes = 500000}, 0,
                 0.0, 5000.0);
    expect_bound(NEURON_ARITHMETIC_FLOAT32, (struct neuron_node_cost){.moved_bytes = 600000}, 0,
                 0.0, 12000.0);
    expect_bound(NEURON_ARITHMETIC_FLOAT32, (struct neuron_node_cost){.moved_bytes = 9000000}, 0,
                 0.0, 900000.0);
}

static void
weights_come_from_where_all_of_the_model_fit(void **state)
{
    const struct neuron_node_cost cost = {.moved_bytes = 3000, .weight_bytes = 1000};

    (void)state;
    expect_bound(NEURON_ARITHMETIC_FLOAT32, cost, 1000, 0.0, 30.0);
    expect_bound(NEURON_ARITHMETIC_FLOAT32, cost, 8000000, 0.0, 40.0);
    expect_bound(NEURON_ARITHMETIC_FLOAT32, cost, 100000000, 0.0, 120.0);
}

static void
odd_costs_have_a_bound_too(void **state)
{
    (void)state;
    expect_bound(NEURON_ARITHMETIC_FLOAT32, (struct neuron_node_cost){0}, 0, 0.0, 0.0);
    /* More weights than bytes that move: a weight that two nodes share. */
    expect_bound(NEURON_ARITHMETIC_FLOAT32,
                 (struct neuron_node_cost){.moved_bytes = 1000, .weight_bytes = 5000}, 0, 0.0,
                 10.0);
    expect_bound(NEURON_ARITHMETIC_FLOAT32, (struct neuron_node_cost){.flops = UINT64_MAX}, 0,
                 (double)UINT64_MAX / 100.0, 0.0);
}

static void
the_longer_limit_binds(void **state)
{
    const struct neuron_roofline_bound compute = {.compute_ns = 3.0, .memory_ns = 2.0};
    const struct neuron_roofline_bound memory = {.compute_ns = 3.0, .memory_ns = 4.0};

    (void)state;
    assert_true(neuron_roofline_least_ns(&compute) == 3.0);
    assert_true(neuron_roofline_least_ns(&memory) == 4.0);
}

static void
this_core_has_limits(void **state)
{
    struct neuron_roofline roofline = {0};
    struct neuron_cpu cpu = {0};
    struct neuron_error error = {0};

    (void)state;
    neuron_cpu_read(&cpu);
    assert_ok(neuron_roofline_measure(&cpu, &roofline, &error), &error);
    for (int i = 0; i < NEURON_MEMORY_COUNT; i += 1) {
        assert_true(roofline.memory[i].gbps > 0.001);
    }
    /* What is computed with fewer bits can be computed with more: none is slower, but for noise. */
    assert_true(roofline.peaks[NEURON_ARITHMETIC_BF16].gflops >
                roofline.peaks[NEURON_ARITHMETIC_FLOAT32].gflops / 10.0);
    assert_true(roofline.memory[NEURON_MEMORY_L3].size_bytes >=
                roofline.memory[NEURON_MEMORY_L2].size_bytes);
    assert_true(roofline.memory[NEURON_MEMORY_L2].size_bytes >= 4096);
    assert_int_equal(roofline.memory[NEURON_MEMORY_MAIN].size_bytes, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work_takes_as_long_as_its_arithmetic),
        cmocka_unit_test(activations_come_from_where_they_fit),
        cmocka_unit_test(weights_come_from_where_all_of_the_model_fit),
        cmocka_unit_test(odd_costs_have_a_bound_too),
        cmocka_unit_test(the_longer_limit_binds),
        cmocka_unit_test(this_core_has_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
