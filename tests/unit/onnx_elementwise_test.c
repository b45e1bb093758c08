/* SPDX-License-Identifier: Apache-2.0 */
/* What each elementwise operator of a file becomes in the graph. */
#include "neuron/onnx.h"

#include <string.h>

#include "check.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

/* A model of float32 inputs x and z, and an output y. */
static struct onnx_model *
begin(uint32_t input_count)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,3");
    if (input_count > 1) {
        onnx_add_input(model, "z", "3");
    }
    onnx_add_output(model, "y");
    return model;
}

/* Imports, and checks that there is one node of this kind, and the type of the output. */
static struct neuron_graph *
expect_kind(struct onnx_model *model, int64_t opset, enum neuron_operator kind,
            enum neuron_type type)
{
    struct neuron_graph *graph = onnx_expect_graph(model, opset);

    assert_int_equal(graph->node_count, 1);
    if (graph->nodes[0].kind != kind) {
        fail_msg("%s, not %s", neuron_operator_name(graph->nodes[0].kind),
                 neuron_operator_name(kind));
    }
    assert_int_equal(graph->outputs[0].spec.shape.type, type);
    return graph;
}

static const struct {
    const char *name;
    enum neuron_operator kind;
} unary[] = {
    {"Relu", NEURON_OPERATOR_RELU},         {"Sigmoid", NEURON_OPERATOR_SIGMOID},
    {"Tanh", NEURON_OPERATOR_TANH},         {"Neg", NEURON_OPERATOR_NEGATE},
    {"Abs", NEURON_OPERATOR_ABSOLUTE},      {"Sign", NEURON_OPERATOR_SIGN},
    {"Floor", NEURON_OPERATOR_FLOOR},       {"Ceil", NEURON_OPERATOR_CEIL},
    {"Round", NEURON_OPERATOR_ROUND},       {"Reciprocal", NEURON_OPERATOR_RECIPROCAL},
    {"Sqrt", NEURON_OPERATOR_SQRT},         {"Exp", NEURON_OPERATOR_EXP},
    {"Log", NEURON_OPERATOR_LOG},           {"Erf", NEURON_OPERATOR_ERF},
    {"Sin", NEURON_OPERATOR_SIN},           {"Cos", NEURON_OPERATOR_COS},
    {"Tan", NEURON_OPERATOR_TAN},           {"Asin", NEURON_OPERATOR_ASIN},
    {"Acos", NEURON_OPERATOR_ACOS},         {"Atan", NEURON_OPERATOR_ATAN},
    {"Sinh", NEURON_OPERATOR_SINH},         {"Cosh", NEURON_OPERATOR_COSH},
    {"Asinh", NEURON_OPERATOR_ASINH},       {"Acosh", NEURON_OPERATOR_ACOSH},
    {"Atanh", NEURON_OPERATOR_ATANH},       {"HardSwish", NEURON_OPERATOR_HARD_SWISH},
    {"Mish", NEURON_OPERATOR_MISH},         {"Softplus", NEURON_OPERATOR_SOFTPLUS},
    {"Softsign", NEURON_OPERATOR_SOFTSIGN},
};

static void
functions_of_one_input_are_one_node(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(unary) / sizeof(unary[0]); i += 1) {
        struct onnx_model *model = begin(1);

        onnx_add_node(model, unary[i].name, "x", "y");
        neuron_graph_destroy(expect_kind(model, 18, unary[i].kind, NEURON_FLOAT32));
    }
}

static const struct {
    const char *name;
    enum neuron_operator kind;
    enum neuron_type type;
} binary[] = {
    {"Add", NEURON_OPERATOR_ADD, NEURON_FLOAT32},
    {"Sub", NEURON_OPERATOR_SUBTRACT, NEURON_FLOAT32},
    {"Mul", NEURON_OPERATOR_MULTIPLY, NEURON_FLOAT32},
    {"Div", NEURON_OPERATOR_DIVIDE, NEURON_FLOAT32},
    {"Pow", NEURON_OPERATOR_POWER, NEURON_FLOAT32},
    {"PRelu", NEURON_OPERATOR_PRELU, NEURON_FLOAT32},
    {"Equal", NEURON_OPERATOR_EQUAL, NEURON_BOOL},
    {"Less", NEURON_OPERATOR_LESS, NEURON_BOOL},
    {"LessOrEqual", NEURON_OPERATOR_LESS_OR_EQUAL, NEURON_BOOL},
    {"Greater", NEURON_OPERATOR_GREATER, NEURON_BOOL},
    {"GreaterOrEqual", NEURON_OPERATOR_GREATER_OR_EQUAL, NEURON_BOOL},
    {"Min", NEURON_OPERATOR_MINIMUM, NEURON_FLOAT32},
    {"Max", NEURON_OPERATOR_MAXIMUM, NEURON_FLOAT32},
    {"Sum", NEURON_OPERATOR_ADD, NEURON_FLOAT32},
};

static void
functions_of_two_inputs_are_one_node(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(binary) / sizeof(binary[0]); i += 1) {
        struct onnx_model *model = begin(2);

        onnx_add_node(model, binary[i].name, "x z", "y");
        neuron_graph_destroy(expect_kind(model, 18, binary[i].kind, binary[i].type));
    }
}

static void
parameters_have_the_defaults_of_the_standard(void **state)
{
    static const struct {
        const char *name;
        enum neuron_operator kind;
        float alpha;
        float beta;
    } tuned[] = {
        {"LeakyRelu", NEURON_OPERATOR_LEAKY_RELU, 0.01F, 0.0F},
        {"Elu", NEURON_OPERATOR_ELU, 1.0F, 0.0F},
        {"Selu", NEURON_OPERATOR_SELU, 1.673263192F, 1.050701022F},
        {"Celu", NEURON_OPERATOR_CELU, 1.0F, 0.0F},
        {"HardSigmoid", NEURON_OPERATOR_HARD_SIGMOID, 0.2F, 0.5F},
        {"ThresholdedRelu", NEURON_OPERATOR_THRESHOLDED_RELU, 1.0F, 0.0F},
        {"Shrink", NEURON_OPERATOR_SHRINK, 0.5F, 0.0F},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(tuned) / sizeof(tuned[0]); i += 1) {
        struct onnx_model *model = begin(1);

        onnx_add_node(model, tuned[i].name, "x", "y");
        struct neuron_graph *graph = expect_kind(model, 15, tuned[i].kind, NEURON_FLOAT32);

        assert_float_equal(graph->nodes[0].attributes.alpha, tuned[i].alpha, 1e-7);
        assert_float_equal(graph->nodes[0].attributes.beta, tuned[i].beta, 1e-7);
        neuron_graph_destroy(graph);
    }
}

static void
parameters_that_are_given_count(void **state)
{
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_begin_node(model, "HardSigmoid", "x", "y");
    onnx_add_float(model, "alpha", 0.25F);
    onnx_add_float(model, "beta", 0.75F);
    onnx_end_node(model);
    struct neuron_graph *graph =
        expect_kind(model, 13, NEURON_OPERATOR_HARD_SIGMOID, NEURON_FLOAT32);
    assert_float_equal(graph->nodes[0].attributes.alpha, 0.25F, 0.0F);
    assert_float_equal(graph->nodes[0].attributes.beta, 0.75F, 0.0F);
    neuron_graph_destroy(graph);
}

static void
mod_is_modulo_or_remainder(void **state)
{
    (void)state;
    for (int64_t i = 0; i < 2; i += 1) {
        struct onnx_model *model = begin(2);

        onnx_begin_node(model, "Mod", "x z", "y");
        onnx_add_integer(model, "fmod", i);
        onnx_end_node(model);
        neuron_graph_destroy(
            expect_kind(model, 13, i == 0 ? NEURON_OPERATOR_MODULO : NEURON_OPERATOR_REMAINDER,
                        NEURON_FLOAT32));
    }
}

static void
a_bit_shift_says_where_to(void **state)
{
    const uint8_t byte = 3;
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_add_tensor(model, "b", ONNX_UINT8, "1", &byte, 1);
    onnx_begin_node(model, "BitShift", "b b", "y");
    onnx_add_string(model, "direction", "UP");
    onnx_end_node(model);
    onnx_expect_problem(model, 13, "BitShift", "neither LEFT nor RIGHT");
}

static void
a_cast_names_a_type(void **state)
{
    static const struct {
        int code;
        enum neuron_type type;
    } types[] = {{ONNX_DOUBLE, NEURON_FLOAT64}, {ONNX_FLOAT16, NEURON_FLOAT16},
                 {ONNX_INT64, NEURON_INT64},    {ONNX_BOOL, NEURON_BOOL},
                 {ONNX_UINT8, NEURON_UINT8},    {ONNX_BFLOAT16, NEURON_BFLOAT16}};
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_begin_node(model, "Cast", "x", "y");
    onnx_add_integer(model, "to", 8); /* a string */
    onnx_end_node(model);
    onnx_expect_problem(model, 13, "Cast", "not known here");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        model = begin(1);
        onnx_begin_node(model, "Cast", "x", "y");
        onnx_add_integer(model, "to", types[i].code);
        onnx_end_node(model);
        neuron_graph_destroy(expect_kind(model, 13, NEURON_OPERATOR_CAST, types[i].type));
    }
}

static void
a_cast_to_the_same_type_does_nothing(void **state)
{
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_begin_node(model, "Cast", "x", "c");
    onnx_add_integer(model, "to", ONNX_FLOAT);
    onnx_end_node(model);
    onnx_add_node(model, "Exp", "c", "y");
    neuron_graph_destroy(expect_kind(model, 13, NEURON_OPERATOR_EXP, NEURON_FLOAT32));
}

static void
infinities_are_found_as_asked(void **state)
{
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_begin_node(model, "IsInf", "x", "y");
    onnx_add_integer(model, "detect_positive", 0);
    onnx_end_node(model);
    struct neuron_graph *graph = expect_kind(model, 13, NEURON_OPERATOR_IS_INF, NEURON_BOOL);
    assert_int_equal(graph->nodes[0].attributes.mode, 2);
    neuron_graph_destroy(graph);
}

static void
bounds_of_the_data_become_minimum_and_maximum(void **state)
{
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_add_input(model, "low", "");
    onnx_add_input(model, "high", "");
    onnx_add_node(model, "Clip", "x low high", "y");
    struct neuron_graph *graph = onnx_expect_graph(model, 13);
    assert_int_equal(graph->node_count, 2);
    assert_int_equal(graph->nodes[0].kind, NEURON_OPERATOR_MAXIMUM);
    assert_int_equal(graph->nodes[1].kind, NEURON_OPERATOR_MINIMUM);
    neuron_graph_destroy(graph);
}

static void
a_mean_of_several_divides_by_their_count(void **state)
{
    struct onnx_model *model = begin(2);

    (void)state;
    onnx_add_node(model, "Mean", "x z x", "y");
    struct neuron_graph *graph = onnx_expect_graph(model, 13);
    assert_int_equal(graph->node_count, 3);
    assert_int_equal(graph->nodes[2].kind, NEURON_OPERATOR_DIVIDE);
    assert_float_equal(*(const float *)graph->values[graph->nodes[2].inputs[1]].constant, 3.0F,
                       0.0F);
    neuron_graph_destroy(graph);
}

static void
types_that_do_not_go_together_are_refused_with_both(void **state)
{
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_add_integers(model, "whole", "1,2,3");
    onnx_add_node(model, "Add", "x whole", "y");
    onnx_expect_problem(model, 13, "Add", "float32[2,3] and int64[3]: their types differ");
    model = begin(1);
    onnx_add_node(model, "Not", "x", "y");
    onnx_expect_problem(model, 13, "Not", "takes bool only");
}

static void
whole_numbers_that_are_known_are_not_divided_by_zero(void **state)
{
    struct onnx_model *model = begin(1);

    (void)state;
    onnx_add_integers(model, "a", "4,6");
    onnx_add_integers(model, "b", "2,0");
    onnx_add_node(model, "Div", "a b", "c");
    onnx_add_node(model, "Relu", "x", "y");
    onnx_expect_problem(model, 13, "Div", "divided by the whole number 0");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_one_input_are_one_node),
        cmocka_unit_test(functions_of_two_inputs_are_one_node),
        cmocka_unit_test(parameters_have_the_defaults_of_the_standard),
        cmocka_unit_test(parameters_that_are_given_count),
        cmocka_unit_test(mod_is_modulo_or_remainder),
        cmocka_unit_test(a_bit_shift_says_where_to),
        cmocka_unit_test(a_cast_names_a_type),
        cmocka_unit_test(a_cast_to_the_same_type_does_nothing),
        cmocka_unit_test(infinities_are_found_as_asked),
        cmocka_unit_test(bounds_of_the_data_become_minimum_and_maximum),
        cmocka_unit_test(a_mean_of_several_divides_by_their_count),
        cmocka_unit_test(types_that_do_not_go_together_are_refused_with_both),
        cmocka_unit_test(whole_numbers_that_are_known_are_not_divided_by_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
