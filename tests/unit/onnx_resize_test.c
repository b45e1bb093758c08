/* SPDX-License-Identifier: Apache-2.0 */
/* Resize and Upsample of ONNX files, in all opsets. */
#include "check.h"
#include "graph/graph_body.h"
#include "graph/resize_mode.h"
#include "onnx_check.h"

static struct onnx_model *
begin(const char *operator_type, const char *inputs)
{
    static const float twice[4] = {1, 1, 2, 2};
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "1,1,4,6");
    onnx_add_output(model, "y");
    onnx_add_tensor(model, "scales", ONNX_FLOAT, "4", twice, sizeof(twice));
    onnx_add_integers(model, "sizes", "1,1,8,6");
    onnx_begin_node(model, operator_type, inputs, "y");
    return model;
}

/* Ends the node, imports, and gives the mode that came of it. */
static struct neuron_resize_mode
expect(struct onnx_model *model, int64_t opset, const char *shape)
{
    onnx_end_node(model);
    struct neuron_graph *graph = onnx_expect_graph(model, opset);

    onnx_expect_output(graph, 1, shape);
    struct neuron_resize_mode mode = neuron_resize_mode_decode(graph->nodes[0].attributes.mode);
    neuron_graph_destroy(graph);
    return mode;
}

static void
expect_problem(struct onnx_model *model, int64_t opset, const char *operator_type, const char *text)
{
    onnx_end_node(model);
    onnx_expect_problem(model, opset, operator_type, text);
}

static void
old_resizes_are_asymmetric(void **state)
{
    (void)state;
    struct neuron_resize_mode mode = expect(begin("Upsample", "x scales"), 9, "float32[1,1,8,12]");
    assert_int_equal(mode.coordinates, NEURON_RESIZE_ASYMMETRIC);
    assert_int_equal(mode.rounding, NEURON_RESIZE_FLOOR);
    struct onnx_model *model = begin("Resize", "x scales");
    onnx_add_string(model, "mode", "linear");
    mode = expect(model, 10, "float32[1,1,8,12]");
    assert_int_equal(mode.method, NEURON_RESIZE_LINEAR);
    expect_problem(begin("Upsample", "x"), 8, "Upsample", "scales are missing");
    expect_problem(begin("Upsample", "x x"), 9, "Upsample", "depends on the data");
}

static void
scales_or_sizes_tell_the_extents(void **state)
{
    (void)state;
    struct neuron_resize_mode mode = expect(begin("Resize", "x - scales"), 13, "float32[1,1,8,12]");
    assert_int_equal(mode.coordinates, NEURON_RESIZE_HALF_PIXEL);
    assert_int_equal(mode.rounding, NEURON_RESIZE_ROUND_PREFER_FLOOR);
    (void)expect(begin("Resize", "x - - sizes"), 13, "float32[1,1,8,6]");
    expect_problem(begin("Resize", "x"), 13, "Resize", "scales or sizes");
    expect_problem(begin("Resize", "x - - x"), 13, "Resize", "depends on the data");
}

static void
modes_are_read(void **state)
{
    struct onnx_model *model = begin("Resize", "x - scales");

    (void)state;
    onnx_add_string(model, "mode", "cubic");
    onnx_add_string(model, "coordinate_transformation_mode", "align_corners");
    onnx_add_integer(model, "exclude_outside", 1);
    onnx_add_integer(model, "antialias", 1);
    struct neuron_resize_mode mode = expect(model, 18, "float32[1,1,8,12]");
    assert_int_equal(mode.method, NEURON_RESIZE_CUBIC);
    assert_int_equal(mode.coordinates, NEURON_RESIZE_ALIGN_CORNERS);
    assert_true(mode.excludes_outside && mode.antialias);
    model = begin("Resize", "x - scales");
    onnx_add_string(model, "coordinate_transformation_mode", "tf_half_pixel_for_nn");
    onnx_add_string(model, "nearest_mode", "floor");
    mode = expect(model, 11, "float32[1,1,8,12]");
    assert_int_equal(mode.coordinates, NEURON_RESIZE_HALF_PIXEL);
    assert_int_equal(mode.rounding, NEURON_RESIZE_ROUND_PREFER_CEIL);
    model = begin("Resize", "x - scales");
    onnx_add_string(model, "mode", "quintic");
    expect_problem(model, 13, "Resize", "no such mode");
    model = begin("Resize", "x - scales");
    onnx_add_string(model, "nearest_mode", "odd");
    expect_problem(model, 13, "Resize", "no such nearest_mode");
}

/* A resize of the axes 3 and 2 to 12 and 20. */
static struct onnx_model *
begin_with_axes(const char *policy)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "1,1,4,6");
    onnx_add_output(model, "y");
    onnx_add_integers(model, "sizes", "12,20");
    onnx_begin_node(model, "Resize", "x - - sizes", "y");
    onnx_add_list(model, "axes", "3,-2");
    onnx_add_string(model, "keep_aspect_ratio_policy", policy);
    return model;
}

static void
axes_and_the_aspect_ratio_are_kept(void **state)
{
    (void)state;
    (void)expect(begin_with_axes("stretch"), 18, "float32[1,1,20,12]");
    (void)expect(begin_with_axes("not_larger"), 18, "float32[1,1,8,12]");
    (void)expect(begin_with_axes("not_smaller"), 18, "float32[1,1,20,30]");
    expect_problem(begin_with_axes("golden"), 18, "Resize", "keep_aspect_ratio_policy");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(old_resizes_are_asymmetric),
        cmocka_unit_test(scales_or_sizes_tell_the_extents),
        cmocka_unit_test(modes_are_read),
        cmocka_unit_test(axes_and_the_aspect_ratio_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
