/* SPDX-License-Identifier: Apache-2.0 */
/* Where stages are cut, against trying every way. */
#include "compiler/stages.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

enum { NODES = 9, MANY = 20000 };

/* The cost of the most expensive stage. */
static uint64_t
cost_of(const struct neuron_stage_costs *costs, const uint32_t *ends, uint32_t stage_count)
{
    uint64_t most = 0;

    for (uint32_t i = 0; i < stage_count; i += 1) {
        uint64_t cost = neuron_stage_cost(costs, i == 0 ? 0 : ends[i - 1], ends[i]);

        most = cost > most ? cost : most;
    }
    return most;
}

/* Fails the test unless the stages are some, in order, of all nodes. */
static void
check_ends(const uint32_t *ends, uint32_t stage_count, uint32_t node_count)
{
    assert_true(ends[0] > 0);
    for (uint32_t i = 1; i < stage_count; i += 1) {
        assert_true(ends[i] > ends[i - 1]);
    }
    assert_int_equal(ends[stage_count - 1], node_count);
}

static void
expect_ends(const uint64_t *node_ns, uint32_t node_count, uint32_t stage_count,
            const uint32_t *expected)
{
    uint64_t *crossing_ns = calloc((size_t)node_count + 1, sizeof(*crossing_ns));
    const struct neuron_stage_costs costs = {
        .node_ns = node_ns, .crossing_ns = crossing_ns, .node_count = node_count};
    uint32_t ends[NODES] = {0};
    struct neuron_error error = {0};

    assert_non_null(crossing_ns);
    assert_ok(neuron_stages_cut(&costs, stage_count, ends, &error), &error);
    for (uint32_t i = 0; i < stage_count; i += 1) {
        assert_int_equal(ends[i], expected[i]);
    }
    free(crossing_ns);
}

static void
equal_nodes_are_dealt_out_equally(void **state)
{
    static const uint64_t nodes[6] = {7, 7, 7, 7, 7, 7};

    (void)state;
    expect_ends(nodes, 6, 1, (const uint32_t[]){6});
    expect_ends(nodes, 6, 2, (const uint32_t[]){3, 6});
    expect_ends(nodes, 6, 3, (const uint32_t[]){2, 4, 6});
    expect_ends(nodes, 6, 6, (const uint32_t[]){1, 2, 3, 4, 5, 6});
}

static void
an_expensive_node_has_a_stage_of_its_own(void **state)
{
    static const uint64_t nodes[6] = {1, 1, 100, 1, 1, 1};

    (void)state;
    expect_ends(nodes, 6, 3, (const uint32_t[]){2, 3, 6});
}

static void
every_stage_has_a_node_where_all_cost_nothing(void **state)
{
    static const uint64_t nodes[5] = {0};

    (void)state;
    expect_ends(nodes, 5, 5, (const uint32_t[]){1, 2, 3, 4, 5});
}

static void
a_cut_goes_where_little_is_carried_over(void **state)
{
    static const uint64_t node_ns[4] = {10, 10, 10, 10};
    static const uint64_t crossing_ns[5] = {0, 1, 30, 9, 0};
    const struct neuron_stage_costs costs = {
        .node_ns = node_ns, .crossing_ns = crossing_ns, .node_count = 4};
    uint32_t ends[2] = {0};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_stages_cut(&costs, 2, ends, &error), &error);
    assert_int_equal(ends[0], 1); /* 31 at most: in the middle it were 50, behind it 39 */
    assert_int_equal(neuron_stage_cost(&costs, 0, 1), 11);
    assert_int_equal(neuron_stage_cost(&costs, 1, 4), 31);
    assert_int_equal(neuron_stage_cost(&costs, 1, 3), 30);
}

/* Fills in the ends of the stages that a number stands for, whose bits are the cuts between nodes.
   Returns how many stages there are. */
static uint32_t
fill_ends(uint32_t cuts, uint32_t ends[NODES])
{
    uint32_t count = 0;

    for (uint32_t i = 1; i <= NODES; i += 1) {
        if (i == NODES || (cuts >> (i - 1) & 1) != 0) {
            ends[count] = i;
            count += 1;
        }
    }
    return count;
}

/* Tries each way to cut. */
static uint64_t
find_least(const struct neuron_stage_costs *costs, uint32_t stage_count)
{
    uint64_t least = UINT64_MAX;

    for (uint32_t cuts = 0; cuts < 1U << (NODES - 1); cuts += 1) {
        uint32_t ends[NODES] = {0};
        uint32_t count = fill_ends(cuts, ends);
        uint64_t cost = count == stage_count ? cost_of(costs, ends, count) : UINT64_MAX;

        least = cost < least ? cost : least;
    }
    return least;
}

static void
no_way_to_cut_is_cheaper(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (int round = 0; round < 100; round += 1) {
        uint64_t node_ns[NODES];
        uint64_t crossing_ns[NODES + 1];
        const struct neuron_stage_costs costs = {
            .node_ns = node_ns, .crossing_ns = crossing_ns, .node_count = NODES};

        for (int i = 0; i <= NODES; i += 1) {
            random = random * 1664525U + 1013904223U;
            crossing_ns[i] = (random >> 16) % 40;
            node_ns[i < NODES ? i : 0] = (random >> 8) % 100;
        }
        for (uint32_t stages = 1; stages <= NODES; stages += 1) {
            uint32_t ends[NODES] = {0};
            struct neuron_error error = {0};

            assert_ok(neuron_stages_cut(&costs, stages, ends, &error), &error);
            check_ends(ends, stages, NODES);
            assert_int_equal(cost_of(&costs, ends, stages), find_least(&costs, stages));
        }
    }
}

static void
numbers_that_are_too_large_stay_the_largest(void **state)
{
    static const uint64_t node_ns[3] = {UINT64_MAX, UINT64_MAX, 1};
    static const uint64_t crossing_ns[4] = {0, UINT64_MAX, 5, 0};
    const struct neuron_stage_costs costs = {
        .node_ns = node_ns, .crossing_ns = crossing_ns, .node_count = 3};
    uint32_t ends[3] = {0};
    struct neuron_error error = {0};

    (void)state;
    for (uint32_t stages = 1; stages <= 3; stages += 1) {
        assert_ok(neuron_stages_cut(&costs, stages, ends, &error), &error);
        check_ends(ends, stages, 3);
    }
    assert_true(neuron_stage_cost(&costs, 0, 2) == UINT64_MAX);
}

static void
a_long_row_is_cut_in_fair_stages_soon(void **state)
{
    uint64_t *node_ns = calloc(MANY, sizeof(*node_ns));
    uint64_t *crossing_ns = calloc(MANY + 1, sizeof(*crossing_ns));
    const struct neuron_stage_costs costs = {
        .node_ns = node_ns, .crossing_ns = crossing_ns, .node_count = MANY};
    uint32_t ends[64] = {0};
    uint64_t all = 0;
    struct neuron_error error = {0};

    (void)state;
    assert_true(node_ns != NULL && crossing_ns != NULL);
    for (uint32_t i = 0; i < MANY; i += 1) {
        node_ns[i] = 100 + i % 50;
        all += node_ns[i];
    }
    assert_ok(neuron_stages_cut(&costs, 64, ends, &error), &error);
    check_ends(ends, 64, MANY);
    assert_true(cost_of(&costs, ends, 64) < all / 64 * 11 / 10);
    free(node_ns);
    free(crossing_ns);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_nodes_are_dealt_out_equally),
        cmocka_unit_test(an_expensive_node_has_a_stage_of_its_own),
        cmocka_unit_test(every_stage_has_a_node_where_all_cost_nothing),
        cmocka_unit_test(a_cut_goes_where_little_is_carried_over),
        cmocka_unit_test(no_way_to_cut_is_cheaper),
        cmocka_unit_test(numbers_that_are_too_large_stay_the_largest),
        cmocka_unit_test(a_long_row_is_cut_in_fair_stages_soon),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
