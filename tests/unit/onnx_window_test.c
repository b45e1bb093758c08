/* SPDX-License-Identifier: Apache-2.0 */
/* Windows and normalizations of ONNX files. */
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

static void
expect(struct onnx_model *model, int64_t opset, uint32_t operator_count, const char *shape)
{
    struct neuron_graph *graph = onnx_expect_graph(model, opset);

    onnx_expect_output(graph, operator_count, shape);
    neuron_graph_destroy(graph);
}

/* A transposed convolution of [1,2,3,3] with weights [2,4,3,3] and these attributes. */
static struct onnx_model *
build_transposed(const char *name, const char *numbers, const char *auto_pad)
{
    struct onnx_model *model = begin("1,2,3,3");

    onnx_add_weights(model, "w", "2,4,3,3", 1);
    onnx_begin_node(model, "ConvTranspose", "x w", "y");
    onnx_add_list(model, "strides", "3,2");
    if (name != NULL) {
        onnx_add_list(model, name, numbers);
    }
    if (auto_pad != NULL) {
        onnx_add_string(model, "auto_pad", auto_pad);
    }
    onnx_end_node(model);
    return model;
}

static void
transposed_convolutions_read_how_large_they_become(void **state)
{
    (void)state;
    expect(build_transposed(NULL, NULL, NULL), 11, 1, "float32[1,4,9,7]");
    expect(build_transposed("pads", "1,2,1,2", NULL), 11, 1, "float32[1,4,7,3]");
    expect(build_transposed("output_padding", "1,1", NULL), 11, 1, "float32[1,4,10,8]");
    expect(build_transposed("output_shape", "10,8", NULL), 11, 1, "float32[1,4,10,8]");
    expect(build_transposed("output_shape", "8,6", "SAME_UPPER"), 11, 1, "float32[1,4,8,6]");
    expect(build_transposed(NULL, NULL, "SAME_LOWER"), 11, 1, "float32[1,4,9,6]");
    expect(build_transposed("pads", "1,1,1,1", "VALID"), 11, 1, "float32[1,4,9,7]");
}

static void
transposed_convolutions_of_no_extent_are_refused(void **state)
{
    (void)state;
    onnx_expect_problem(build_transposed("pads", "5,0,5,0", NULL), 11, "ConvTranspose", "below 1");
    onnx_expect_problem(build_transposed("output_shape", "1,2,3", NULL), 11, "ConvTranspose",
                        "output_shape has 3 numbers");
    onnx_expect_problem(build_transposed("output_padding", "-1,0", NULL), 11, "ConvTranspose",
                        "output_padding has a number");
    onnx_expect_problem(build_transposed(NULL, NULL, "SOME"), 11, "ConvTranspose", "auto_pad");
}

static void
volumes_are_convolved_and_pooled(void **state)
{
    struct onnx_model *model = begin("1,2,6,6,6");

    (void)state;
    onnx_add_weights(model, "w", "4,2,3,3,3", 1);
    onnx_add_node(model, "Conv", "x w", "a");
    onnx_begin_node(model, "MaxPool", "a", "b");
    onnx_add_list(model, "kernel_shape", "2,2,2");
    onnx_add_list(model, "dilations", "2,1,1");
    onnx_end_node(model);
    onnx_begin_node(model, "LpPool", "b", "c");
    onnx_add_list(model, "kernel_shape", "2,3,3");
    onnx_add_integer(model, "p", 1);
    onnx_end_node(model);
    onnx_add_node(model, "GlobalLpPool", "c", "y");
    expect(model, 13, 4, "float32[1,4,1,1,1]");
}

static void
indices_of_a_pool_lead_back(void **state)
{
    struct onnx_model *model = begin("1,1,4,4");
    struct onnx_model *padded = begin("1,1,4,4");

    (void)state;
    onnx_begin_node(model, "MaxPool", "x", "a b");
    onnx_add_list(model, "kernel_shape", "2,2");
    onnx_add_list(model, "strides", "2,2");
    onnx_end_node(model);
    onnx_begin_node(model, "MaxUnpool", "a b", "y");
    onnx_add_list(model, "kernel_shape", "2,2");
    onnx_add_list(model, "strides", "2,2");
    onnx_end_node(model);
    expect(model, 12, 3, "float32[1,1,4,4]");
    onnx_begin_node(padded, "MaxPool", "x", "a b");
    onnx_add_list(padded, "kernel_shape", "2,2");
    onnx_end_node(padded);
    onnx_add_integers(padded, "short", "1,1,5");
    onnx_begin_node(padded, "MaxUnpool", "a b short", "y");
    onnx_add_list(padded, "kernel_shape", "2,2");
    onnx_end_node(padded);
    onnx_expect_problem(padded, 12, "MaxUnpool", "has 3 numbers, not 4");
}

static void
powers_and_sizes_out_of_range_are_refused(void **state)
{
    struct onnx_model *power = begin("1,1,4,4");
    struct onnx_model *size = begin("1,1,4,4");

    (void)state;
    onnx_begin_node(power, "GlobalLpPool", "x", "y");
    onnx_add_integer(power, "p", 0);
    onnx_end_node(power);
    onnx_expect_problem(power, 13, "GlobalLpPool", "p is not");
    onnx_add_node(size, "LRN", "x", "y");
    onnx_expect_problem(size, 13, "LRN", "size is missing");
}

/* A normalization with a scale and a shift of so many numbers. */
static struct onnx_model *
build_norm(const char *operator_type, const char *factors, const char *groups)
{
    struct onnx_model *model = begin("2,4,3,3");

    onnx_add_weights(model, "s", factors, 1);
    onnx_add_weights(model, "h", factors, 2);
    onnx_begin_node(model, operator_type, "x s h", "y");
    if (groups != NULL) {
        onnx_add_integer(model, "num_groups", groups[0] - '0');
    }
    onnx_end_node(model);
    return model;
}

static void
normalizations_become_what_they_are_made_of(void **state)
{
    (void)state;
    /* Normal form, multiplication, addition; with reshapes around groups. */
    expect(build_norm("InstanceNormalization", "4", NULL), 13, 3, "float32[2,4,3,3]");
    expect(build_norm("GroupNormalization", "2", "2"), 18, 5, "float32[2,4,3,3]");
    expect(build_norm("LayerNormalization", "3", NULL), 17, 1, "float32[2,4,3,3]");
    expect(build_norm("LayerNormalization", "1", NULL), 17, 3, "float32[2,4,3,3]");
    onnx_expect_problem(build_norm("InstanceNormalization", "3", NULL), 13, "InstanceNormalization",
                        "for each channel");
    onnx_expect_problem(build_norm("GroupNormalization", "3", "3"), 18, "GroupNormalization",
                        "group");
    onnx_expect_problem(build_norm("LayerNormalization", "2,4,1,1", NULL), 16, "LayerNormalization",
                        "opset 16");
}

static void
further_outputs_of_a_layer_normalization_are_given(void **state)
{
    struct onnx_model *model = begin("2,4");

    (void)state;
    onnx_add_weights(model, "s", "4", 1);
    onnx_add_node(model, "LayerNormalization", "x s", "a mean deviation");
    onnx_add_node(model, "Add", "mean deviation", "y");
    expect(model, 17, 3, "float32[2,1]"); /* what nothing reads is not there */
}

static void
axes_of_a_normalization_are_read(void **state)
{
    struct onnx_model *whole = begin("2,4,3,3");
    struct onnx_model *last = begin("2,4,3");
    struct onnx_model *norm = begin("2,4");

    (void)state;
    onnx_add_node(whole, "MeanVarianceNormalization", "x", "y");
    expect(whole, 13, 3, "float32[2,4,3,3]"); /* the normal form between transpositions */
    onnx_begin_node(last, "MeanVarianceNormalization", "x", "y");
    onnx_add_list(last, "axes", "-1,1");
    onnx_end_node(last);
    expect(last, 13, 1, "float32[2,4,3]");
    onnx_begin_node(norm, "LpNormalization", "x", "y");
    onnx_add_integer(norm, "p", 1);
    onnx_end_node(norm);
    expect(norm, 13, 5, "float32[2,4]");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transposed_convolutions_read_how_large_they_become),
        cmocka_unit_test(transposed_convolutions_of_no_extent_are_refused),
        cmocka_unit_test(volumes_are_convolved_and_pooled),
        cmocka_unit_test(indices_of_a_pool_lead_back),
        cmocka_unit_test(powers_and_sizes_out_of_range_are_refused),
        cmocka_unit_test(normalizations_become_what_they_are_made_of),
        cmocka_unit_test(further_outputs_of_a_layer_normalization_are_given),
        cmocka_unit_test(axes_of_a_normalization_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
