/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move, choose and reduce elements, in the variants of each opset, on numbers. */
#include "frontend/onnx/onnx_import.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

/* 0 to 11 as [3,4], named "x", and lists of whole numbers; the output is "y". */
static struct onnx_model *
begin(const char *a, const char *b)
{
    struct onnx_model *model = onnx_create();
    int64_t numbers[12] = {0};

    for (int i = 0; i < 12; i += 1) {
        numbers[i] = i;
    }
    onnx_add_tensor(model, "x", ONNX_INT64, "3,4", numbers, sizeof(numbers));
    if (a != NULL) {
        onnx_add_integers(model, "a", a);
    }
    if (b != NULL) {
        onnx_add_integers(model, "b", b);
    }
    onnx_add_output(model, "y");
    return model;
}

/* Ends the node; the output is a constant with this shape and these numbers. */
static void
expect(struct onnx_model *model, int64_t opset, const char *shape, const char *numbers)
{
    onnx_end_node(model);
    struct neuron_graph *graph = onnx_expect_graph(model, opset);
    const struct neuron_graph_value *value = &graph->values[graph->outputs[0].value];
    const int64_t *elements = value->constant;
    char text[256] = "";
    size_t count = 0;

    assert_int_equal(value->origin, NEURON_VALUE_CONSTANT);
    assert_string_equal(neuron_tensor_shape_format(&value->shape, text, sizeof(text)), shape);
    assert_true(neuron_tensor_shape_element_count(&value->shape, &count));
    text[0] = '\0';
    for (size_t i = 0; i < count; i += 1) {
        size_t length = strlen(text);

        (void)snprintf(text + length, sizeof(text) - length, i == 0 ? "%lld" : " %lld",
                       (long long)elements[i]);
    }
    assert_string_equal(text, numbers);
    neuron_graph_destroy(graph);
}

static void
expect_refusal(struct onnx_model *model, int64_t opset, const char *operator_type, const char *text)
{
    onnx_end_node(model);
    onnx_expect_problem(model, opset, operator_type, text);
}

static void
slices_had_attributes(void **state)
{
    struct onnx_model *old = begin(NULL, NULL);
    struct onnx_model *uneven = begin(NULL, NULL);
    struct onnx_model *twice = begin(NULL, NULL);

    (void)state;
    onnx_begin_node(old, "Slice", "x", "y");
    onnx_add_list(old, "starts", "-2,1");
    onnx_add_list(old, "ends", "9,-1");
    expect(old, 9, "int64[2,2]", "5 6 9 10");
    onnx_begin_node(uneven, "Slice", "x", "y");
    onnx_add_list(uneven, "starts", "0,0");
    onnx_add_list(uneven, "ends", "1");
    expect_refusal(uneven, 9, "Slice", "equally many");
    onnx_begin_node(twice, "Slice", "x", "y");
    onnx_add_list(twice, "starts", "0,0");
    onnx_add_list(twice, "ends", "1,1");
    onnx_add_list(twice, "axes", "1,-1");
    expect_refusal(twice, 9, "Slice", "named twice");
}

static void
splits_share_or_say_sizes(void **state)
{
    struct onnx_model *shared = begin(NULL, NULL);
    struct onnx_model *said = begin("1,3", NULL);
    struct onnx_model *uneven = begin(NULL, NULL);
    struct onnx_model *wrong = begin("1,1", NULL);

    (void)state;
    onnx_begin_node(shared, "Split", "x", "p y");
    onnx_add_integer(shared, "axis", 0);
    onnx_add_integer(shared, "num_outputs", 2);
    expect(shared, 18, "int64[1,4]", "8 9 10 11");
    onnx_begin_node(said, "Split", "x a", "p y");
    onnx_add_integer(said, "axis", -1);
    expect(said, 13, "int64[3,3]", "1 2 3 5 6 7 9 10 11");
    onnx_begin_node(uneven, "Split", "x", "p y");
    expect_refusal(uneven, 11, "Split", "equal size");
    onnx_begin_node(wrong, "Split", "x a", "p y");
    expect_refusal(wrong, 13, "Split", "do not add up");
}

static void
pads_are_constant_mirrored_or_the_edge(void **state)
{
    struct onnx_model *old = begin(NULL, NULL);
    struct onnx_model *mirror = begin("2,-1", "1");
    struct onnx_model *edge = begin("-2,1,0,-3", NULL);
    struct onnx_model *few = begin("1,1", NULL);
    struct onnx_model *odd = begin("1,1,1,1", NULL);

    (void)state;
    onnx_begin_node(old, "Pad", "x", "y");
    onnx_add_list(old, "pads", "0,1,-2,0");
    onnx_add_float(old, "value", 7.0F);
    expect(old, 10, "int64[1,5]", "7 0 1 2 3");
    onnx_begin_node(mirror, "Pad", "x a - b", "y");
    onnx_add_string(mirror, "mode", "reflect");
    expect(mirror, 18, "int64[3,5]", "2 1 0 1 2 6 5 4 5 6 10 9 8 9 10");
    onnx_begin_node(edge, "Pad", "x a", "y");
    onnx_add_string(edge, "mode", "edge");
    expect(edge, 13, "int64[1,2]", "8 8");
    onnx_begin_node(few, "Pad", "x a", "y");
    expect_refusal(few, 13, "Pad", "2 pads for 2 dimensions");
    onnx_begin_node(odd, "Pad", "x a", "y");
    onnx_add_string(odd, "mode", "wrap");
    expect_refusal(odd, 13, "Pad", "none of constant");
}

static void
a_crop_keeps_the_centre(void **state)
{
    struct onnx_model *model = begin("2,5", NULL);
    struct onnx_model *wrong = begin("2", NULL);

    (void)state;
    onnx_begin_node(model, "CenterCropPad", "x a", "y");
    expect(model, 18, "int64[2,5]", "0 1 2 3 0 4 5 6 7 0");
    onnx_begin_node(wrong, "CenterCropPad", "x a", "y");
    expect_refusal(wrong, 18, "CenterCropPad", "does not fit");
}

static void
elements_are_gathered_by_place(void **state)
{
    static const int64_t places[4] = {0, -1, 2, 1};
    struct onnx_model *elements = begin(NULL, NULL);
    struct onnx_model *tuples = begin("1,-1", NULL);
    struct onnx_model *batch = begin(NULL, NULL);
    struct onnx_model *outside = begin("3,0", NULL);

    (void)state;
    onnx_add_tensor(elements, "i", ONNX_INT64, "2,2", places, sizeof(places));
    onnx_begin_node(elements, "GatherElements", "x i", "y");
    onnx_add_integer(elements, "axis", 1);
    expect(elements, 13, "int64[2,2]", "0 3 6 5");
    onnx_begin_node(tuples, "GatherND", "x a", "y");
    expect(tuples, 13, "int64[]", "7");
    onnx_add_tensor(batch, "i", ONNX_INT64, "3,1", places, 3 * sizeof(places[0]));
    onnx_begin_node(batch, "GatherND", "x i", "y");
    onnx_add_integer(batch, "batch_dims", 1);
    expect(batch, 13, "int64[3]", "0 7 10");
    onnx_begin_node(outside, "GatherND", "x a", "y");
    expect_refusal(outside, 13, "GatherND", "index 3 is outside");
}

static void
updates_are_scattered(void **state)
{
    static const int64_t rows[2] = {1, 1};
    static const int64_t updates[8] = {1, 2, 3, 4, 10, 20, 30, 40};
    struct onnx_model *tuples = begin(NULL, NULL);
    struct onnx_model *elements = begin(NULL, NULL);
    struct onnx_model *odd = begin(NULL, NULL);

    (void)state;
    onnx_add_tensor(tuples, "i", ONNX_INT64, "2,1", rows, sizeof(rows));
    onnx_add_tensor(tuples, "u", ONNX_INT64, "2,4", updates, sizeof(updates));
    onnx_begin_node(tuples, "ScatterND", "x i u", "y");
    onnx_add_string(tuples, "reduction", "add");
    expect(tuples, 16, "int64[3,4]", "0 1 2 3 15 27 39 51 8 9 10 11");
    onnx_add_tensor(elements, "i", ONNX_INT64, "1,2", rows, sizeof(rows));
    onnx_add_tensor(elements, "u", ONNX_INT64, "1,2", updates + 4, 2 * sizeof(updates[0]));
    onnx_begin_node(elements, "Scatter", "x i u", "y");
    expect(elements, 10, "int64[3,4]", "0 1 2 3 10 20 6 7 8 9 10 11");
    onnx_add_tensor(odd, "i", ONNX_INT64, "1,2", rows, sizeof(rows));
    onnx_add_tensor(odd, "u", ONNX_INT64, "1,1", updates, sizeof(updates[0]));
    onnx_begin_node(odd, "ScatterElements", "x i u", "y");
    expect_refusal(odd, 16, "ScatterElements", "one update for each index");
}

static void
codes_triangles_and_turned_sequences(void **state)
{
    struct onnx_model *code = begin("1,-1,9", "3,8");
    struct onnx_model *lower = begin("1", NULL);
    struct onnx_model *turned = begin("2,4,0", NULL);
    struct onnx_model *longer = begin("5,4,0", NULL);
    static const int64_t depth = 3;

    (void)state;
    onnx_add_tensor(code, "depth", ONNX_INT64, "", &depth, sizeof(depth));
    onnx_begin_node(code, "OneHot", "a depth b", "y");
    expect(code, 13, "int64[3,3]", "3 8 3 3 3 8 3 3 3");
    onnx_begin_node(lower, "Trilu", "x a", "y");
    onnx_add_integer(lower, "upper", 0);
    expect(lower, 14, "int64[3,4]", "0 1 0 0 4 5 6 0 8 9 10 11");
    onnx_begin_node(turned, "ReverseSequence", "x a", "y");
    onnx_add_integer(turned, "time_axis", 1);
    onnx_add_integer(turned, "batch_axis", 0);
    expect(turned, 13, "int64[3,4]", "1 0 2 3 7 6 5 4 8 9 10 11");
    onnx_begin_node(longer, "ReverseSequence", "x a", "y");
    onnx_add_integer(longer, "time_axis", 1);
    onnx_add_integer(longer, "batch_axis", 0);
    expect_refusal(longer, 13, "ReverseSequence", "length 5 is outside");
}

static void
reductions_take_axes_from_either_side(void **state)
{
    struct onnx_model *sum = begin("-1", NULL);
    struct onnx_model *mean = begin(NULL, NULL);
    struct onnx_model *square = begin("0", NULL);
    struct onnx_model *same = begin(NULL, NULL);
    struct onnx_model *none = begin("2", NULL);

    (void)state;
    onnx_begin_node(sum, "ReduceSum", "x a", "y");
    expect(sum, 13, "int64[3,1]", "6 22 38");
    onnx_begin_node(mean, "ReduceMean", "x", "y");
    onnx_add_integer(mean, "keepdims", 0);
    expect(mean, 11, "int64[]", "5");
    onnx_begin_node(square, "ReduceSumSquare", "x a", "y");
    onnx_add_integer(square, "keepdims", 0);
    expect(square, 18, "int64[4]", "80 107 140 179");
    onnx_begin_node(same, "ReduceSum", "x", "y");
    onnx_add_integer(same, "noop_with_empty_axes", 1);
    expect(same, 13, "int64[3,4]", "0 1 2 3 4 5 6 7 8 9 10 11");
    onnx_begin_node(none, "ReduceSum", "x a", "y");
    expect_refusal(none, 13, "ReduceSum", "no axis 2");
}

static void
orders_and_sums_along_an_axis(void **state)
{
    struct onnx_model *last = begin(NULL, NULL);
    struct onnx_model *old = begin(NULL, NULL);
    struct onnx_model *least = begin("2", NULL);
    struct onnx_model *many = begin("5", NULL);
    struct onnx_model *sums = begin("1", NULL);
    struct onnx_model *missing = begin("2", NULL);

    (void)state;
    onnx_begin_node(last, "ArgMin", "x", "y");
    onnx_add_integer(last, "axis", 1);
    onnx_add_integer(last, "keepdims", 0);
    expect(last, 12, "int64[3]", "0 0 0");
    onnx_begin_node(old, "TopK", "x", "y i");
    onnx_add_integer(old, "k", 1);
    expect(old, 9, "int64[3,1]", "3 7 11");
    onnx_begin_node(least, "TopK", "x a", "v y");
    onnx_add_integer(least, "axis", 0);
    onnx_add_integer(least, "largest", 0);
    expect(least, 11, "int64[2,4]", "0 0 0 0 1 1 1 1");
    onnx_begin_node(many, "TopK", "x a", "y i");
    expect_refusal(many, 11, "TopK", "fewer elements");
    onnx_begin_node(sums, "CumSum", "x a", "y");
    onnx_add_integer(sums, "reverse", 1);
    onnx_add_integer(sums, "exclusive", 1);
    expect(sums, 14, "int64[3,4]", "6 5 3 0 18 13 7 0 30 21 11 0");
    onnx_begin_node(missing, "CumSum", "x a", "y");
    expect_refusal(missing, 14, "CumSum", "no such axis");
}

static void
an_eye_needs_a_shape_only(void **state)
{
    struct onnx_model *model = begin(NULL, NULL);
    struct onnx_model *list = begin("1,2", NULL);

    (void)state;
    onnx_begin_node(model, "EyeLike", "x", "y");
    onnx_add_integer(model, "k", -1);
    expect(model, 9, "int64[3,4]", "0 0 0 0 1 0 0 0 0 1 0 0");
    onnx_begin_node(list, "EyeLike", "a", "y");
    expect_refusal(list, 9, "EyeLike", "no matrix");
}

static void
lists_that_depend_on_data_are_refused(void **state)
{
    static const char *const names[] = {"Slice", "Pad", "Tile", "Expand", "TopK", "CumSum"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i += 1) {
        struct onnx_model *model = begin(NULL, NULL);

        onnx_add_input(model, "real", "2");
        onnx_begin_node(model, "Cast", "real", "data");
        onnx_add_integer(model, "to", ONNX_INT64);
        onnx_end_node(model);
        onnx_begin_node(model, names[i], i == 0 ? "x data data" : "x data", "y");
        expect_refusal(model, 13, names[i], "depends on the data of a run");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_had_attributes),
        cmocka_unit_test(splits_share_or_say_sizes),
        cmocka_unit_test(pads_are_constant_mirrored_or_the_edge),
        cmocka_unit_test(a_crop_keeps_the_centre),
        cmocka_unit_test(elements_are_gathered_by_place),
        cmocka_unit_test(updates_are_scattered),
        cmocka_unit_test(codes_triangles_and_turned_sequences),
        cmocka_unit_test(reductions_take_axes_from_either_side),
        cmocka_unit_test(orders_and_sums_along_an_axis),
        cmocka_unit_test(an_eye_needs_a_shape_only),
        cmocka_unit_test(lists_that_depend_on_data_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
