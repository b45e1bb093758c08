/* SPDX-License-Identifier: Apache-2.0 */
/* Consecutive nodes as a graph: what goes in, what comes out, and what is left behind. */
#include "graph/graph_part.h"

#include <string.h>

#include "check.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_reduce.h"
#include "sample_graph.h"

/*
 * x, unused -> a = x * 2; b = relu(a); c = a + b; d = c + x, and out come b, d, x and a constant.
 */
static enum neuron_status
four_nodes(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    float numbers[3] = {1, 2, 3};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {3}, .data = numbers};
    struct neuron_value doubled = neuron_multiply(trace, x[0], neuron_scalar(trace, 2.0F));

    (void)user;
    y[0] = neuron_relu(trace, doubled);
    y[1] = neuron_add(trace, neuron_add(trace, doubled, y[0]), x[0]);
    y[2] = x[0];
    y[3] = neuron_constant(trace, &view);
    return neuron_trace_status(trace);
}

static int
make_graph(void **state)
{
    const struct neuron_tensor_view views[2] = {
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {4, 8}},
        {.type = NEURON_INT32, .rank = 1, .shape = {5}}};
    const struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 2, .output_count = 4};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_trace(four_nodes, &signature, NULL, &graph, &error), &error);
    assert_int_equal(graph->node_count, 4);
    *state = graph;
    return 0;
}

static int
destroy_graph(void **state)
{
    neuron_graph_destroy(*state);
    return 0;
}

static struct neuron_graph_part
part_of(const struct neuron_graph *whole, uint32_t first, uint32_t end)
{
    struct neuron_graph_part part = {0};
    struct neuron_error error = {0};

    assert_ok(neuron_graph_part_create(whole, first, end, &part, &error), &error);
    return part;
}

static void
the_first_part_gives_also_what_no_node_makes(void **state)
{
    const struct neuron_graph *whole = *state;
    struct neuron_graph_part part = part_of(whole, 0, 2);

    assert_int_equal(part.graph->node_count, 2);
    assert_int_equal(part.graph->input_count, 1); /* what nobody reads is left out */
    assert_int_equal(part.input_values[0], whole->inputs[0].value);
    assert_int_equal(part.graph->output_count, 4); /* b, x, the constant, and a, which crosses */
    assert_int_equal(part.output_ports[0], 0);
    assert_int_equal(part.output_ports[1], 2);
    assert_int_equal(part.output_ports[2], 3);
    assert_true(part.output_ports[3] == UINT32_MAX);
    assert_int_equal(part.output_values[3], whole->nodes[0].output);
    neuron_graph_part_destroy(&part);
}

static void
a_later_part_takes_what_earlier_ones_make(void **state)
{
    const struct neuron_graph *whole = *state;
    struct neuron_graph_part part = part_of(whole, 2, 4);

    assert_int_equal(part.graph->input_count, 3); /* x, a and b */
    assert_int_equal(part.input_values[0], whole->inputs[0].value);
    assert_int_equal(part.input_values[1], whole->nodes[0].output);
    assert_int_equal(part.input_values[2], whole->nodes[1].output);
    assert_int_equal(part.graph->output_count, 1);
    assert_int_equal(part.output_ports[0], 1);
    assert_true(neuron_tensor_shape_equals(&part.graph->outputs[0].spec.shape,
                                           &whole->outputs[1].spec.shape));
    neuron_graph_part_destroy(&part);
}

static void
all_nodes_are_the_graph_itself(void **state)
{
    const struct neuron_graph *whole = *state;
    struct neuron_graph_part part = part_of(whole, 0, 4);

    assert_int_equal(part.graph->node_count, 4);
    assert_int_equal(part.graph->output_count, 4);
    for (uint32_t i = 0; i < 4; i += 1) {
        assert_int_equal(part.output_ports[i], i);
        assert_int_equal(part.graph->nodes[i].kind, whole->nodes[i].kind);
    }
    neuron_graph_part_destroy(&part);
}

static void
a_part_borrows_its_constants(void **state)
{
    const struct neuron_graph *whole = *state;
    struct neuron_graph_part part = part_of(whole, 0, 1);
    const struct neuron_node *node = &part.graph->nodes[0];
    const struct neuron_node *from = &whole->nodes[0];

    for (uint32_t i = 0; i < 2; i += 1) {
        const struct neuron_graph_value *value = &part.graph->values[node->inputs[i]];

        assert_ptr_equal(value->constant, whole->values[from->inputs[i]].constant);
        assert_null(value->owned);
    }
    neuron_graph_part_destroy(&part);
}

static void
every_cut_of_a_large_graph_fits_together(void **state)
{
    struct neuron_graph *whole = sample_graph();

    (void)state;
    for (uint32_t cut = 1; cut < whole->node_count; cut += 1) {
        struct neuron_graph_part left = part_of(whole, 0, cut);
        struct neuron_graph_part right = part_of(whole, cut, whole->node_count);
        uint32_t ports = 0;

        assert_int_equal(left.graph->node_count + right.graph->node_count, whole->node_count);
        for (uint32_t i = 0; i < left.graph->output_count; i += 1) {
            ports += left.output_ports[i] == UINT32_MAX ? 0 : 1;
        }
        for (uint32_t i = 0; i < right.graph->output_count; i += 1) {
            assert_true(right.output_ports[i] != UINT32_MAX); /* nothing is read behind the last */
            ports += 1;
        }
        assert_int_equal(ports, whole->output_count);
        neuron_graph_part_destroy(&left);
        neuron_graph_part_destroy(&right);
    }
    neuron_graph_destroy(whole);
}

static void
what_crosses_is_counted_in_bytes(void **state)
{
    enum { TENSOR = 4 * 8 * 4 };
    uint64_t crossing[5] = {77, 77, 77, 77, 77};
    struct neuron_error error = {0};

    assert_ok(neuron_graph_count_crossing(*state, crossing, &error), &error);
    assert_int_equal(crossing[0], 0);
    assert_int_equal(crossing[1], TENSOR);     /* a */
    assert_int_equal(crossing[2], 2 * TENSOR); /* a and b */
    assert_int_equal(crossing[3], TENSOR);     /* c */
    assert_int_equal(crossing[4], 0);
}

static void
a_zeroed_part_can_be_destroyed(void **state)
{
    struct neuron_graph_part part = {0};

    (void)state;
    neuron_graph_part_destroy(&part);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_part_gives_also_what_no_node_makes, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(a_later_part_takes_what_earlier_ones_make, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(all_nodes_are_the_graph_itself, make_graph, destroy_graph),
        cmocka_unit_test_setup_teardown(a_part_borrows_its_constants, make_graph, destroy_graph),
        cmocka_unit_test(every_cut_of_a_large_graph_fits_together),
        cmocka_unit_test_setup_teardown(what_crosses_is_counted_in_bytes, make_graph,
                                        destroy_graph),
        cmocka_unit_test(a_zeroed_part_can_be_destroyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
