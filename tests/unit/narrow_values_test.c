/* SPDX-License-Identifier: Apache-2.0 */
/* Which values are kept in 16 bits. */
#include "check.h"

#include "engine/narrow_values.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_window.h"
#include "sample_graph.h"
#include "traced_operators.h"

enum { VALUE_LIMIT = 16 };

static struct neuron_value
turn(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_transpose(trace, input, NULL);
}

/*
 * A product [2,16,5,5], and who reads it: a second product, and whatever `user` makes of it. That
 * goes outside.
 */
static enum neuron_status
record_readers(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    const struct neuron_value none = {0};
    struct neuron_value first =
        neuron_conv(trace, x[0], sample_constant(trace, 16, 16, 1, 1), none, NULL);
    unary_fn *const *reader = user;

    y[0] = neuron_conv(trace, first, sample_constant(trace, 16, 16, 1, 1), none, NULL);
    y[1] = *reader == NULL ? y[0] : (*reader)(trace, first);
    return neuron_trace_status(trace);
}

static struct neuron_value
multiply_again(struct neuron_trace *trace, struct neuron_value input)
{
    return neuron_conv(trace, input, sample_constant(trace, 8, 16, 1, 1), (struct neuron_value){0},
                       NULL);
}

static struct neuron_value
turn_and_multiply(struct neuron_trace *trace, struct neuron_value input)
{
    const uint32_t order[4] = {0, 1, 3, 2};

    return multiply_again(trace, neuron_transpose(trace, input, order));
}

static struct neuron_value
same(struct neuron_trace *trace, struct neuron_value input)
{
    (void)trace;
    return input;
}

/* Says whether the product that all read is kept in 16 bits. */
static bool
is_narrow(unary_fn *reader, enum neuron_precision precision, bool rounds_result)
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 16, 5, 5}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 2};
    bool narrow[VALUE_LIMIT];
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_readers, &signature, &reader, &graph, &error), &error);
    assert_true(graph->value_count <= VALUE_LIMIT);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        bool is_product = graph->nodes[i].kind == NEURON_OPERATOR_CONV;

        graph->nodes[i].attributes.precision = is_product ? precision : NEURON_PRECISION_FLOAT32;
    }
    graph->nodes[0].attributes.rounds_result = rounds_result;
    neuron_narrow_values_find(graph, narrow);
    /* What is given, and what goes outside, is as the caller has it. */
    assert_false(narrow[graph->inputs[0].value]);
    assert_false(narrow[graph->outputs[0].value]);
    bool is = narrow[graph->nodes[0].output];
    neuron_graph_destroy(graph);
    return is;
}

static void
what_all_readers_would_round_is_kept_in_16_bits(void **state)
{
    (void)state;
    assert_true(is_narrow(NULL, NEURON_PRECISION_BFLOAT16, false));
    assert_true(is_narrow(multiply_again, NEURON_PRECISION_BFLOAT16, false));
    assert_true(is_narrow(turn_and_multiply, NEURON_PRECISION_BFLOAT16, false));
}

static void
what_one_reader_wants_whole_is_kept_whole(void **state)
{
    (void)state;
    assert_false(is_narrow(neuron_relu, NEURON_PRECISION_BFLOAT16, false));
    assert_false(is_narrow(turn, NEURON_PRECISION_BFLOAT16, false));
    assert_false(is_narrow(neuron_sin, NEURON_PRECISION_BFLOAT16, false));
    assert_false(is_narrow(same, NEURON_PRECISION_BFLOAT16, false));
}

static void
other_precisions_keep_all_bits(void **state)
{
    (void)state;
    assert_false(is_narrow(multiply_again, NEURON_PRECISION_FLOAT32, false));
    assert_false(is_narrow(multiply_again, NEURON_PRECISION_INT8, false));
    assert_false(is_narrow(multiply_again, NEURON_PRECISION_FLOAT16, false));
}

static void
what_a_node_rounds_is_kept_in_16_bits_whoever_reads_it(void **state)
{
    (void)state;
    assert_true(is_narrow(neuron_relu, NEURON_PRECISION_BFLOAT16, true));
    assert_true(is_narrow(neuron_sin, NEURON_PRECISION_BFLOAT16, true));
    assert_true(is_narrow(NULL, NEURON_PRECISION_BFLOAT16, true));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_all_readers_would_round_is_kept_in_16_bits),
        cmocka_unit_test(what_one_reader_wants_whole_is_kept_whole),
        cmocka_unit_test(other_precisions_keep_all_bits),
        cmocka_unit_test(what_a_node_rounds_is_kept_in_16_bits_whoever_reads_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
