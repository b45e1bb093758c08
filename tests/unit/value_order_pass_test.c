/* SPDX-License-Identifier: Apache-2.0 */
/* The numbering of values, and the removal of what nobody reads. */
#include <stdlib.h>

#include "check.h"

#include "neff/neff_graph.h"
#include "pass_check.h"

/* Whether constants are made before they are used, or the other way round. */
enum order { ORDER_FORWARD, ORDER_BACKWARD };

/* (x * 2) + 3, whose two constants come in either order. */
static enum neuron_status
record_line(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const enum order *order = user;
    struct neuron_value first = neuron_scalar(trace, *order == ORDER_FORWARD ? 2.0F : 3.0F);
    struct neuron_value second = neuron_scalar(trace, *order == ORDER_FORWARD ? 3.0F : 2.0F);
    struct neuron_value factor = *order == ORDER_FORWARD ? first : second;
    struct neuron_value term = *order == ORDER_FORWARD ? second : first;

    y[0] = neuron_add(trace, neuron_multiply(trace, x[0], factor), term);
    return neuron_trace_status(trace);
}

/* A sum that is read, behind a product and a constant that are not. */
static enum neuron_status
record_with_dead_code(struct neuron_trace *trace, const struct neuron_value *x,
                      struct neuron_value *y, void *user)
{
    struct neuron_value unread = neuron_multiply(trace, x[0], neuron_scalar(trace, 5.0F));

    (void)user;
    (void)neuron_exp(trace, unread);
    y[0] = neuron_add(trace, x[0], x[0]);
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace_line(enum order order)
{
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 1, .shape = {4}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_line, &signature, &order, &graph, &error), &error);
    return graph;
}

/* The graph section as a file has it; the caller frees it. */
static unsigned char *
encode(const struct neuron_graph *graph, size_t *size_bytes)
{
    uint64_t offsets[16] = {0};
    uint64_t weights_bytes = 0;
    const struct neuron_neff_placed_graph placed = {graph, offsets};
    struct neuron_neff_bytes bytes = {0};
    struct neuron_error error;

    assert_true(graph->value_count <= 16);
    assert_ok(neuron_neff_place_constants(&placed, 1, &weights_bytes, &error), &error);
    assert_ok(neuron_neff_graph_encode(&placed, NULL, 0, &bytes, &error), &error);
    *size_bytes = bytes.size_bytes;
    return bytes.bytes;
}

static void
the_order_of_making_does_not_show(void **state)
{
    struct neuron_graph *graphs[2] = {trace_line(ORDER_FORWARD), trace_line(ORDER_BACKWARD)};
    unsigned char *bytes[2] = {NULL, NULL};
    size_t sizes[2] = {0, 0};
    struct neuron_error error;

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        assert_ok(neuron_pass_value_order(graphs[i], &error), &error);
        bytes[i] = encode(graphs[i], &sizes[i]);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    for (int i = 0; i < 2; i += 1) {
        free(bytes[i]);
        neuron_graph_destroy(graphs[i]);
    }
}

static void
constants_are_numbered_as_they_are_read(void **state)
{
    struct neuron_graph *graph = trace_line(ORDER_BACKWARD);
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_pass_value_order(graph, &error), &error);
    assert_int_equal(graph->inputs[0].value, 0);
    assert_int_equal(graph->nodes[0].inputs[1], 1);
    assert_int_equal(graph->nodes[1].inputs[1], 2);
    assert_float_equal(*(const float *)graph->values[1].constant, 2.0F, 0.0F);
    assert_int_equal(graph->outputs[0].value, graph->value_count - 1);
    neuron_graph_destroy(graph);
}

static void
what_nobody_reads_is_removed(void **state)
{
    const int64_t dims[4] = {1, 2, 3, 4};
    struct neuron_graph *graph =
        pass_check(neuron_pass_value_order, record_with_dead_code, NULL, dims);

    (void)state;
    assert_int_equal(graph->node_count, 1);
    assert_int_equal(graph->nodes[0].kind, NEURON_OPERATOR_ADD);
    assert_int_equal(graph->value_count, 2); /* neither the product nor its factor */
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_making_does_not_show),
        cmocka_unit_test(constants_are_numbered_as_they_are_read),
        cmocka_unit_test(what_nobody_reads_is_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
