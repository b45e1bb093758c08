/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/program.h"
#include "engine/single_thread.h"
#include "engine/step_description.h"
#include "graph/graph_body.h"
#include "sample_graph.h"

enum { PORT_LIMIT = 4 };

/* A program over the sample graph, and the memory of its inputs and outputs. */
struct bench {
    struct neuron_graph *graph;
    struct neuron_plan *plan;
    struct neuron_program *program;
    void *inputs[PORT_LIMIT];
    void *outputs[PORT_LIMIT];
};

static int
make_program(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    struct neuron_error error = {0};

    assert_non_null(bench);
    (void)neuron_engine_use_single_thread();
    bench->graph = sample_graph();
    assert_true(bench->graph->input_count <= PORT_LIMIT);
    assert_true(bench->graph->output_count <= PORT_LIMIT);
    assert_ok(neuron_plan_create(bench->graph, NULL, &bench->plan, &error), &error);
    assert_ok(neuron_program_create(bench->plan, NULL, &bench->program, &error), &error);
    for (uint32_t i = 0; i < bench->graph->input_count; i += 1) {
        bench->inputs[i] =
            calloc(1, neuron_tensor_shape_size_bytes(&bench->graph->inputs[i].spec.shape));
    }
    for (uint32_t i = 0; i < bench->graph->output_count; i += 1) {
        bench->outputs[i] =
            calloc(1, neuron_tensor_shape_size_bytes(&bench->graph->outputs[i].spec.shape));
    }
    *state = bench;
    return 0;
}

static int
destroy_program(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < PORT_LIMIT; i += 1) {
        free(bench->inputs[i]);
        free(bench->outputs[i]);
    }
    neuron_program_destroy(bench->program);
    neuron_plan_destroy(bench->plan);
    neuron_graph_destroy(bench->graph);
    free(bench);
    return 0;
}

static void
a_profiled_run_gives_the_same_bytes(void **state)
{
    struct bench *bench = *state;
    size_t size_bytes = neuron_tensor_shape_size_bytes(&bench->graph->outputs[0].spec.shape);
    unsigned char *expected = malloc(size_bytes);
    struct neuron_step_time *times =
        calloc(neuron_plan_step_count(bench->plan), sizeof(struct neuron_step_time));
    struct neuron_error error = {0};

    assert_non_null(expected);
    assert_non_null(times);
    assert_ok(neuron_program_run(bench->program, bench->inputs, bench->outputs, 0, &error), &error);
    memcpy(expected, bench->outputs[0], size_bytes);
    memset(bench->outputs[0], 0xFF, size_bytes);
    assert_ok(
        neuron_program_run_profiled(bench->program, bench->inputs, bench->outputs, times, &error),
        &error);
    assert_memory_equal(bench->outputs[0], expected, size_bytes);
    free(times);
    free(expected);
}

static void
steps_follow_each_other(void **state)
{
    struct bench *bench = *state;
    uint32_t count = neuron_plan_step_count(bench->plan);
    struct neuron_step_time *times = calloc(count, sizeof(*times));
    struct neuron_error error = {0};
    uint64_t now_ns = 0;

    assert_non_null(times);
    assert_true(count > 0);
    assert_ok(
        neuron_program_run_profiled(bench->program, bench->inputs, bench->outputs, times, &error),
        &error);
    for (uint32_t i = 0; i < count; i += 1) {
        assert_true(times[i].begin_ns >= now_ns);
        assert_true(times[i].end_ns >= times[i].begin_ns);
        now_ns = times[i].end_ns;
    }
    assert_true(now_ns > 0);
    free(times);
}

static void
every_step_says_what_it_is_for(void **state)
{
    const struct bench *bench = *state;
    uint32_t count = neuron_plan_step_count(bench->plan);
    bool *has_step = calloc(bench->graph->node_count, sizeof(*has_step));

    assert_non_null(has_step);
    for (uint32_t i = 0; i < count; i += 1) {
        struct neuron_step_description step = neuron_plan_describe_step(bench->plan, i);

        assert_true(step.node < bench->graph->node_count || step.node == UINT32_MAX);
        assert_true(step.kernel[0] != '\0' && step.implementation[0] != '\0');
        if (step.node != UINT32_MAX) {
            has_step[step.node] = true;
        }
    }
    for (uint32_t i = 0; i < bench->graph->node_count; i += 1) {
        /* A new shape alone takes no step. */
        assert_true(has_step[i] || bench->graph->nodes[i].kind == NEURON_OPERATOR_RESHAPE);
    }
    free(has_step);
}

static void
a_convolution_is_done_by_one(void **state)
{
    const struct bench *bench = *state;
    uint32_t found = 0;

    for (uint32_t i = 0; i < neuron_plan_step_count(bench->plan); i += 1) {
        struct neuron_step_description step = neuron_plan_describe_step(bench->plan, i);

        if (strcmp(step.kernel, "convolution") == 0) {
            assert_int_equal(bench->graph->nodes[step.node].kind, NEURON_OPERATOR_CONV);
            found += 1;
        }
    }
    assert_true(found > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_profiled_run_gives_the_same_bytes, make_program,
                                        destroy_program),
        cmocka_unit_test_setup_teardown(steps_follow_each_other, make_program, destroy_program),
        cmocka_unit_test_setup_teardown(every_step_says_what_it_is_for, make_program,
                                        destroy_program),
        cmocka_unit_test_setup_teardown(a_convolution_is_done_by_one, make_program,
                                        destroy_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
