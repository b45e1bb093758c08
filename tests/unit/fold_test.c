/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "compiler/pass.h"
#include "neuron/trace.h"

static const struct neuron_tensor_view example = {.type = NEURON_FLOAT32, .rank = 1, .shape = {4}};

static struct neuron_graph *
trace_function(neuron_trace_fn *function, uint32_t output_count)
{
    const struct neuron_trace_signature signature = {
        .example_inputs = &example, .input_count = 1, .output_count = output_count};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(function, &signature, NULL, &graph, &error), &error);
    return graph;
}

static void
fold(struct neuron_graph *graph)
{
    struct neuron_error error = {0};

    assert_ok(neuron_pass_fold(graph, &error), &error);
    neuron_graph_remove_unused(graph);
}

/* (2 * 3 + 1) * x */
static enum neuron_status
scale_by_seven(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *unused)
{
    struct neuron_value six =
        neuron_multiply(trace, neuron_scalar(trace, 2.0F), neuron_scalar(trace, 3.0F));

    (void)unused;
    y[0] = neuron_multiply(trace, neuron_add(trace, six, neuron_scalar(trace, 1.0F)), x[0]);
    return neuron_trace_status(trace);
}

static void
arithmetic_on_constants_becomes_one_constant(void **state)
{
    struct neuron_graph *graph = trace_function(scale_by_seven, 1);

    (void)state;
    assert_int_equal(neuron_graph_operator_count(graph), 3);
    fold(graph);
    assert_int_equal(neuron_graph_operator_count(graph), 1);
    const struct neuron_graph_value *factor = &graph->values[graph->nodes[0].inputs[0]];
    assert_int_equal(factor->origin, NEURON_VALUE_CONSTANT);
    assert_true(*(const float *)factor->constant == 7.0F);
    neuron_graph_destroy(graph);
}

/* An output that no input reaches, and one that is a plain constant. */
static enum neuron_status
give_constants(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *unused)
{
    (void)unused;
    y[0] = neuron_relu(trace, neuron_scalar(trace, -5.0F));
    y[1] = neuron_scalar(trace, 8.0F);
    y[2] = neuron_relu(trace, x[0]);
    return neuron_trace_status(trace);
}

static void
an_output_of_constants_is_folded_too(void **state)
{
    struct neuron_graph *graph = trace_function(give_constants, 3);

    (void)state;
    fold(graph);
    assert_int_equal(neuron_graph_operator_count(graph), 1);
    const struct neuron_graph_value *zero = &graph->values[graph->outputs[0].value];
    assert_int_equal(zero->origin, NEURON_VALUE_CONSTANT);
    assert_true(*(const float *)zero->constant == 0.0F);
    neuron_graph_destroy(graph);
}

/* A transposed matrix of weights. */
static enum neuron_status
transpose_weights(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                  void *unused)
{
    float numbers[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {2, 4}, .data = numbers};
    const int64_t row[2] = {1, 4};

    (void)unused;
    y[0] = neuron_matmul(trace, neuron_reshape(trace, x[0], row, 2),
                         neuron_transpose(trace, neuron_constant(trace, &weights), NULL));
    return neuron_trace_status(trace);
}

static void
moved_weights_are_moved_once(void **state)
{
    const float expected[8] = {1, 5, 2, 6, 3, 7, 4, 8};
    struct neuron_graph *graph = trace_function(transpose_weights, 1);

    (void)state;
    fold(graph);
    assert_int_equal(neuron_graph_operator_count(graph), 2);
    const struct neuron_graph_value *weights = &graph->values[graph->nodes[1].inputs[1]];
    assert_int_equal(weights->origin, NEURON_VALUE_CONSTANT);
    assert_memory_equal(weights->constant, expected, sizeof(expected));
    neuron_graph_destroy(graph);
}

static enum neuron_status
use_input_only(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *unused)
{
    (void)unused;
    y[0] = neuron_add(trace, x[0], neuron_scalar(trace, 1.0F));
    return neuron_trace_status(trace);
}

static void
what_depends_on_an_input_stays(void **state)
{
    struct neuron_graph *graph = trace_function(use_input_only, 1);

    (void)state;
    fold(graph);
    assert_int_equal(neuron_graph_operator_count(graph), 1);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_on_constants_becomes_one_constant),
        cmocka_unit_test(an_output_of_constants_is_folded_too),
        cmocka_unit_test(moved_weights_are_moved_once),
        cmocka_unit_test(what_depends_on_an_input_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
