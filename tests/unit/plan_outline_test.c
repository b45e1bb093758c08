/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that are only looked at: they say the same, and hold no packed weights. */
#include "check.h"

#include "compiler/compile_graph.h"
#include "engine/plan_body.h"
#include "product_case.h"

static const struct neuron_compiler_options kinds[] = {
    {.optimization_level = 1},
    {.auto_cast = NEURON_AUTO_CAST_MATMULT, .auto_cast_type = NEURON_AUTO_CAST_BF16},
    {.auto_cast = NEURON_AUTO_CAST_MATMULT, .auto_cast_type = NEURON_AUTO_CAST_INT8},
};

/* The memory of all that a plan packed by itself; factors of 8 bits are not packed. */
static size_t
count_packed_bytes(const struct neuron_plan *plan)
{
    size_t total_bytes = 0;

    for (uint32_t i = 0; i < plan->storage_count; i += 1) {
        const struct neuron_storage *storage = &plan->storages[i];

        total_bytes += storage->owned == NULL || storage->is_factors ? 0 : storage->owned_bytes;
    }
    return total_bytes;
}

/* Compares both plans of a graph. Returns what the one that can be run packed. */
static size_t
expect_same_plan(const struct neuron_graph *graph)
{
    struct neuron_plan *plan = NULL;
    struct neuron_plan *outline = NULL;
    struct neuron_error error;

    assert_ok(neuron_plan_create(graph, NULL, &plan, &error), &error);
    assert_ok(neuron_plan_outline(graph, &outline, &error), &error);
    assert_int_equal(outline->arena_bytes, plan->arena_bytes);
    assert_int_equal(outline->step_count, plan->step_count);
    assert_int_equal(count_packed_bytes(outline), 0);
    size_t packed_bytes = count_packed_bytes(plan);
    neuron_plan_destroy(outline);
    neuron_plan_destroy(plan);
    return packed_bytes;
}

static void
an_outline_says_what_the_plan_does_and_packs_nothing(void **state)
{
    size_t packed_bytes = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i += 1) {
        for (const struct product_case *what = product_cases; what->tensors != NULL; what += 1) {
            struct product product;
            struct neuron_graph *compiled = NULL;
            struct neuron_error error;

            create_product(what, &product);
            struct neuron_graph *graph = trace_product(&product);
            assert_ok(neuron_compile_graph(graph, &kinds[i], &compiled, &error), &error);
            packed_bytes += expect_same_plan(compiled);
            neuron_graph_destroy(compiled);
            neuron_graph_destroy(graph);
            destroy_product(&product);
        }
    }
    assert_true(packed_bytes > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_outline_says_what_the_plan_does_and_packs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
