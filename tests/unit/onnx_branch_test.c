/* SPDX-License-Identifier: Apache-2.0 */
/* If: the branch that is taken becomes part of the graph. */
#include "frontend/onnx/onnx_import.h"

#include "check.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

enum { OPSET = 13 };

/* A graph that applies an operator to a name around it. */
static struct onnx_model *
branch_of(const char *operator_type, const char *inputs, const char *output)
{
    struct onnx_model *branch = onnx_create();

    onnx_add_node(branch, operator_type, inputs, output);
    onnx_add_output(branch, output);
    return branch;
}

/* A model that chooses between two branches by a constant. */
static struct onnx_model *
choose(unsigned char condition, struct onnx_model *taken, struct onnx_model *other)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "x", "2,3");
    onnx_add_tensor(model, "condition", ONNX_BOOL, "", &condition, sizeof(condition));
    onnx_begin_node(model, "If", "condition", "y");
    onnx_add_graph(model, condition != 0 ? "then_branch" : "else_branch", taken);
    onnx_add_graph(model, condition != 0 ? "else_branch" : "then_branch", other);
    onnx_end_node(model);
    onnx_add_output(model, "y");
    return model;
}

static void
a_known_condition_chooses_a_branch(void **state)
{
    (void)state;
    for (unsigned char condition = 0; condition < 2; condition += 1) {
        struct onnx_model *model =
            choose(condition, branch_of("Relu", "x", "a"), branch_of("NoSuch", "x", "a"));
        struct neuron_graph *graph = onnx_expect_graph(model, OPSET);

        onnx_expect_output(graph, 1, "float32[2,3]");
        assert_int_equal(graph->nodes[0].kind, NEURON_OPERATOR_RELU);
        neuron_graph_destroy(graph);
    }
}

static void
a_branch_has_weights_of_its_own(void **state)
{
    struct onnx_model *branch = onnx_create();

    (void)state;
    onnx_add_weights(branch, "w", "3", 1);
    onnx_add_node(branch, "Add", "x w", "sum");
    onnx_add_output(branch, "sum");
    struct neuron_graph *graph =
        onnx_expect_graph(choose(1, branch, branch_of("Relu", "x", "a")), OPSET);
    onnx_expect_output(graph, 1, "float32[2,3]");
    assert_int_equal(graph->nodes[0].kind, NEURON_OPERATOR_ADD);
    neuron_graph_destroy(graph);
}

static void
branches_nest_and_their_names_are_their_own(void **state)
{
    static const unsigned char yes = 1;
    struct onnx_model *middle = onnx_create();

    (void)state;
    onnx_add_tensor(middle, "inner", ONNX_BOOL, "1", &yes, sizeof(yes));
    onnx_add_node(middle, "Relu", "x", "a");
    onnx_begin_node(middle, "If", "inner", "b");
    onnx_add_graph(middle, "then_branch", branch_of("Tanh", "a", "y"));
    onnx_add_graph(middle, "else_branch", branch_of("Relu", "a", "y"));
    onnx_end_node(middle);
    onnx_add_output(middle, "b");
    struct neuron_graph *graph =
        onnx_expect_graph(choose(1, middle, branch_of("Relu", "x", "a")), OPSET);
    onnx_expect_output(graph, 2, "float32[2,3]");
    assert_int_equal(graph->nodes[1].kind, NEURON_OPERATOR_TANH);
    neuron_graph_destroy(graph);
}

static void
a_branch_may_pass_on_what_is_around_it(void **state)
{
    struct onnx_model *branch = onnx_create();

    (void)state;
    onnx_add_output(branch, "x");
    struct neuron_graph *graph =
        onnx_expect_graph(choose(0, branch, branch_of("Relu", "x", "a")), OPSET);
    onnx_expect_output(graph, 0, "float32[2,3]");
    neuron_graph_destroy(graph);
}

static void
control_flow_on_data_is_refused(void **state)
{
    struct onnx_model *model = onnx_create();

    (void)state;
    onnx_add_input(model, "x", "1");
    onnx_begin_node(model, "Cast", "x", "condition");
    onnx_add_integer(model, "to", ONNX_BOOL);
    onnx_end_node(model);
    onnx_begin_node(model, "If", "condition", "y");
    onnx_add_graph(model, "then_branch", branch_of("Relu", "x", "a"));
    onnx_add_graph(model, "else_branch", branch_of("Tanh", "x", "a"));
    onnx_end_node(model);
    onnx_add_output(model, "y");
    onnx_expect_problem(model, OPSET, "If", "control flow on data");
}

static void
conditions_that_are_no_bool_are_refused(void **state)
{
    struct onnx_model *model = onnx_create();

    (void)state;
    onnx_add_input(model, "x", "1");
    onnx_add_integers(model, "condition", "1");
    onnx_begin_node(model, "If", "condition", "y");
    onnx_add_graph(model, "then_branch", branch_of("Relu", "x", "a"));
    onnx_end_node(model);
    onnx_add_output(model, "y");
    onnx_expect_problem(model, OPSET, "If", "not one bool");
}

static void
branches_that_do_not_fit_the_node_are_refused(void **state)
{
    struct onnx_model *two = branch_of("Relu", "x", "a");
    struct onnx_model *open = branch_of("Relu", "x", "a");
    struct onnx_model *missing = onnx_create();
    static const unsigned char yes = 1;

    (void)state;
    onnx_add_output(two, "x");
    onnx_expect_problem(choose(1, two, branch_of("Relu", "x", "a")), OPSET, "If", "not as many");
    onnx_add_input(open, "z", "2,3");
    onnx_expect_problem(choose(1, open, branch_of("Relu", "x", "a")), OPSET, "If", "has inputs");
    onnx_add_tensor(missing, "condition", ONNX_BOOL, "", &yes, sizeof(yes));
    onnx_add_node(missing, "If", "condition", "y");
    onnx_add_output(missing, "y");
    onnx_expect_problem(missing, OPSET, "If", "missing");
}

static void
problems_inside_a_branch_are_reported(void **state)
{
    (void)state;
    onnx_expect_problem(choose(1, branch_of("NoSuch", "x", "a"), branch_of("Relu", "x", "a")),
                        OPSET, "NoSuch", "no such operator");
    onnx_expect_problem(choose(1, branch_of("Relu", "nowhere", "a"), branch_of("Relu", "x", "a")),
                        OPSET, "Relu", "nothing in the file gives");
    /* What is computed behind the node is not there yet. */
    onnx_expect_problem(choose(1, branch_of("Relu", "y", "a"), branch_of("Relu", "x", "a")), OPSET,
                        "Relu", "no node before it");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_condition_chooses_a_branch),
        cmocka_unit_test(a_branch_has_weights_of_its_own),
        cmocka_unit_test(branches_nest_and_their_names_are_their_own),
        cmocka_unit_test(a_branch_may_pass_on_what_is_around_it),
        cmocka_unit_test(control_flow_on_data_is_refused),
        cmocka_unit_test(conditions_that_are_no_bool_are_refused),
        cmocka_unit_test(branches_that_do_not_fit_the_node_are_refused),
        cmocka_unit_test(problems_inside_a_branch_are_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
