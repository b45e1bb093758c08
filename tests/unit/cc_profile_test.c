/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a profile, of a graph and times that are made up. */
#include "cc_profile.h"

#include <stdlib.h>

#include "check.h"

#include "sample_roofline.h"

/* A product, a relu, another product, and the copy of an output. Costs stand at the last step. */
static struct neuron_graph_value values[] = {
    {.shape = {.type = NEURON_FLOAT32, .rank = 2, .dims = {4, 8}}}};
static struct neuron_node nodes[] = {{.kind = NEURON_OPERATOR_MATMUL},
                                     {.kind = NEURON_OPERATOR_RELU},
                                     {.kind = NEURON_OPERATOR_MATMUL}};
static const struct neuron_graph graph = {
    .values = values, .value_count = 1, .nodes = nodes, .node_count = 3};

static struct neuron_cc_step steps[] = {
    {.description = {0, "reorder", "jit", false}, .total_ns = 2000},
    {.description = {0, "matmul", "gemm", false}, .total_ns = 20000, .cost = {1000000, 1000, 500}},
    {.description = {1, "relu", "neuron", false}, .total_ns = 4000, .cost = {10, 200000, 0}},
    {.description = {2, "matmul", "gemm", false}, .total_ns = 40000, .cost = {500000, 1000, 500}},
    {.description = {UINT32_MAX, "copy", "neuron", false}, .total_ns = 1000},
};

/* Prints the profile of two runs of so many steps; the caller frees the text. */
static char *
print(uint32_t step_count)
{
    const struct neuron_cc_profile profile = {
        .graph = &graph, .steps = steps, .step_count = step_count, .run_count = 2};
    char *text = NULL;
    size_t size_bytes = 0;
    struct neuron_error error = {0};
    FILE *stream = open_memstream(&text, &size_bytes);

    assert_non_null(stream);
    assert_ok(neuron_cc_profile_print(stream, &profile, &sample_roofline, &error), &error);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void
each_step_has_its_share_of_the_roof(void **state)
{
    char *text = print(5);

    (void)state;
    /* 10 us of arithmetic in 10 us; 2 us of memory in 2 us; 5 us of arithmetic in 20 us. */
    assert_contains(text, "   1 matmul         matmul         gemm                         0.0100  "
                          "29.9%    100.00      0.10 100.0% compute          1000  float32[4,8]");
    assert_contains(text, "0.0020   6.0%      0.01    100.00 100.0% memory         200000");
    assert_contains(text, "0.0200  59.7%     25.00      0.05  25.0% compute          1000");
    free(text);
}

static void
steps_without_a_cost_have_no_share(void **state)
{
    char *text = print(5);

    (void)state;
    assert_contains(text, "0.0010   3.0%      0.00      0.00      - -                   0");
    assert_contains(text, "   4 (output)       copy ");
    free(text);
}

static void
operators_sum_up_their_steps(void **state)
{
    char *text = print(5);

    (void)state;
    /* 15 us of arithmetic in 31 us, which a reorder is part of. */
    assert_contains(text, "matmul                2      3     0.0310  92.5%     48.39      0.06  "
                          "48.4% compute          2000\n");
    assert_contains(text, "relu                  1      1     0.0020   6.0%      0.01    100.00 "
                          "100.0% memory         200000\n");
    assert_contains(text, "profile   2 runs of 5 steps\n");
    assert_contains(text, "roof      50.7% of what the core's limits allow: at least 0.0170 ms");
    free(text);
}

static void
a_profile_without_steps_has_empty_tables(void **state)
{
    char *text = print(0);

    (void)state;
    assert_contains(text, "roof      0.0% of what");
    assert_contains(text, "profile   2 runs of 0 steps\n");
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_has_its_share_of_the_roof),
        cmocka_unit_test(steps_without_a_cost_have_no_share),
        cmocka_unit_test(operators_sum_up_their_steps),
        cmocka_unit_test(a_profile_without_steps_has_empty_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
