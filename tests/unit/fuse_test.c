/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <string.h>

#include "compiler/pass.h"
#include "sample_graph.h"

/* How a traced chain goes on behind its product. */
struct chain {
    int64_t bias[4];                 /* dimensions of the constant that is added; none for none */
    bool is_bias_left;               /* constant + product */
    bool has_own_bias;               /* conv2d */
    bool is_read_twice;              /* the product is a second output */
    enum neuron_operator activation; /* behind the sum, or NONE */
    bool is_activation_first;        /* ... or before it */
};

static struct neuron_value
activate(struct neuron_trace *trace, struct neuron_value value, enum neuron_operator kind)
{
    switch ((int)kind) {
    case NEURON_OPERATOR_RELU:
        return neuron_relu(trace, value);
    case NEURON_OPERATOR_GELU:
        return neuron_gelu(trace, value);
    case NEURON_OPERATOR_SIGMOID:
        return neuron_sigmoid(trace, value);
    case NEURON_OPERATOR_TANH:
        return neuron_tanh(trace, value);
    case NEURON_OPERATOR_CLIP:
        return neuron_clip(trace, value, -0.5F, 0.25F);
    default:
        return value;
    }
}

/* What comes behind a product. */
static void
record_chain(struct neuron_trace *trace, const struct chain *chain, struct neuron_value product,
             struct neuron_value *y)
{
    const int64_t *dims = chain->bias;
    struct neuron_value sum = product;

    if (chain->is_activation_first) {
        sum = activate(trace, sum, chain->activation);
    }
    if (dims[0] != 0) {
        struct neuron_value bias = sample_constant(trace, dims[0], dims[1], dims[2], dims[3]);

        sum = chain->is_bias_left ? neuron_add(trace, bias, sum) : neuron_add(trace, sum, bias);
    }
    if (!chain->is_activation_first) {
        sum = activate(trace, sum, chain->activation);
    }
    y[0] = sum;
    y[1] = chain->is_read_twice ? product : sample_constant(trace, 1, 0, 0, 0);
}

/* [2,4,9,8] with weights [6,4,3,3] gives [2,6,7,6]. */
static enum neuron_status
convolve(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    const struct chain *chain = user;
    struct neuron_value own =
        chain->has_own_bias ? sample_constant(trace, 6, 0, 0, 0) : (struct neuron_value){0};

    record_chain(trace, chain,
                 neuron_conv2d(trace, x[0], sample_constant(trace, 6, 4, 3, 3), own, NULL), y);
    return neuron_trace_status(trace);
}

/* [2,4,9,8] times [8,5] gives [2,4,9,5]. */
static enum neuron_status
multiply(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    record_chain(trace, user, neuron_matmul(trace, x[0], sample_constant(trace, 8, 5, 0, 0)), y);
    return neuron_trace_status(trace);
}

/* Traces, fuses, and removes what is left over. The caller destroys the graph. */
static struct neuron_graph *
fuse(neuron_trace_fn *function, struct chain chain)
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 4, 9, 8}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 2};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(function, &signature, &chain, &graph, &error), &error);
    assert_ok(neuron_pass_fuse(graph, &error), &error);
    neuron_graph_remove_unused(graph);
    return graph;
}

/* The whole chain is one node with this activation, whose result is the output. */
static void
expect_one_node(neuron_trace_fn *function, struct chain chain, uint32_t input_count)
{
    struct neuron_graph *graph = fuse(function, chain);
    const struct neuron_node *node = &graph->nodes[0];
    struct neuron_tensor_shape shapes[3] = {{0}};
    struct neuron_tensor_shape result = {0};
    struct neuron_error error;

    assert_int_equal(graph->node_count, 1);
    assert_int_equal(node->input_count, input_count);
    assert_int_equal(node->attributes.activation, chain.activation);
    if (chain.activation == NEURON_OPERATOR_CLIP) {
        assert_true(node->attributes.low == -0.5F && node->attributes.high == 0.25F);
    }
    assert_int_equal(graph->outputs[0].value, node->output);
    for (uint32_t i = 0; i < input_count; i += 1) {
        shapes[i] = graph->values[node->inputs[i]].shape;
    }
    assert_ok(
        neuron_operator_infer(node->kind, &node->attributes, shapes, input_count, &result, &error),
        &error);
    assert_true(neuron_tensor_shape_equals(&result, &graph->outputs[0].spec.shape));
    assert_true(neuron_tensor_shape_equals(&result, &graph->values[node->output].shape));
    neuron_graph_destroy(graph);
}

static void
expect_nodes(neuron_trace_fn *function, struct chain chain, uint32_t count)
{
    struct neuron_graph *graph = fuse(function, chain);

    assert_int_equal(graph->node_count, count);
    assert_int_equal(graph->nodes[0].input_count, chain.has_own_bias ? 3 : 2);
    neuron_graph_destroy(graph);
}

static void
a_number_for_each_column_becomes_the_bias_of_a_matmul(void **state)
{
    (void)state;
    expect_one_node(multiply, (struct chain){.bias = {5}}, 3);
    expect_one_node(multiply, (struct chain){.bias = {1, 5}}, 3);
    expect_one_node(multiply, (struct chain){.bias = {1, 1, 1, 5}}, 3);
    expect_one_node(multiply, (struct chain){.bias = {5}, .is_bias_left = true}, 3);
}

static void
a_number_for_each_channel_becomes_the_bias_of_a_conv2d(void **state)
{
    (void)state;
    expect_one_node(convolve, (struct chain){.bias = {6, 1, 1}}, 3);
    expect_one_node(convolve, (struct chain){.bias = {1, 6, 1, 1}}, 3);
    expect_one_node(convolve, (struct chain){.bias = {1, 6, 1, 1}, .is_bias_left = true}, 3);
}

static void
the_numbers_of_a_bias_stay_the_same(void **state)
{
    struct neuron_graph *graph = fuse(convolve, (struct chain){.bias = {1, 6, 1, 1}});
    const struct neuron_graph_value *bias = &graph->values[graph->nodes[0].inputs[2]];
    float numbers[6];

    (void)state;
    assert_int_equal(bias->origin, NEURON_VALUE_CONSTANT);
    assert_int_equal(bias->shape.rank, 1);
    memcpy(numbers, bias->constant, sizeof(numbers));
    for (int i = 0; i < 6; i += 1) {
        assert_true(numbers[i] == (float)i / 8.0F - 1.0F);
    }
    neuron_graph_destroy(graph);
}

static void
each_activation_becomes_an_attribute(void **state)
{
    (void)state;
    for (int i = NEURON_OPERATOR_RELU; i <= NEURON_OPERATOR_TANH; i += 1) {
        const struct chain alone = {.activation = (enum neuron_operator)i};
        const struct chain with_bias = {.bias = {5}, .activation = (enum neuron_operator)i};
        const struct chain with_own = {.has_own_bias = true, .activation = (enum neuron_operator)i};

        expect_one_node(multiply, alone, 2);
        expect_one_node(multiply, with_bias, 3);
        expect_one_node(convolve, alone, 2);
        expect_one_node(convolve, with_own, 3);
    }
}

static void
a_clip_becomes_an_attribute_with_its_bounds(void **state)
{
    (void)state;
    expect_one_node(multiply, (struct chain){.activation = NEURON_OPERATOR_CLIP}, 2);
    expect_one_node(convolve, (struct chain){.activation = NEURON_OPERATOR_CLIP}, 2);
}

static void
constants_of_other_shapes_are_added_as_before(void **state)
{
    (void)state;
    expect_nodes(multiply, (struct chain){.bias = {1}}, 2);
    expect_nodes(multiply, (struct chain){.bias = {9, 1}}, 2);
    expect_nodes(multiply, (struct chain){.bias = {9, 5}}, 2);
    expect_nodes(multiply, (struct chain){.bias = {2, 4, 9, 5}}, 2);
    expect_nodes(convolve, (struct chain){.bias = {6}}, 2);
    expect_nodes(convolve, (struct chain){.bias = {7, 1}}, 2);
    expect_nodes(convolve, (struct chain){.bias = {2, 6, 1, 1}}, 2);
}

static void
a_second_bias_is_added_as_before(void **state)
{
    (void)state;
    expect_nodes(convolve, (struct chain){.bias = {6, 1, 1}, .has_own_bias = true}, 2);
}

static void
a_bias_behind_an_activation_is_added_as_before(void **state)
{
    struct neuron_graph *graph = fuse(multiply, (struct chain){.bias = {5},
                                                               .activation = NEURON_OPERATOR_RELU,
                                                               .is_activation_first = true});

    (void)state;
    assert_int_equal(graph->node_count, 2);
    assert_int_equal(graph->nodes[0].attributes.activation, NEURON_OPERATOR_RELU);
    assert_int_equal(graph->nodes[0].input_count, 2);
    assert_int_equal(graph->nodes[1].kind, NEURON_OPERATOR_ADD);
    assert_int_equal(graph->nodes[1].inputs[0], graph->nodes[0].output);
    neuron_graph_destroy(graph);
}

static void
a_result_that_others_read_is_left_alone(void **state)
{
    (void)state;
    expect_nodes(multiply, (struct chain){.bias = {5}, .is_read_twice = true}, 2);
    expect_nodes(convolve,
                 (struct chain){.activation = NEURON_OPERATOR_GELU, .is_read_twice = true}, 2);
}

static enum neuron_status
add_to_itself(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    struct neuron_value product = neuron_matmul(trace, x[0], sample_constant(trace, 8, 5, 0, 0));

    (void)user;
    y[0] = neuron_relu(trace, neuron_add(trace, product, product));
    y[1] = neuron_relu(trace, x[0]);
    return neuron_trace_status(trace);
}

static void
a_sum_with_itself_and_an_activation_of_an_input_are_left_alone(void **state)
{
    (void)state;
    expect_nodes(add_to_itself, (struct chain){0}, 4);
}

static enum neuron_status
add_rows(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
         void *user)
{
    const int64_t dims[] = {5};
    struct neuron_value product = neuron_matmul(trace, x[0], sample_constant(trace, 8, 5, 0, 0));
    /* It has the shape of a bias, but it is computed. */
    struct neuron_value bias =
        neuron_reshape(trace, neuron_tanh(trace, sample_constant(trace, 1, 5, 0, 0)), dims, 1);

    (void)user;
    y[0] = neuron_add(trace, product, bias);
    y[1] = neuron_softmax(trace, x[0], 1);
    return neuron_trace_status(trace);
}

static void
what_is_no_constant_is_added_as_before(void **state)
{
    (void)state;
    expect_nodes(add_rows, (struct chain){0}, 5);
}

static enum neuron_status
two_layers(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    struct neuron_value bias = sample_constant(trace, 8, 0, 0, 0);
    struct neuron_value first = neuron_matmul(trace, x[0], sample_constant(trace, 8, 8, 0, 0));
    first = neuron_relu(trace, neuron_add(trace, first, bias));
    struct neuron_value second = neuron_matmul(trace, first, sample_constant(trace, 8, 8, 0, 0));

    (void)user;
    second = neuron_tanh(trace, neuron_add(trace, bias, second));
    y[0] = neuron_add(trace, second, first);
    y[1] = first;
    return neuron_trace_status(trace);
}

static void
layers_are_fused_one_by_one_and_keep_their_readers(void **state)
{
    struct neuron_graph *graph = fuse(two_layers, (struct chain){0});
    const struct neuron_node *nodes = graph->nodes;

    (void)state;
    assert_int_equal(graph->node_count, 3);
    assert_int_equal(nodes[0].attributes.activation, NEURON_OPERATOR_RELU);
    assert_int_equal(nodes[1].attributes.activation, NEURON_OPERATOR_TANH);
    assert_int_equal(nodes[0].inputs[2], nodes[1].inputs[2]);
    assert_int_equal(nodes[1].inputs[0], nodes[0].output);
    assert_int_equal(nodes[2].inputs[0], nodes[1].output);
    assert_int_equal(nodes[2].inputs[1], nodes[0].output);
    assert_int_equal(graph->outputs[0].value, nodes[2].output);
    assert_int_equal(graph->outputs[1].value, nodes[0].output);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_for_each_column_becomes_the_bias_of_a_matmul),
        cmocka_unit_test(a_number_for_each_channel_becomes_the_bias_of_a_conv2d),
        cmocka_unit_test(the_numbers_of_a_bias_stay_the_same),
        cmocka_unit_test(each_activation_becomes_an_attribute),
        cmocka_unit_test(a_clip_becomes_an_attribute_with_its_bounds),
        cmocka_unit_test(constants_of_other_shapes_are_added_as_before),
        cmocka_unit_test(a_second_bias_is_added_as_before),
        cmocka_unit_test(a_bias_behind_an_activation_is_added_as_before),
        cmocka_unit_test(a_result_that_others_read_is_left_alone),
        cmocka_unit_test(a_sum_with_itself_and_an_activation_of_an_input_are_left_alone),
        cmocka_unit_test(what_is_no_constant_is_added_as_before),
        cmocka_unit_test(layers_are_fused_one_by_one_and_keep_their_readers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
