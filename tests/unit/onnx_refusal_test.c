/* SPDX-License-Identifier: Apache-2.0 */
/* Models that cannot be imported, and what is said of them. */
#include "neuron/onnx.h"

#include <string.h>

#include "check.h"
#include "onnx_check.h"

static struct onnx_model *
begin(const char *dims)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", dims);
    onnx_add_output(model, "y");
    return model;
}

/* One node from x to y. */
static void
expect_refusal(const char *dims, const char *operator_type, const char *text)
{
    struct onnx_model *model = begin(dims);

    onnx_add_node(model, operator_type, "x", "y");
    onnx_expect_problem(model, 13, operator_type, text);
}

static void
all_problems_are_listed_at_once(void **state)
{
    struct onnx_model *model = begin("2,3");
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};

    (void)state;
    onnx_add_node(model, "Einstein", "x", "a");
    onnx_add_node(model, "Relu", "a", "b"); /* behind a refused one, and no news */
    onnx_add_node(model, "Scan", "b", "c");
    onnx_add_node(model, "Relu", "nowhere", "d");
    onnx_add_node(model, "Relu", "x", "y");
    assert_status(NEURON_UNSUPPORTED_MODEL, onnx_import(model, 13, NULL, &graph, &report, &error),
                  &error);
    assert_contains(error.text, "3 parts");
    assert_int_equal(neuron_onnx_report_problem_count(report), 3);
    assert_string_equal(neuron_onnx_report_problem(report, 0)->operator_name, "Einstein");
    assert_string_equal(neuron_onnx_report_problem(report, 0)->name, "a");
    assert_int_equal(neuron_onnx_report_problem(report, 0)->opset, 13);
    assert_string_equal(neuron_onnx_report_problem(report, 1)->operator_name, "Scan");
    assert_contains(neuron_onnx_report_problem(report, 2)->reason, "nowhere");
    assert_int_equal(neuron_onnx_report_use_count(report), 3);
    assert_int_equal(neuron_onnx_report_use(report, 1)->node_count, 3);
    assert_int_equal(neuron_onnx_report_use(report, 1)->refused_count, 1);
    neuron_onnx_report_destroy(report);
    onnx_destroy(model);
}

static void
opsets_outside_the_range_are_refused(void **state)
{
    static const int64_t opsets[] = {0, 1, 6, 19, 21, -1, INT64_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(opsets) / sizeof(opsets[0]); i += 1) {
        struct onnx_model *model = begin("2,3");
        struct neuron_graph *graph = NULL;
        struct neuron_error error = {0};

        onnx_add_node(model, "Relu", "x", "y");
        assert_status(NEURON_UNSUPPORTED_MODEL,
                      onnx_import(model, opsets[i], NULL, &graph, NULL, &error), &error);
        assert_contains(error.text, "7 to 18");
        onnx_destroy(model);
    }
}

static void
operators_of_a_later_opset_are_refused(void **state)
{
    struct onnx_model *model = begin("2,3");

    (void)state;
    onnx_add_weights(model, "s", "3", 1);
    onnx_add_node(model, "LayerNormalization", "x s", "y");
    onnx_expect_problem(model, 16, "LayerNormalization", "came with 17");
}

static void
operators_of_other_domains_are_refused(void **state)
{
    struct onnx_model *model = begin("2,3");

    (void)state;
    onnx_begin_node(model, "Relu", "x", "y");
    onnx_put_text(&model->node, 7, "com.example");
    onnx_end_node(model);
    onnx_expect_problem(model, 13, "Relu", "com.example");
}

static void
nodes_out_of_order_and_cycles_are_refused(void **state)
{
    struct onnx_model *model = begin("2,3");
    struct onnx_model *cycle = begin("2,3");

    (void)state;
    onnx_add_node(model, "Relu", "a", "y");
    onnx_add_node(model, "Relu", "x", "a");
    onnx_expect_problem(model, 13, "Relu", "no node before it computes");
    onnx_add_node(cycle, "Add", "x y", "a");
    onnx_add_node(cycle, "Relu", "a", "y");
    onnx_expect_problem(cycle, 13, "Add", "no node before it computes");
}

static void
names_with_two_meanings_are_refused(void **state)
{
    struct onnx_model *model = begin("2,3");
    struct onnx_model *shadow = begin("2,3");
    struct onnx_model *weights = begin("2,3");

    (void)state;
    onnx_add_node(model, "Relu", "x", "y");
    onnx_add_node(model, "Tanh", "x", "y");
    onnx_expect_problem(model, 13, "Tanh", "twice");
    onnx_add_node(shadow, "Relu", "x", "x");
    onnx_add_node(shadow, "Tanh", "x", "y");
    onnx_expect_problem(shadow, 13, "Relu", "twice");
    onnx_add_weights(weights, "w", "3", 1);
    onnx_add_weights(weights, "w", "2", 1);
    onnx_add_node(weights, "Add", "x w", "y");
    onnx_expect_problem(weights, 13, "tensor", "twice");
}

static void
outputs_that_nothing_computes_are_refused(void **state)
{
    struct onnx_model *model = begin("2,3");
    struct onnx_model *second = begin("2,3");

    (void)state;
    onnx_add_node(model, "Relu", "x", "z");
    onnx_expect_problem(model, 13, "output", "nothing here computes it");
    onnx_add_node(second, "Relu", "x", "z y");
    onnx_expect_problem(second, 13, "output", "nothing here computes it");
}

static void
tensors_whose_bytes_do_not_fit_are_refused(void **state)
{
    static const float numbers[4] = {1.0F, 2.0F, 3.0F, 4.0F};
    static const char *const dims[] = {"3",   "5",
                                       "2,3", "-4",
                                       "",    "4611686018427387904,4611686018427387904",
                                       "0",   "1,1,1,1,1,1,1,1,4"};

    (void)state;
    for (size_t i = 0; i < sizeof(dims) / sizeof(dims[0]); i += 1) {
        struct onnx_model *model = begin("1,4");

        onnx_add_tensor(model, "w", ONNX_FLOAT, dims[i], numbers, sizeof(numbers));
        onnx_add_node(model, "Add", "x w", "y");
        onnx_expect_problem(model, 13, "tensor", "");
    }
}

static void
types_without_tensors_are_refused(void **state)
{
    static const int types[] = {0, 4, 5, 8, 12, 13, 14, 15, 17, 99, -1};

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        struct onnx_model *model = begin("1,4");

        onnx_add_tensor(model, "w", types[i], "4", "12345678", 8);
        onnx_add_node(model, "Add", "x w", "y");
        onnx_expect_problem(model, 13, "tensor", "ONNX type");
    }
}

static void
operators_refuse_what_they_do_not_do(void **state)
{
    (void)state;
    expect_refusal("2,3", "MaxPool", "1 to 3 dimensions behind batch");
    expect_refusal("1,2,6,6", "MaxPool", "kernel is missing");
    expect_refusal("1,2,3,4,5,6", "GlobalAveragePool", "1 to 3 dimensions");
    expect_refusal("2,3", "Gemm", "has 1 inputs, not 2 to 3");
}

static void
inputs_left_out_among_any_number_are_refused(void **state)
{
    static const char *const names[] = {"Concat", "Min", "Max"};

    (void)state;
    for (int i = 0; i < 3; i += 1) {
        struct onnx_model *model = begin("2,3");

        onnx_begin_node(model, names[i], "x - x", "y");
        onnx_add_integer(model, "axis", 0);
        onnx_end_node(model);
        onnx_expect_problem(model, 13, names[i], "input 1 is left out");
    }
}

static void
attributes_of_the_wrong_kind_are_refused(void **state)
{
    struct onnx_model *model = begin("1,2,6,6");
    struct onnx_model *axis = begin("2,3");
    struct onnx_model *huge = begin("1,2,6,6");

    (void)state;
    onnx_begin_node(model, "MaxPool", "x", "y");
    onnx_add_integer(model, "kernel_shape", 2);
    onnx_end_node(model);
    onnx_expect_problem(model, 13, "MaxPool", "kernel_shape is no list");
    onnx_begin_node(axis, "Softmax", "x", "y");
    onnx_add_integer(axis, "axis", 2);
    onnx_end_node(axis);
    onnx_expect_problem(axis, 13, "Softmax", "no axis 2");
    onnx_begin_node(huge, "MaxPool", "x", "y");
    onnx_add_list(huge, "kernel_shape", "2,2");
    onnx_add_list(huge, "pads", "0,0,0,9223372036854775807");
    onnx_end_node(huge);
    onnx_expect_problem(huge, 13, "MaxPool", "pads has a number");
}

static void
training_is_refused(void **state)
{
    struct onnx_model *model = begin("1,2,6,6");

    (void)state;
    onnx_add_weights(model, "p", "2", 1);
    onnx_begin_node(model, "BatchNormalization", "x p p p p", "y");
    onnx_add_integer(model, "training_mode", 1);
    onnx_end_node(model);
    onnx_expect_problem(model, 14, "BatchNormalization", "training mode");
}

static void
names_are_made_printable(void **state)
{
    struct onnx_model *model = begin("2,3");
    struct neuron_graph *graph = NULL;
    struct neuron_onnx_report *report = NULL;
    struct neuron_error error = {0};

    (void)state;
    onnx_add_node(model, "Evil\033[2J\n", "x", "y");
    assert_status(NEURON_UNSUPPORTED_MODEL, onnx_import(model, 13, NULL, &graph, &report, &error),
                  &error);
    assert_string_equal(neuron_onnx_report_problem(report, 0)->operator_name, "Evil?[2J?");
    assert_null(strchr(error.text, '\033'));
    neuron_onnx_report_destroy(report);
    onnx_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_problems_are_listed_at_once),
        cmocka_unit_test(opsets_outside_the_range_are_refused),
        cmocka_unit_test(operators_of_a_later_opset_are_refused),
        cmocka_unit_test(operators_of_other_domains_are_refused),
        cmocka_unit_test(nodes_out_of_order_and_cycles_are_refused),
        cmocka_unit_test(names_with_two_meanings_are_refused),
        cmocka_unit_test(outputs_that_nothing_computes_are_refused),
        cmocka_unit_test(tensors_whose_bytes_do_not_fit_are_refused),
        cmocka_unit_test(types_without_tensors_are_refused),
        cmocka_unit_test(operators_refuse_what_they_do_not_do),
        cmocka_unit_test(inputs_left_out_among_any_number_are_refused),
        cmocka_unit_test(attributes_of_the_wrong_kind_are_refused),
        cmocka_unit_test(training_is_refused),
        cmocka_unit_test(names_are_made_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
