/* SPDX-License-Identifier: Apache-2.0 */
/* Dimensions that the file leaves open. */
#include "neuron/onnx.h"

#include "check.h"
#include "graph/batch_inputs.h"
#include "graph/graph_body.h"
#include "onnx_check.h"

/* An elementwise network over two inputs of [N,3]. */
static struct onnx_model *
build_sum(const char *left, const char *right)
{
    struct onnx_model *model = onnx_create();

    onnx_add_input(model, "left", left);
    onnx_add_input(model, "right", right);
    onnx_add_node(model, "Add", "left right", "y");
    onnx_add_output(model, "y");
    return model;
}

static void
expect_shape(struct onnx_model *model, const struct neuron_onnx_options *options, const char *shape)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_ok(onnx_import(model, 13, options, &graph, NULL, &error), &error);
    onnx_expect_output(graph, 1, shape);
    neuron_graph_destroy(graph);
    onnx_destroy(model);
}

static void
expect_misfit(struct onnx_model *model, const struct neuron_onnx_options *options, const char *text)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, onnx_import(model, 13, options, &graph, NULL, &error),
                  &error);
    assert_contains(error.text, text);
    onnx_destroy(model);
}

static void
a_batch_fills_in_open_first_dimensions(void **state)
{
    const struct neuron_onnx_options options = {.batch = 8};

    (void)state;
    expect_shape(build_sum("N,3", "batch,3"), &options, "float32[8,3]");
    expect_shape(build_sum("N,3", "1,3"), &options, "float32[8,3]");
    expect_shape(build_sum("0,3", "0,3"), &options, "float32[8,3]");
}

static void
a_batch_that_no_input_has_is_refused(void **state)
{
    static const char *const names[] = {"left", "right"};
    const struct neuron_onnx_input_shape shapes[] = {{.input = "left", .rank = 2, .dims = {4, 3}},
                                                     {.input = "right", .rank = 2, .dims = {4, 1}}};
    const struct neuron_onnx_options alone = {.batch = 8};
    const struct neuron_onnx_options shaped = {.batch = 8, .shapes = shapes, .shape_count = 2};
    const struct neuron_onnx_options shared = {
        .batch = 8, .shared_inputs = names, .shared_input_count = 2};

    (void)state;
    expect_misfit(build_sum("2,3", "1,3"), &alone,
                  "left: dimension 0 is 2 in the file, and --batch 8 does nothing");
    expect_misfit(build_sum("3", "2,3"), &alone, "left: dimension 0 is 3 in the file");
    expect_misfit(build_sum("", "2,3"), &alone, "right: dimension 0 is 2 in the file");
    expect_misfit(build_sum("N,3", "N,K"), &shaped,
                  "left: dimension 0 is 4 in the shape given for it");
    expect_misfit(build_sum("2,3", "1,3"), &shared, "no input carries a batch");
    /* An input that has other faults may be the one that it was for. */
    expect_misfit(build_sum("2,3", "N,M"), &alone, "dimension 1 (M) is open");
}

static void
a_batch_that_the_file_has_fits(void **state)
{
    const struct neuron_onnx_options options = {.batch = 8};
    const struct neuron_onnx_input_shape shape = {.input = "left", .rank = 2, .dims = {1, 3}};

    (void)state;
    expect_shape(build_sum("8,3", "1,3"), &options, "float32[8,3]");
    expect_shape(build_sum("1,3", "8,3"), &options, "float32[8,3]");
    expect_shape(build_sum("N,3", "K,3"),
                 &(struct neuron_onnx_options){.batch = 8, .shapes = &shape, .shape_count = 1},
                 "float32[8,3]");
}

static void
a_shape_gives_all_dimensions_of_an_input(void **state)
{
    const struct neuron_onnx_input_shape shapes[] = {{.input = "left", .rank = 2, .dims = {4, 3}},
                                                     {.input = "right", .rank = 2, .dims = {4, 1}}};
    const struct neuron_onnx_options options = {.shapes = shapes, .shape_count = 2};

    (void)state;
    expect_shape(build_sum("N,M", "N,K"), &options, "float32[4,3]");
}

static void
dimensions_of_one_name_are_one(void **state)
{
    const struct neuron_onnx_input_shape shape = {.input = "right", .rank = 2, .dims = {4, 3}};
    const struct neuron_onnx_options options = {.shapes = &shape, .shape_count = 1};

    (void)state;
    expect_shape(build_sum("N,M", "N,M"), &options, "float32[4,3]");
}

static void
open_dimensions_without_a_number_are_refused(void **state)
{
    const struct neuron_onnx_options options = {.batch = 8};

    (void)state;
    expect_misfit(build_sum("N,3", "2,3"), NULL, "dimension 0 (N) is open");
    expect_misfit(build_sum("N,M", "2,3"), &options, "dimension 1 (M) is open");
    expect_misfit(build_sum("-3,3", "2,3"), NULL, "is open");
}

static void
options_against_the_file_are_refused(void **state)
{
    const struct neuron_onnx_input_shape other = {.input = "left", .rank = 2, .dims = {4, 5}};
    const struct neuron_onnx_input_shape rank = {.input = "left", .rank = 1, .dims = {4}};
    const struct neuron_onnx_input_shape name = {.input = "none", .rank = 1, .dims = {4}};
    const struct neuron_onnx_input_shape none = {.input = "left", .rank = 2, .dims = {-1, 3}};

    (void)state;
    expect_misfit(build_sum("N,3", "1,3"),
                  &(struct neuron_onnx_options){.shapes = &other, .shape_count = 1}, "is 3 in the");
    expect_misfit(build_sum("N,3", "1,3"),
                  &(struct neuron_onnx_options){.shapes = &rank, .shape_count = 1}, "dimensions");
    expect_misfit(build_sum("2,3", "1,3"),
                  &(struct neuron_onnx_options){.shapes = &name, .shape_count = 1},
                  "no such input");
    expect_misfit(build_sum("2,3", "1,3"),
                  &(struct neuron_onnx_options){.shapes = &none, .shape_count = 1}, "is none");
    expect_misfit(build_sum("2,3", "1,3"), &(struct neuron_onnx_options){.batch = -1}, "negative");
}

static void
an_open_dimension_may_be_given_no_rows(void **state)
{
    const struct neuron_onnx_input_shape empty = {.input = "left", .rank = 2, .dims = {0, 3}};
    const struct neuron_onnx_options options = {.shapes = &empty, .shape_count = 1};
    struct onnx_model *model = build_sum("N,3", "1,3");
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(onnx_import(model, 13, &options, &graph, NULL, &error), &error);
    onnx_destroy(model);
    onnx_expect_output(graph, 1, "float32[0,3]");
    neuron_graph_destroy(graph);
}

static void
shared_inputs_are_marked_and_get_no_batch(void **state)
{
    static const char *const shared[] = {"right"};
    const struct neuron_onnx_options options = {
        .batch = 8, .shared_inputs = shared, .shared_input_count = 1};
    struct onnx_model *model = build_sum("N,3", "3");
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(onnx_import(model, 13, &options, &graph, NULL, &error), &error);
    onnx_destroy(model);
    onnx_expect_output(graph, 1, "float32[8,3]");
    assert_false(graph->inputs[0].is_shared);
    assert_true(graph->inputs[1].is_shared);
    assert_ok(neuron_graph_check_batchable(graph, &error), &error);
    neuron_graph_destroy(graph);
    expect_misfit(build_sum("N,3", "M,3"), &options, "dimension 0 (M) is open");
}

static void
shared_inputs_that_the_file_does_not_have_are_refused(void **state)
{
    static const char *const shared[] = {"right", "y"};
    const struct neuron_onnx_options options = {
        .batch = 8, .shared_inputs = shared, .shared_input_count = 2};

    (void)state;
    expect_misfit(build_sum("N,3", "3"), &options,
                  "y: it is to be shared, and the file has no such input");
}

static void
initializers_in_the_list_of_inputs_are_none(void **state)
{
    struct onnx_model *model = onnx_create();

    (void)state;
    onnx_add_input(model, "x", "2,3");
    onnx_add_input(model, "w", "3");
    onnx_add_weights(model, "w", "3", 1);
    onnx_add_node(model, "Mul", "x w", "y");
    onnx_add_output(model, "y");
    struct neuron_graph *graph = onnx_expect_graph(model, 7);
    assert_int_equal(neuron_graph_input_count(graph), 1);
    assert_string_equal(neuron_graph_input(graph, 0)->name, "x");
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_fills_in_open_first_dimensions),
        cmocka_unit_test(a_batch_that_no_input_has_is_refused),
        cmocka_unit_test(a_batch_that_the_file_has_fits),
        cmocka_unit_test(a_shape_gives_all_dimensions_of_an_input),
        cmocka_unit_test(dimensions_of_one_name_are_one),
        cmocka_unit_test(open_dimensions_without_a_number_are_refused),
        cmocka_unit_test(options_against_the_file_are_refused),
        cmocka_unit_test(an_open_dimension_may_be_given_no_rows),
        cmocka_unit_test(shared_inputs_are_marked_and_get_no_batch),
        cmocka_unit_test(shared_inputs_that_the_file_does_not_have_are_refused),
        cmocka_unit_test(initializers_in_the_list_of_inputs_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
