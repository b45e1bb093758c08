/* SPDX-License-Identifier: Apache-2.0 */
/* By which algorithm convolutions are computed: which may be, and what is chosen. */
#include "check.h"

#include <string.h>

#include "compiler/algorithms.h"
#include "engine/machine.h"
#include "graph/target.h"
#include "neuron/trace_window.h"
#include "sample_graph.h"
#include "tensor_text.h"

/* One convolution: input, weights, and options. */
struct conv_case {
    const char *tensors;
    struct neuron_conv_options options;
};

static enum neuron_status
record_conv(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const struct conv_case *conv = user;

    y[0] = neuron_conv(trace, x[0], x[1], (struct neuron_value){0}, &conv->options);
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace_conv(const struct conv_case *conv)
{
    struct conv_case copy = *conv;
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT];
    const struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 2, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_int_equal(parse_tensors(conv->tensors, views), 2);
    assert_ok(neuron_trace(record_conv, &signature, &copy, &graph, &error), &error);
    assert_int_equal(graph->node_count, 1);
    return graph;
}

static bool
is_winograd(const struct conv_case *conv)
{
    struct neuron_graph *graph = trace_conv(conv);
    bool is = neuron_algorithm_is_winograd(graph, &graph->nodes[0]);

    neuron_graph_destroy(graph);
    return is;
}

static void
three_by_three_pixels_side_by_side_may_be_winograds(void **state)
{
    static const struct conv_case convs[] = {
        {.tensors = "[1,16,8,8] [16,16,3,3]"},
        {.tensors = "[1,64,56,56] [64,64,3,3]", .options = {.pads = {1, 1, 1, 1}}},
        {.tensors = "[8,32,7,9] [48,32,3,3]", .options = {.strides = {1, 1}, .groups = 1}}};

    (void)state;
    for (size_t i = 0; i < sizeof(convs) / sizeof(convs[0]); i += 1) {
        assert_true(is_winograd(&convs[i]));
    }
}

static void
other_windows_are_not_winograds(void **state)
{
    static const struct conv_case convs[] = {
        {.tensors = "[1,16,8,8] [16,16,1,1]"},
        {.tensors = "[1,16,8,8] [16,16,5,5]"},
        {.tensors = "[1,16,8,8] [16,16,1,3]"},
        {.tensors = "[1,16,8,8] [16,16,3,2]"},
        {.tensors = "[1,16,8,8] [16,16,3,3]", .options = {.strides = {2, 2}}},
        {.tensors = "[1,16,8,8] [16,16,3,3]", .options = {.strides = {1, 2}}},
        {.tensors = "[1,16,8,8] [16,16,3,3]", .options = {.dilations = {2, 1}}},
        {.tensors = "[1,32,8,8] [32,16,3,3]", .options = {.groups = 2}},
        {.tensors = "[1,16,8,8] [16,1,3,3]", .options = {.groups = 16}},
        {.tensors = "[1,16,8] [16,16,3]"},
        {.tensors = "[1,16,5,5,5] [16,16,3,3,3]"},
        {.tensors = "float64[1,16,8,8] float64[16,16,3,3]"}};

    (void)state;
    for (size_t i = 0; i < sizeof(convs) / sizeof(convs[0]); i += 1) {
        assert_false(is_winograd(&convs[i]));
    }
}

/* Says by which algorithm a convolution is computed, by its shapes alone. */
static enum neuron_algorithm
choose(const struct conv_case *conv, enum neuron_precision precision)
{
    struct neuron_graph *graph = trace_conv(conv);

    graph->nodes[0].attributes.precision = precision;
    neuron_algorithms_choose(graph);
    enum neuron_algorithm algorithm = graph->nodes[0].attributes.algorithm;
    assert_string_equal(graph->target.processor, "");
    neuron_graph_destroy(graph);
    return algorithm;
}

static void
many_pixels_are_computed_by_winograds_algorithm(void **state)
{
    static const struct conv_case conv = {.tensors = "[1,64,56,56] [64,64,3,3]",
                                          .options = {.pads = {1, 1, 1, 1}}};

    (void)state;
    assert_int_equal(choose(&conv, NEURON_PRECISION_FLOAT32), NEURON_ALGORITHM_WINOGRAD);
}

static void
few_pixels_or_fewer_bits_are_not(void **state)
{
    static const struct conv_case few = {.tensors = "[1,512,7,7] [512,512,3,3]",
                                         .options = {.pads = {1, 1, 1, 1}}};
    static const struct conv_case many = {.tensors = "[1,64,56,56] [64,64,3,3]",
                                          .options = {.pads = {1, 1, 1, 1}}};
    static const struct conv_case strided = {.tensors = "[1,64,56,56] [64,64,3,3]",
                                             .options = {.strides = {2, 2}}};

    (void)state;
    assert_int_not_equal(choose(&few, NEURON_PRECISION_FLOAT32), NEURON_ALGORITHM_WINOGRAD);
    assert_int_not_equal(choose(&strided, NEURON_PRECISION_FLOAT32), NEURON_ALGORITHM_WINOGRAD);
    assert_int_not_equal(choose(&many, NEURON_PRECISION_BFLOAT16), NEURON_ALGORITHM_WINOGRAD);
    assert_int_not_equal(choose(&many, NEURON_PRECISION_INT8), NEURON_ALGORITHM_WINOGRAD);
}

/* One convolution that wins, behind as many that do not as `user` says. */
static enum neuron_status
record_many(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const struct neuron_conv_options padded = {.pads = {1, 1, 1, 1}};
    const struct neuron_value none = {0};
    const uint32_t *others = user;
    struct neuron_value value = x[0];

    for (uint32_t i = 0; i < *others; i += 1) {
        value = neuron_conv(trace, value, x[2], none, NULL);
    }
    y[0] = neuron_relu(trace, neuron_conv(trace, value, x[1], none, &padded));
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace_many(uint32_t others)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT];
    const struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = 3, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_int_equal(parse_tensors("[1,16,48,48] [16,16,3,3] [16,16,1,1]", views), 3);
    assert_ok(neuron_trace(record_many, &signature, &others, &graph, &error), &error);
    return graph;
}

static void
a_small_part_of_a_graph_does_not_bring_it_into_blocks(void **state)
{
    struct neuron_graph *graph = trace_many(200);

    (void)state;
    neuron_algorithms_choose(graph);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        assert_int_equal(graph->nodes[i].attributes.algorithm, NEURON_ALGORITHM_DEFAULT);
    }
    neuron_graph_destroy(graph);
}

static void
only_convolutions_have_an_algorithm(void **state)
{
    struct neuron_graph *graph = trace_many(1);
    uint32_t winograd = 0;

    (void)state;
    neuron_algorithms_choose(graph);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        if (node->kind != NEURON_OPERATOR_CONV) {
            assert_int_equal(node->attributes.algorithm, NEURON_ALGORITHM_DEFAULT);
        }
        winograd += node->attributes.algorithm == NEURON_ALGORITHM_WINOGRAD ? 1 : 0;
    }
    assert_int_equal(winograd, 1);
    neuron_graph_destroy(graph);
}

static void
measuring_chooses_one_that_there_is_and_notes_the_processor(void **state)
{
    struct neuron_graph *graph = trace_many(2);
    char processor[NEURON_PROCESSOR_LIMIT_BYTES] = "";
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_algorithms_measure(graph, &error), &error);
    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        const struct neuron_node *node = &graph->nodes[i];

        assert_true(node->attributes.algorithm < NEURON_ALGORITHM_END);
        if (node->attributes.algorithm == NEURON_ALGORITHM_WINOGRAD) {
            assert_true(neuron_algorithm_is_winograd(graph, node));
        }
    }
    if (neuron_machine_instructions() >= NEURON_INSTRUCTIONS_AVX512) {
        neuron_machine_name_processor(processor, sizeof(processor));
        assert_string_equal(graph->target.processor, processor);
    }
    neuron_graph_destroy(graph);
}

static void
measuring_a_graph_without_convolutions_chooses_nothing(void **state)
{
    static const struct conv_case conv = {.tensors = "[1,16,8] [16,16,3]"};
    struct neuron_graph *graph = trace_conv(&conv);
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_algorithms_measure(graph, &error), &error);
    assert_int_equal(graph->nodes[0].attributes.algorithm, NEURON_ALGORITHM_DEFAULT);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_by_three_pixels_side_by_side_may_be_winograds),
        cmocka_unit_test(other_windows_are_not_winograds),
        cmocka_unit_test(many_pixels_are_computed_by_winograds_algorithm),
        cmocka_unit_test(few_pixels_or_fewer_bits_are_not),
        cmocka_unit_test(a_small_part_of_a_graph_does_not_bring_it_into_blocks),
        cmocka_unit_test(only_convolutions_have_an_algorithm),
        cmocka_unit_test(measuring_chooses_one_that_there_is_and_notes_the_processor),
        cmocka_unit_test(measuring_a_graph_without_convolutions_chooses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
