/* SPDX-License-Identifier: Apache-2.0 */
/* What is computed while a file is imported. */
#include "frontend/onnx/onnx_import.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

enum { OPSET = 13 };

/* A model with these lists of int64, whose output is to be "y". */
static struct onnx_model *
begin(const char *a, const char *b, const char *c)
{
    struct onnx_model *model = onnx_create();

    onnx_add_integers(model, "a", a);
    if (b != NULL) {
        onnx_add_integers(model, "b", b);
    }
    if (c != NULL) {
        onnx_add_integers(model, "c", c);
    }
    onnx_add_output(model, "y");
    return model;
}

/* The output is a constant of int64 or bool with these numbers. */
static void
expect_numbers(struct onnx_model *model, const char *expected)
{
    struct neuron_graph *graph = onnx_expect_graph(model, OPSET);
    const struct neuron_graph_value *value = &graph->values[graph->outputs[0].value];
    char text[256] = "";
    size_t count = 0;

    assert_int_equal(value->origin, NEURON_VALUE_CONSTANT);
    assert_true(neuron_tensor_shape_element_count(&value->shape, &count));
    for (size_t i = 0; i < count; i += 1) {
        size_t length = strlen(text);
        long long number = value->shape.type == NEURON_BOOL
                               ? ((const unsigned char *)value->constant)[i]
                               : ((const int64_t *)value->constant)[i];

        (void)snprintf(text + length, sizeof(text) - length, i == 0 ? "%lld" : ",%lld", number);
    }
    assert_string_equal(text, expected);
    neuron_graph_destroy(graph);
}

/* One node over some of the lists a, b, c. */
static void
expect_node(const char *operator_type, const char *inputs, const char *lists[3],
            const char *expected)
{
    struct onnx_model *model = begin(lists[0], lists[1], lists[2]);

    onnx_add_node(model, operator_type, inputs, "y");
    expect_numbers(model, expected);
}

static void
integers_are_computed(void **state)
{
    (void)state;
    expect_node("Add", "a b", (const char *[3]){"1,-2,3", "10"}, "11,8,13");
    expect_node("Sub", "a b", (const char *[3]){"1,-2,3", "1,1,1"}, "0,-3,2");
    expect_node("Mul", "a b", (const char *[3]){"4", "1,-2,3"}, "4,-8,12");
    expect_node("Div", "a b", (const char *[3]){"7,-7,9", "2"}, "3,-3,4");
    expect_node("Mod", "a b", (const char *[3]){"7,-7,9", "3"}, "1,2,0");
    expect_node("Min", "a b c", (const char *[3]){"7,-7", "3,3", "5,-9"}, "3,-9");
    expect_node("Max", "a b", (const char *[3]){"7,-7", "3,3"}, "7,3");
    expect_node("Neg", "a", (const char *[3]){"7,-7,0"}, "-7,7,0");
    expect_node("Abs", "a", (const char *[3]){"7,-7,0"}, "7,7,0");
}

static void
comparisons_give_bools(void **state)
{
    (void)state;
    expect_node("Equal", "a b", (const char *[3]){"1,2,3", "2"}, "0,1,0");
    expect_node("Less", "a b", (const char *[3]){"1,2,3", "2"}, "1,0,0");
    expect_node("Greater", "a b", (const char *[3]){"1,2,3", "2"}, "0,0,1");
    expect_node("LessOrEqual", "a b", (const char *[3]){"1,2,3", "2"}, "1,1,0");
    expect_node("GreaterOrEqual", "a b", (const char *[3]){"1,2,3", "2"}, "0,1,1");
}

static void
where_chooses_by_element(void **state)
{
    struct onnx_model *model = begin("1,2,3", "2", "9");

    (void)state;
    onnx_add_node(model, "Equal", "a b", "is_two");
    onnx_add_node(model, "Not", "is_two", "is_other");
    onnx_add_node(model, "Or", "is_two is_two", "same");
    onnx_add_node(model, "And", "is_other same", "never");
    onnx_add_node(model, "Or", "is_other never", "chosen");
    onnx_add_node(model, "Where", "chosen a c", "y");
    expect_numbers(model, "1,9,3");
}

static void
parts_are_cut_out_and_joined(void **state)
{
    (void)state;
    expect_node("Gather", "a b", (const char *[3]){"5,6,7,8", "0,-1,2"}, "5,8,7");
    expect_node("Slice", "a b c", (const char *[3]){"5,6,7,8", "1", "100"}, "6,7,8");
    expect_node("Slice", "a b c", (const char *[3]){"5,6,7,8", "-3", "-1"}, "6,7");
    expect_node("Slice", "a b c", (const char *[3]){"5,6,7,8", "3", "1"}, "");
    expect_node("Tile", "a b", (const char *[3]){"1,2", "3"}, "1,2,1,2,1,2");
    expect_node("Expand", "a b", (const char *[3]){"7", "2,3"}, "7,7,7,7,7,7");
    expect_node("Size", "a", (const char *[3]){"7,8,9"}, "3");
}

static void
slices_go_backwards(void **state)
{
    struct onnx_model *model = begin("5,6,7,8", "3", "-100");

    (void)state;
    onnx_add_integers(model, "axes", "0");
    onnx_add_integers(model, "steps", "-2");
    onnx_add_node(model, "Slice", "a b c axes steps", "y");
    expect_numbers(model, "8,6");
}

static void
totals_are_taken_along_axes(void **state)
{
    static const char *const names[] = {"ReduceSum", "ReduceProd", "ReduceMin", "ReduceMax"};
    static const char *const totals[] = {"4,6", "3,8", "1,2", "3,4"};

    (void)state;
    for (int i = 0; i < 4; i += 1) {
        struct onnx_model *model = begin("1,2,3,4", "2,2", "0");

        onnx_add_node(model, "Reshape", "a b", "square");
        onnx_begin_node(model, names[i], i == 0 ? "square c" : "square", "y");
        if (i != 0) {
            onnx_add_list(model, "axes", "0");
        }
        onnx_add_integer(model, "keepdims", 0);
        onnx_end_node(model);
        expect_numbers(model, totals[i]);
    }
}

static void
matrices_are_transposed(void **state)
{
    struct onnx_model *model = begin("1,2,3,4,5,6", "2,3", NULL);

    (void)state;
    onnx_add_node(model, "Reshape", "a b", "matrix");
    onnx_begin_node(model, "Transpose", "matrix", "y");
    onnx_add_list(model, "perm", "1,0");
    onnx_end_node(model);
    expect_numbers(model, "1,4,2,5,3,6");
}

static void
ranges_and_filled_tensors_are_made(void **state)
{
    static const int64_t numbers[3] = {1, 10, 4};
    struct onnx_model *model = begin("2,2", NULL, NULL);

    (void)state;
    onnx_add_tensor(model, "start", ONNX_INT64, "", &numbers[0], sizeof(numbers[0]));
    onnx_add_tensor(model, "limit", ONNX_INT64, "", &numbers[1], sizeof(numbers[1]));
    onnx_add_tensor(model, "step", ONNX_INT64, "", &numbers[2], sizeof(numbers[2]));
    onnx_add_node(model, "Range", "start limit step", "range");
    onnx_add_node(model, "ConstantOfShape", "a", "zeros");
    onnx_begin_node(model, "Cast", "zeros", "whole");
    onnx_add_integer(model, "to", ONNX_INT64);
    onnx_end_node(model);
    onnx_add_integers(model, "flat", "-1");
    onnx_add_node(model, "Reshape", "whole flat", "four");
    onnx_begin_node(model, "Concat", "range four", "y");
    onnx_add_integer(model, "axis", 0);
    onnx_end_node(model);
    expect_numbers(model, "1,5,9,0,0,0,0");
}

/* What exporters write for x.view(x.size(0), -1). */
static void
the_shape_code_of_exporters_vanishes(void **state)
{
    struct onnx_model *model = begin("0", "-1", NULL);

    (void)state;
    onnx_add_input(model, "x", "4,3,2");
    onnx_add_node(model, "Shape", "x", "shape");
    onnx_begin_node(model, "Gather", "shape a", "rows");
    onnx_add_integer(model, "axis", 0);
    onnx_end_node(model);
    onnx_begin_node(model, "Concat", "rows b", "wanted");
    onnx_add_integer(model, "axis", 0);
    onnx_end_node(model);
    onnx_add_node(model, "Reshape", "x wanted", "y");
    struct neuron_graph *graph = onnx_expect_graph(model, OPSET);
    onnx_expect_output(graph, 1, "float32[4,6]");
    neuron_graph_destroy(graph);
}

/* Refuses one node over the lists. */
static void
expect_refusal(const char *operator_type, const char *inputs, const char *lists[3],
               const char *text)
{
    struct onnx_model *model = begin(lists[0], lists[1], lists[2]);

    onnx_add_node(model, operator_type, inputs, "y");
    onnx_expect_problem(model, OPSET, operator_type, text);
}

static void
whole_numbers_wrap_around(void **state)
{
    (void)state;
    expect_node("Add", "a b", (const char *[3]){"9223372036854775807", "1"},
                "-9223372036854775808");
    expect_node("Mul", "a b", (const char *[3]){"9223372036854775807", "2"}, "-2");
    expect_node("Div", "a b", (const char *[3]){"-9223372036854775808", "-1"},
                "-9223372036854775808");
    expect_node("Neg", "a", (const char *[3]){"-9223372036854775808"}, "-9223372036854775808");
    expect_node("ReduceProd", "a", (const char *[3]){"9223372036854775807,4"}, "-4");
}

static void
whole_numbers_are_not_divided_by_zero(void **state)
{
    (void)state;
    expect_refusal("Div", "a b", (const char *[3]){"1", "0"}, "whole number 0");
    expect_refusal("Mod", "a b", (const char *[3]){"1", "0"}, "whole number 0");
}

static void
reals_divided_by_zero_are_infinite(void **state)
{
    static const float numbers[3] = {1.0F, 0.0F, -1.0F};
    struct onnx_model *model = onnx_create();

    (void)state;
    onnx_add_tensor(model, "a", ONNX_FLOAT, "3", numbers, sizeof(numbers));
    onnx_add_tensor(model, "zero", ONNX_FLOAT, "", &numbers[1], sizeof(numbers[1]));
    onnx_add_node(model, "Div", "a zero", "y");
    onnx_add_output(model, "y");
    struct neuron_graph *graph = onnx_expect_graph(model, OPSET);
    const float *quotients = graph->values[graph->outputs[0].value].constant;
    assert_true(isinf(quotients[0]) && quotients[0] > 0.0F);
    assert_true(isnan(quotients[1]));
    assert_true(isinf(quotients[2]) && quotients[2] < 0.0F);
    neuron_graph_destroy(graph);
}

static void
what_does_not_fit_is_refused(void **state)
{
    (void)state;
    expect_refusal("Add", "a b", (const char *[3]){"1,2", "1,2,3"}, "broadcast");
    expect_refusal("Gather", "a b", (const char *[3]){"1,2", "2"}, "outside");
    expect_refusal("Gather", "a b", (const char *[3]){"1,2", "-3"}, "outside");
    expect_refusal("Slice", "a b c", (const char *[3]){"1,2", "0,0", "1"}, "equally many");
    expect_refusal("Tile", "a b", (const char *[3]){"1,2", "1,1"}, "do not fit");
    expect_refusal("Tile", "a b", (const char *[3]){"1,2", "-1"}, "is negative");
    expect_refusal("Expand", "a b", (const char *[3]){"1,2", "3"}, "broadcast");
    expect_refusal("Reshape", "a b", (const char *[3]){"1,2,3", "2,-1"}, "number of elements");
    expect_refusal("Where", "a b c", (const char *[3]){"1", "2", "3"}, "takes bool only");
}

static void
results_too_large_are_refused(void **state)
{
    (void)state;
    expect_refusal("Expand", "a b", (const char *[3]){"1", "65536,65536"}, "too much work");
    expect_refusal("Tile", "a b", (const char *[3]){"1,2", "4611686018427387904"}, "too large");
    expect_refusal("ConstantOfShape", "a", (const char *[3]){"65536,65536"}, "more than");
    expect_refusal("ConstantOfShape", "a", (const char *[3]){"-1"}, "no shape");
    expect_refusal("Range", "a b c", (const char *[3]){"0", "9223372036854775807", "1"},
                   "more than");
    expect_refusal("Range", "a b c", (const char *[3]){"0", "5", "0"}, "step is 0");
}

/* Imports with so little to spend that even one constant of 16 KiB is too much. */
static void
expect_too_much(struct onnx_model *model)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    onnx_finish(model, OPSET);
    const struct neuron_onnx_bytes file = {model->file.bytes, model->file.size_bytes, 1000};
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  neuron_onnx_import_bytes(&file, NULL, &graph, NULL, &error), &error);
    assert_contains(error.text, "too much work");
    onnx_destroy(model);
}

static void
work_without_end_is_refused(void **state)
{
    struct onnx_model *expanded = begin("1", "64,64", NULL);
    struct onnx_model *filled = begin("64,64", NULL, NULL);
    struct onnx_model *counted = begin("0", "4096", "1");

    (void)state;
    onnx_add_node(expanded, "Expand", "a b", "y");
    expect_too_much(expanded);
    onnx_add_node(filled, "ConstantOfShape", "a", "y");
    expect_too_much(filled);
    onnx_add_node(counted, "Range", "a b c", "y");
    expect_too_much(counted);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_computed),
        cmocka_unit_test(comparisons_give_bools),
        cmocka_unit_test(where_chooses_by_element),
        cmocka_unit_test(parts_are_cut_out_and_joined),
        cmocka_unit_test(slices_go_backwards),
        cmocka_unit_test(totals_are_taken_along_axes),
        cmocka_unit_test(matrices_are_transposed),
        cmocka_unit_test(ranges_and_filled_tensors_are_made),
        cmocka_unit_test(the_shape_code_of_exporters_vanishes),
        cmocka_unit_test(whole_numbers_wrap_around),
        cmocka_unit_test(whole_numbers_are_not_divided_by_zero),
        cmocka_unit_test(reals_divided_by_zero_are_infinite),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(results_too_large_are_refused),
        cmocka_unit_test(work_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
