/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan and its programs take from a device's budget. */
#include "engine/plan.h"
#include "engine/program.h"

#include <stdio.h>

#include "check.h"
#include "sample_graph.h"
#include "weighty_model.h"

enum { CHANNELS = 32, SUMS = 1000, PLENTY = 1 << 30, TIED = 64 };

struct bench {
    struct weighty_model weighty;
    struct neuron_graph *graph;
    struct neuron_charge charge;
    struct neuron_error error;
};

static struct bench
create_bench(uint64_t limit_bytes)
{
    struct bench bench = {.charge.owner = "weighty"};

    weighty_model_create(&bench.weighty, CHANNELS, SUMS);
    bench.graph = weighty_model_trace(&bench.weighty);
    assert_ok(neuron_device_budget_create(0, limit_bytes, &bench.charge.budget, &bench.error),
              &bench.error);
    return bench;
}

static void
destroy_bench(struct bench *bench)
{
    neuron_device_budget_destroy(bench->charge.budget);
    neuron_graph_destroy(bench->graph);
    weighty_model_destroy(&bench->weighty);
}

static uint64_t
used_bytes(const struct bench *bench)
{
    struct neuron_device_memory_stats stats = {0};

    neuron_device_budget_read(bench->charge.budget, &stats);
    return stats.used_bytes;
}

static void
a_plan_takes_its_weights_and_a_program_its_arena(void **state)
{
    struct bench bench = create_bench(PLENTY);
    struct neuron_plan *plan = NULL;
    struct neuron_program *programs[2] = {NULL};

    (void)state;
    assert_ok(neuron_plan_create(bench.graph, &bench.charge, &plan, &bench.error), &bench.error);
    uint64_t weights_bytes = used_bytes(&bench);
    assert_true(weights_bytes >= weighty_model_bytes(&bench.weighty));
    assert_true(weights_bytes < 2 * weighty_model_bytes(&bench.weighty));
    for (int i = 0; i < 2; i += 1) {
        assert_ok(neuron_program_create(plan, &bench.charge, &programs[i], &bench.error),
                  &bench.error);
    }
    uint64_t arenas_bytes = used_bytes(&bench) - weights_bytes;
    assert_true(arenas_bytes > 0);
    neuron_program_destroy(programs[0]);
    assert_int_equal(used_bytes(&bench), weights_bytes + arenas_bytes / 2);
    neuron_program_destroy(programs[1]);
    assert_int_equal(used_bytes(&bench), weights_bytes);
    neuron_plan_destroy(plan);
    assert_int_equal(used_bytes(&bench), 0);
    destroy_bench(&bench);
}

static void
the_whole_of_the_weights_is_asked_for_before_any_is_packed(void **state)
{
    struct bench bench = create_bench(UINT64_C(36) * CHANNELS * CHANNELS);
    struct neuron_plan *plan = NULL;
    char asked[64];

    (void)state;
    (void)snprintf(asked, sizeof(asked), "the weights of weighty: %zu bytes asked, 0 of ",
                   weighty_model_bytes(&bench.weighty));
    assert_status(NEURON_DEVICE_MEMORY_FULL,
                  neuron_plan_create(bench.graph, &bench.charge, &plan, &bench.error),
                  &bench.error);
    assert_contains(bench.error.text, asked);
    assert_null(plan);
    assert_int_equal(used_bytes(&bench), 0);
    destroy_bench(&bench);
}

static void
an_arena_that_does_not_fit_leaves_the_plan_as_it_was(void **state)
{
    struct bench bench = create_bench(PLENTY);
    struct neuron_plan *plan = NULL;
    struct neuron_program *program = NULL;
    const struct neuron_charge others = {.budget = bench.charge.budget, .owner = "others"};

    (void)state;
    assert_ok(neuron_plan_create(bench.graph, &bench.charge, &plan, &bench.error), &bench.error);
    uint64_t weights_bytes = used_bytes(&bench);
    uint64_t rest_bytes = PLENTY - weights_bytes - 1;
    assert_ok(neuron_charge_take(&others, rest_bytes, NEURON_MEMORY_BUFFER, &bench.error),
              &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL,
                  neuron_program_create(plan, &bench.charge, &program, &bench.error), &bench.error);
    assert_contains(bench.error.text, "an arena of weighty");
    assert_null(program);
    assert_int_equal(used_bytes(&bench), PLENTY - 1);
    neuron_charge_give(&others, rest_bytes, NEURON_MEMORY_BUFFER);
    assert_ok(neuron_program_create(plan, &bench.charge, &program, &bench.error), &bench.error);
    neuron_program_destroy(program);
    neuron_plan_destroy(plan);
    destroy_bench(&bench);
}

static enum neuron_status
record_sum(struct neuron_trace *trace, const struct neuron_value *inputs,
           struct neuron_value *outputs, void *user)
{
    (void)user;
    outputs[0] = neuron_add(trace, inputs[0], sample_constant(trace, 3, 1, 1, 0));
    return neuron_trace_status(trace);
}

static void
weights_that_are_used_where_they_lie_count_as_they_are(void **state)
{
    struct bench bench = create_bench(12);
    struct neuron_graph *graph = trace_sample(record_sum, 2, 3, 5, 5);
    struct neuron_plan *plan = NULL;

    (void)state;
    assert_ok(neuron_plan_create(graph, &bench.charge, &plan, &bench.error), &bench.error);
    assert_int_equal(used_bytes(&bench), 3 * sizeof(float));
    neuron_plan_destroy(plan);
    assert_int_equal(used_bytes(&bench), 0);
    neuron_graph_destroy(graph);
    destroy_bench(&bench);
}

/* Three products over one matrix of 64 x 64. */
static enum neuron_status
record_tied(struct neuron_trace *trace, const struct neuron_value *inputs,
            struct neuron_value *outputs, void *user)
{
    struct neuron_value weights = sample_constant(trace, TIED, TIED, 0, 0);
    struct neuron_value layer = neuron_flatten(trace, inputs[0], 1);

    (void)user;
    for (int i = 0; i < 3; i += 1) {
        layer = neuron_matmul(trace, layer, weights);
    }
    outputs[0] = layer;
    return neuron_trace_status(trace);
}

static void
weights_of_several_products_are_packed_once(void **state)
{
    const size_t matrix_bytes = sizeof(float) * TIED * TIED;
    struct bench bench = create_bench(PLENTY);
    struct neuron_graph *graph = trace_sample(record_tied, 2, 4, 4, 4);
    struct neuron_plan *plan = NULL;

    (void)state;
    assert_ok(neuron_plan_create(graph, &bench.charge, &plan, &bench.error), &bench.error);
    assert_in_range(used_bytes(&bench), matrix_bytes, matrix_bytes * 3 / 2);
    neuron_plan_destroy(plan);
    assert_int_equal(used_bytes(&bench), 0);
    neuron_graph_destroy(graph);
    destroy_bench(&bench);
}

static void
packing_that_outgrows_the_limit_is_refused_and_all_is_given_back(void **state)
{
    struct bench bench = create_bench(PLENTY);
    struct neuron_plan *plan = NULL;
    const struct neuron_charge others = {.budget = bench.charge.budget, .owner = "others"};
    uint64_t rest_bytes = PLENTY - weighty_model_bytes(&bench.weighty);

    (void)state;
    /* The raw weights fit exactly; packed, each takes some bytes more. */
    assert_ok(neuron_charge_take(&others, rest_bytes, NEURON_MEMORY_BUFFER, &bench.error),
              &bench.error);
    assert_status(NEURON_DEVICE_MEMORY_FULL,
                  neuron_plan_create(bench.graph, &bench.charge, &plan, &bench.error),
                  &bench.error);
    assert_null(plan);
    assert_int_equal(used_bytes(&bench), rest_bytes);
    neuron_charge_give(&others, rest_bytes, NEURON_MEMORY_BUFFER);
    destroy_bench(&bench);
}

static void
nothing_is_counted_without_a_charge(void **state)
{
    struct bench bench = create_bench(1);
    struct neuron_plan *plan = NULL;
    struct neuron_program *program = NULL;

    (void)state;
    assert_ok(neuron_plan_create(bench.graph, NULL, &plan, &bench.error), &bench.error);
    assert_ok(neuron_program_create(plan, NULL, &program, &bench.error), &bench.error);
    neuron_program_destroy(program);
    neuron_plan_destroy(plan);
    destroy_bench(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_takes_its_weights_and_a_program_its_arena),
        cmocka_unit_test(the_whole_of_the_weights_is_asked_for_before_any_is_packed),
        cmocka_unit_test(an_arena_that_does_not_fit_leaves_the_plan_as_it_was),
        cmocka_unit_test(weights_that_are_used_where_they_lie_count_as_they_are),
        cmocka_unit_test(weights_of_several_products_are_packed_once),
        cmocka_unit_test(packing_that_outgrows_the_limit_is_refused_and_all_is_given_back),
        cmocka_unit_test(nothing_is_counted_without_a_charge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
