/* SPDX-License-Identifier: Apache-2.0 */
/* Which nodes an option names, and what of theirs is rounded. */
#include "check.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/auto_cast.h"
#include "engine_run.h"
#include "neuron/trace_elementwise.h"
#include "neuron/trace_window.h"
#include "sample_graph.h"
#include "traced_operators.h"

/*
 * Products, what lies between them, a product of another type, and operators of which there are no
 * kernels for fewer bits: [2,16,5,5].
 */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct neuron_value none = {0};
    struct neuron_value conv =
        neuron_conv(trace, x[0], sample_constant(trace, 16, 16, 1, 1), none, NULL);
    struct neuron_value relu = neuron_relu(trace, conv);
    struct neuron_value wider =
        neuron_conv_transpose(trace, relu, sample_constant(trace, 16, 16, 1, 1), none, NULL);
    struct neuron_value product =
        neuron_matmul(trace, neuron_add(trace, wider, conv), sample_constant(trace, 5, 6, 0, 0));
    struct neuron_value twice = neuron_cast(trace, product, NEURON_FLOAT64);

    (void)user;
    y[0] = neuron_matmul(trace, neuron_sin(trace, product), sample_constant(trace, 6, 7, 0, 0));
    y[1] = neuron_matmul(trace, twice, neuron_transpose(trace, twice, (uint32_t[]){0, 1, 3, 2}));
    y[2] = wider;
    return neuron_trace_status(trace);
}

static int
make_graph(void **state)
{
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 16, 5, 5}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 3};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record, &signature, NULL, &graph, &error), &error);
    *state = graph;
    return 0;
}

static int
destroy_graph(void **state)
{
    neuron_graph_destroy(*state);
    return 0;
}

static bool
is_real_product(const struct neuron_graph *graph, const struct neuron_node *node)
{
    return graph->values[node->output].shape.type == NEURON_FLOAT32 &&
           (node->kind == NEURON_OPERATOR_CONV || node->kind == NEURON_OPERATOR_CONV_TRANSPOSE ||
            node->kind == NEURON_OPERATOR_MATMUL);
}

/* Fails unless products have this precision, all else is float32, and no result is rounded. */
static void
expect_products_alone(const struct neuron_graph *graph, enum neuron_precision precision)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];
        bool is_product = is_real_product(graph, node);

        assert_int_equal(node->attributes.precision,
                         is_product ? precision : NEURON_PRECISION_FLOAT32);
        assert_false(node->attributes.rounds_result);
        assert_true(node->attributes.input_peak == 0.0F);
        count += is_product ? 1 : 0;
    }
    assert_int_equal(count, 4);
}

static void
nothing_is_cast_without_the_option(void **state)
{
    neuron_auto_cast(*state, NEURON_AUTO_CAST_NONE, NEURON_AUTO_CAST_BF16);
    expect_products_alone(*state, NEURON_PRECISION_FLOAT32);
    neuron_auto_cast(*state, NEURON_AUTO_CAST_NONE, NEURON_AUTO_CAST_INT8);
    expect_products_alone(*state, NEURON_PRECISION_FLOAT32);
}

static void
matmult_names_products_of_every_kind(void **state)
{
    neuron_auto_cast(*state, NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_BF16);
    expect_products_alone(*state, NEURON_PRECISION_BFLOAT16);
    neuron_auto_cast(*state, NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_FP16);
    expect_products_alone(*state, NEURON_PRECISION_FLOAT16);
    neuron_auto_cast(*state, NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    expect_products_alone(*state, NEURON_PRECISION_INT8);
}

static void
eight_bits_and_float16_are_for_products_alone(void **state)
{
    neuron_auto_cast(*state, NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_INT8);
    expect_products_alone(*state, NEURON_PRECISION_INT8);
    neuron_auto_cast(*state, NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_FP16);
    expect_products_alone(*state, NEURON_PRECISION_FLOAT16);
}

static bool
goes_outside(const struct neuron_graph *graph, uint32_t value)
{
    bool found = false;

    for (uint32_t i = 0; i < graph->output_count; i += 1) {
        found = found || graph->outputs[i].value == value;
    }
    return found;
}

static void
all_rounds_what_is_handed_on_and_nothing_outside(void **state)
{
    const struct neuron_graph *graph = *state;
    uint32_t rounded = 0;

    neuron_auto_cast(*state, NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_BF16);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        if (is_real_product(graph, node)) {
            assert_int_equal(node->attributes.precision, NEURON_PRECISION_BFLOAT16);
        }
        if (node->attributes.rounds_result) {
            assert_int_equal(node->attributes.precision, NEURON_PRECISION_BFLOAT16);
            assert_int_equal(graph->values[node->output].shape.type, NEURON_FLOAT32);
            assert_false(goes_outside(graph, node->output));
            rounded += 1;
        }
    }
    /* The two products inside, the activation, and the sum. */
    assert_true(rounded >= 4);
}

static void
other_types_than_float32_stay_as_they_are(void **state)
{
    const struct neuron_graph *graph = *state;

    neuron_auto_cast(*state, NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_BF16);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        if (graph->values[node->output].shape.type != NEURON_FLOAT32) {
            assert_int_equal(node->attributes.precision, NEURON_PRECISION_FLOAT32);
            assert_false(node->attributes.rounds_result);
        }
    }
}

enum { FIRST_DENSE = 3 };

/* Convolutions of 16 channels, each a group, of two kinds and transposed; then others. */
static enum neuron_status
record_groups(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    static const struct neuron_conv_options depthwise = {.groups = 16};
    static const struct neuron_conv_options two_groups = {.groups = 2};
    static const struct neuron_conv_transpose_options transposed = {.groups = 16};
    static const struct neuron_conv_transpose_options two_transposed = {.groups = 2};
    const struct neuron_value none = {0};

    (void)user;
    y[0] = neuron_conv(trace, x[0], sample_constant(trace, 16, 1, 3, 3), none, &depthwise);
    y[1] = neuron_conv(trace, x[0], sample_constant(trace, 32, 1, 1, 1), none, &depthwise);
    y[2] =
        neuron_conv_transpose(trace, x[0], sample_constant(trace, 16, 1, 3, 3), none, &transposed);
    y[3] = neuron_conv(trace, x[0], sample_constant(trace, 16, 8, 1, 1), none, &two_groups);
    y[4] = neuron_conv_transpose(trace, x[0], sample_constant(trace, 16, 8, 3, 3), none,
                                 &two_transposed);
    y[5] = neuron_conv(trace, x[0], sample_constant(trace, 8, 16, 1, 1), none, NULL);
    /* One channel is one group, and no depthwise convolution. */
    y[6] = neuron_conv(trace, x[1], sample_constant(trace, 4, 1, 3, 3), none, NULL);
    return neuron_trace_status(trace);
}

/* Fails unless depthwise convolutions get one precision, and others another. */
static void
expect_depthwise(enum neuron_auto_cast which, enum neuron_auto_cast_type type,
                 enum neuron_precision depthwise, enum neuron_precision others)
{
    const struct neuron_tensor_view views[2] = {
        {.type = NEURON_FLOAT32, .rank = 4, .shape = {2, 16, 5, 5}},
        {.type = NEURON_FLOAT32, .rank = 4, .shape = {2, 1, 5, 5}}};
    const struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 2, .output_count = 7};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record_groups, &signature, NULL, &graph, &error), &error);
    assert_int_equal(graph->node_count, 7);
    neuron_auto_cast(graph, which, type);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        assert_int_equal(graph->nodes[i].attributes.precision,
                         i < FIRST_DENSE ? depthwise : others);
    }
    neuron_graph_destroy(graph);
}

static void
eight_bits_leave_depthwise_convolutions_alone(void **state)
{
    (void)state;
    expect_depthwise(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8, NEURON_PRECISION_FLOAT32,
                     NEURON_PRECISION_INT8);
    expect_depthwise(NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_INT8, NEURON_PRECISION_FLOAT32,
                     NEURON_PRECISION_INT8);
}

static void
other_types_name_depthwise_convolutions_too(void **state)
{
    (void)state;
    expect_depthwise(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_BF16, NEURON_PRECISION_BFLOAT16,
                     NEURON_PRECISION_BFLOAT16);
    expect_depthwise(NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_BF16, NEURON_PRECISION_BFLOAT16,
                     NEURON_PRECISION_BFLOAT16);
    expect_depthwise(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_FP16, NEURON_PRECISION_FLOAT16,
                     NEURON_PRECISION_FLOAT16);
}

/* An activation of what no product makes, which a product reads. */
static enum neuron_status
record_activation(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                  void *user)
{
    unary_fn *const *activate = user;
    struct neuron_value activated = (*activate)(trace, neuron_sin(trace, x[0]));

    y[0] = neuron_conv(trace, activated, sample_constant(trace, 16, 16, 1, 1),
                       (struct neuron_value){0}, NULL);
    return neuron_trace_status(trace);
}

/* Fails unless the activation is rounded, and not far from what it is in float32. */
static void
expect_rounded_activation(unary_fn *activate)
{
    enum { COUNT = 2 * 16 * 5 * 5 };
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 4, .shape = {2, 16, 5, 5}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    float numbers[COUNT];
    void *const inputs[1] = {numbers};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    for (int i = 0; i < COUNT; i += 1) {
        numbers[i] = 0.01F * (float)(i - 400);
    }
    assert_ok(neuron_trace(record_activation, &signature, &activate, &graph, &error), &error);
    float *exact = engine_run_to_floats(graph, inputs);
    neuron_auto_cast(graph, NEURON_AUTO_CAST_ALL, NEURON_AUTO_CAST_BF16);
    assert_true(graph->nodes[1].attributes.rounds_result);
    assert_int_equal(graph->nodes[1].attributes.precision, NEURON_PRECISION_BFLOAT16);
    float *rounded = engine_run_to_floats(graph, inputs);
    for (int i = 0; i < COUNT; i += 1) {
        assert_true(fabsf(rounded[i] - exact[i]) < 0.02F * fmaxf(1.0F, fabsf(exact[i])));
    }
    free(rounded);
    free(exact);
    neuron_graph_destroy(graph);
}

static void
all_rounds_every_activation(void **state)
{
    static unary_fn *const activations[] = {neuron_relu,       neuron_gelu,     neuron_gelu_tanh,
                                            neuron_sigmoid,    neuron_tanh,     neuron_mish,
                                            neuron_hard_swish, neuron_softplus, neuron_swish};

    (void)state;
    for (size_t i = 0; i < sizeof(activations) / sizeof(activations[0]); i += 1) {
        expect_rounded_activation(activations[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_cast_without_the_option, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(matmult_names_products_of_every_kind, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(eight_bits_and_float16_are_for_products_alone, make_graph,
                                        destroy_graph),
        cmocka_unit_test_setup_teardown(all_rounds_what_is_handed_on_and_nothing_outside,
                                        make_graph, destroy_graph),
        cmocka_unit_test(all_rounds_every_activation),
        cmocka_unit_test(eight_bits_leave_depthwise_convolutions_alone),
        cmocka_unit_test(other_types_name_depthwise_convolutions_too),
        cmocka_unit_test_setup_teardown(other_types_than_float32_stay_as_they_are, make_graph,
                                        destroy_graph),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
