/* SPDX-License-Identifier: Apache-2.0 */
/* What each operator of a file becomes in the graph. */
#include "neuron/onnx.h"

#include <string.h>

#include "check.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

static struct onnx_model *
begin(const char *dims)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", dims);
    onnx_add_output(model, "y");
    return model;
}

/* Imports and checks the result; the caller destroys the graph. */
static struct neuron_graph *
expect(struct onnx_model *model, int64_t opset, uint32_t operator_count, const char *shape)
{
    struct neuron_graph *graph = onnx_expect_graph(model, opset);

    onnx_expect_output(graph, operator_count, shape);
    return graph;
}

static void
expect_only(struct onnx_model *model, int64_t opset, uint32_t operator_count, const char *shape)
{
    neuron_graph_destroy(expect(model, opset, operator_count, shape));
}

static void
convolutions_along_one_dimension_stay_so(void **state)
{
    struct onnx_model *model = begin("2,4,9");

    (void)state;
    onnx_add_weights(model, "w", "6,2,3", 1);
    onnx_begin_node(model, "Conv", "x w", "y");
    onnx_add_integer(model, "group", 2);
    onnx_add_list(model, "strides", "2");
    onnx_add_list(model, "pads", "1,2");
    onnx_end_node(model);
    expect_only(model, 13, 1, "float32[2,6,5]");
}

static void
padding_to_the_same_size_puts_the_odd_one_where_it_says(void **state)
{
    static const char *const modes[] = {"SAME_UPPER", "SAME_LOWER"};

    (void)state;
    for (uint32_t i = 0; i < 2; i += 1) {
        struct onnx_model *model = begin("1,1,8,7");

        onnx_add_weights(model, "w", "1,1,4,3", 1);
        onnx_begin_node(model, "Conv", "x w", "y");
        onnx_add_string(model, "auto_pad", modes[i]);
        onnx_add_list(model, "strides", "1,2");
        onnx_end_node(model);
        struct neuron_graph *graph = expect(model, 13, 1, "float32[1,1,8,4]");
        const uint32_t *pads = graph->nodes[0].attributes.pads;

        assert_int_equal(pads[0], i == 0 ? 1 : 2);
        assert_int_equal(pads[2], i == 0 ? 2 : 1);
        assert_int_equal(pads[1], 1);
        assert_int_equal(pads[3], 1);
        neuron_graph_destroy(graph);
    }
}

static struct onnx_model *
build_pool(const char *operator_type, const char *pads, int64_t does_ceil, int64_t counts_padding)
{
    struct onnx_model *model = begin("1,2,7,7");

    onnx_begin_node(model, operator_type, "x", "y");
    onnx_add_list(model, "kernel_shape", "2,2");
    onnx_add_list(model, "strides", "2,2");
    onnx_add_list(model, "pads", pads);
    onnx_add_integer(model, "ceil_mode", does_ceil);
    if (counts_padding != 0) {
        onnx_add_integer(model, "count_include_pad", 1);
    }
    onnx_end_node(model);
    return model;
}

static void
rounding_up_adds_a_place(void **state)
{
    (void)state;
    expect_only(build_pool("MaxPool", "0,0,0,0", 0, 0), 13, 1, "float32[1,2,3,3]");
    expect_only(build_pool("MaxPool", "0,0,0,0", 1, 0), 13, 1, "float32[1,2,4,4]");
    expect_only(build_pool("AveragePool", "0,0,0,0", 1, 0), 13, 1, "float32[1,2,4,4]");
    expect_only(build_pool("AveragePool", "1,1,1,1", 0, 1), 13, 1, "float32[1,2,4,4]");
    /* One place more would begin in the padding. */
    expect_only(build_pool("MaxPool", "1,1,1,1", 1, 0), 13, 1, "float32[1,2,4,4]");
    expect_only(build_pool("AveragePool", "0,0,0,0", 1, 1), 13, 1, "float32[1,2,4,4]");
}

static void
global_pools_and_means_cover_all(void **state)
{
    static const char *const names[] = {"GlobalMaxPool", "GlobalAveragePool"};
    struct onnx_model *mean = begin("2,3,5,4");

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        struct onnx_model *image = begin("2,3,5,4");
        struct onnx_model *line = begin("2,3,5");

        onnx_add_node(image, names[i], "x", "y");
        expect_only(image, 13, 1, "float32[2,3,1,1]");
        onnx_add_node(line, names[i], "x", "y");
        expect_only(line, 13, 1, "float32[2,3,1]");
    }
    onnx_begin_node(mean, "ReduceMean", "x", "y");
    onnx_add_list(mean, "axes", "-1,-2");
    onnx_add_integer(mean, "keepdims", 0);
    onnx_end_node(mean);
    expect_only(mean, 13, 2, "float32[2,3]");
}

static void
softmax_flattened_before_opset_13(void **state)
{
    struct onnx_model *old = begin("2,3,4");
    struct onnx_model *young = begin("2,3,4");

    (void)state;
    onnx_add_node(old, "Softmax", "x", "y");
    struct neuron_graph *graph = expect(old, 12, 3, "float32[2,3,4]");
    assert_int_equal(graph->values[graph->nodes[1].output].shape.dims[1], 12);
    neuron_graph_destroy(graph);
    onnx_add_node(young, "Softmax", "x", "y");
    graph = expect(young, 13, 1, "float32[2,3,4]");
    assert_int_equal(graph->nodes[0].attributes.axis, 2);
    neuron_graph_destroy(graph);
}

static void
clip_reads_attributes_or_inputs(void **state)
{
    static const float six = 6.0F;
    struct onnx_model *old = begin("2,3");
    struct onnx_model *young = begin("2,3");

    (void)state;
    onnx_begin_node(old, "Clip", "x", "y");
    onnx_add_float(old, "min", 0.5F);
    onnx_add_float(old, "max", 6.0F);
    onnx_end_node(old);
    struct neuron_graph *graph = expect(old, 9, 1, "float32[2,3]");
    assert_true(graph->nodes[0].attributes.low == 0.5F && graph->nodes[0].attributes.high == 6.0F);
    neuron_graph_destroy(graph);
    onnx_add_tensor(young, "six", ONNX_FLOAT, "", &six, sizeof(six));
    onnx_add_node(young, "Clip", "x - six", "y");
    graph = expect(young, 13, 1, "float32[2,3]");
    assert_true(graph->nodes[0].attributes.low < -1e38F && graph->nodes[0].attributes.high == 6.0F);
    neuron_graph_destroy(graph);
}

static void
layer_normalization_does_without_a_shift(void **state)
{
    struct onnx_model *model = begin("2,3,4");

    (void)state;
    onnx_add_weights(model, "s", "4", 1);
    onnx_begin_node(model, "LayerNormalization", "x s", "y");
    onnx_add_float(model, "epsilon", 0.25F);
    onnx_end_node(model);
    struct neuron_graph *graph = expect(model, 17, 1, "float32[2,3,4]");
    assert_true(graph->nodes[0].attributes.epsilon == 0.25F);
    neuron_graph_destroy(graph);
}

static void
shapes_change_and_come_back(void **state)
{
    struct onnx_model *old = begin("2,1,3");
    struct onnx_model *young = begin("2,1,3");

    (void)state;
    onnx_begin_node(old, "Squeeze", "x", "a");
    onnx_add_list(old, "axes", "1");
    onnx_end_node(old);
    onnx_begin_node(old, "Unsqueeze", "a", "y");
    onnx_add_list(old, "axes", "0,-1");
    onnx_end_node(old);
    expect_only(old, 11, 2, "float32[1,2,3,1]");
    onnx_add_integers(young, "one", "1");
    onnx_add_integers(young, "last", "-1");
    onnx_add_node(young, "Squeeze", "x one", "a");
    onnx_add_node(young, "Unsqueeze", "a last", "b");
    onnx_begin_node(young, "Transpose", "b", "c");
    onnx_add_list(young, "perm", "2,0,1");
    onnx_end_node(young);
    onnx_begin_node(young, "Concat", "c c", "y");
    onnx_add_integer(young, "axis", -1);
    onnx_end_node(young);
    expect_only(young, 13, 4, "float32[1,2,6]");
}

static void
what_does_nothing_vanishes(void **state)
{
    struct onnx_model *model = begin("2,3");

    (void)state;
    onnx_add_node(model, "Dropout", "x", "a mask");
    onnx_begin_node(model, "Cast", "a", "b");
    onnx_add_integer(model, "to", ONNX_FLOAT);
    onnx_end_node(model);
    onnx_add_node(model, "Identity", "b", "c");
    onnx_add_node(model, "Relu", "c", "y");
    expect_only(model, 13, 1, "float32[2,3]");
}

/* Weights of another type, cast to float32, are these two numbers. */
static void
expect_cast(int type, const void *bytes, size_t size_bytes, float first, float second)
{
    struct onnx_model *model = begin("1,2");
    uint32_t i = 0;

    onnx_add_tensor(model, "w", type, "2", bytes, size_bytes);
    onnx_begin_node(model, "Cast", "w", "f");
    onnx_add_integer(model, "to", ONNX_FLOAT);
    onnx_end_node(model);
    onnx_add_node(model, "Add", "x f", "y");
    struct neuron_graph *graph = expect(model, 13, 1, "float32[1,2]");
    while (graph->values[i].origin != NEURON_VALUE_CONSTANT) {
        i += 1;
    }
    const float *numbers = graph->values[i].constant;
    assert_true(numbers[0] == first && numbers[1] == second);
    neuron_graph_destroy(graph);
}

static void
constants_of_every_type_become_float32(void **state)
{
    (void)state;
    expect_cast(ONNX_DOUBLE, (const double[]){1.5, -2.0}, 16, 1.5F, -2.0F);
    expect_cast(ONNX_FLOAT16, (const uint16_t[]){0x3E00, 0x8001}, 4, 1.5F, -0x1p-24F);
    expect_cast(ONNX_BFLOAT16, (const uint16_t[]){0x3FC0, 0xC000}, 4, 1.5F, -2.0F);
    expect_cast(ONNX_INT64, (const int64_t[]){7, -9}, 16, 7.0F, -9.0F);
    expect_cast(ONNX_INT32, (const int32_t[]){7, -9}, 8, 7.0F, -9.0F);
    expect_cast(ONNX_INT8, (const int8_t[]){7, -9}, 2, 7.0F, -9.0F);
    expect_cast(ONNX_UINT8, (const uint8_t[]){7, 200}, 2, 7.0F, 200.0F);
    expect_cast(ONNX_BOOL, (const uint8_t[]){3, 0}, 2, 1.0F, 0.0F);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions_along_one_dimension_stay_so),
        cmocka_unit_test(padding_to_the_same_size_puts_the_odd_one_where_it_says),
        cmocka_unit_test(rounding_up_adds_a_place),
        cmocka_unit_test(global_pools_and_means_cover_all),
        cmocka_unit_test(softmax_flattened_before_opset_13),
        cmocka_unit_test(clip_reads_attributes_or_inputs),
        cmocka_unit_test(layer_normalization_does_without_a_shift),
        cmocka_unit_test(shapes_change_and_come_back),
        cmocka_unit_test(what_does_nothing_vanishes),
        cmocka_unit_test(constants_of_every_type_become_float32),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
