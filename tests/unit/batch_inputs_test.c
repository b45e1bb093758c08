/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs of which nobody said that they carry no batch: which the compiler finds, and which not. */
#include "check.h"

#include <string.h>

#include "compiler/compile_graph.h"
#include "graph/batch_inputs.h"
#include "graph/graph_body.h"
#include "neuron/compiler.h"
#include "neuron/model.h"
#include "neuron/model_buckets.h"
#include "neuron/trace.h"
#include "neuron/trace_move.h"
#include "neuron/trace_reduce.h"
#include "tensor_text.h"
#include "test_folder.h"
#include "traced_model.h"

/* Traces a function of these inputs. `declared` is NULL, or says which are shared. */
static struct neuron_graph *
trace(neuron_trace_fn *function, const char *inputs, const bool *declared)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {
        .example_inputs = views, .output_count = 1, .input_is_shared = declared};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    signature.input_count = parse_tensors(inputs, views);
    assert_ok(neuron_trace(function, &signature, NULL, &graph, &error), &error);
    return graph;
}

static struct neuron_graph *
compile(neuron_trace_fn *function, const char *inputs, const bool *declared)
{
    struct neuron_graph *graph = trace(function, inputs, declared);
    struct neuron_graph *compiled = NULL;
    struct neuron_error error = {0};

    assert_ok(neuron_compile_graph(graph, NULL, &compiled, &error), &error);
    /* No test has constants, which the compiled graph would borrow. */
    neuron_graph_destroy(graph);
    return compiled;
}

/* Compares the marks of a graph with a letter for each input: "b" carries the batch, "s" is
   shared. */
static void
check_roles(const struct neuron_graph *graph, const char *roles)
{
    char found[TENSOR_TEXT_LIMIT + 1] = "";

    for (uint32_t i = 0; i < graph->input_count; i += 1) {
        found[i] = graph->inputs[i].is_shared ? 's' : 'b';
    }
    assert_string_equal(found, roles);
}

/* After compilation, the inputs have these roles, and a batch can be cut. */
static void
expect_roles(neuron_trace_fn *function, const char *inputs, const char *roles)
{
    struct neuron_graph *graph = compile(function, inputs, NULL);
    struct neuron_error error = {0};

    check_roles(graph, roles);
    assert_ok(neuron_graph_check_batchable(graph, &error), &error);
    neuron_graph_destroy(graph);
}

/* Nothing is found, and this is why. */
static void
expect_nothing(neuron_trace_fn *function, const char *inputs, const char *text)
{
    static const char nothing[] = "bbbb";
    struct neuron_graph *graph = compile(function, inputs, NULL);
    struct neuron_error error = {0};

    check_roles(graph, nothing + strlen(nothing) - graph->input_count);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_graph_check_batchable(graph, &error), &error);
    assert_contains(error.text, text);
    /* Who asks for no reason hears the same. */
    assert_int_equal(neuron_graph_check_batchable(graph, NULL), NEURON_UNSUPPORTED_MODEL);
    neuron_graph_destroy(graph);
}

static enum neuron_status
sum(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_add(trace, x[0], x[1]);
    return neuron_trace_status(trace);
}

static enum neuron_status
product(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_matmul(trace, x[0], x[1]);
    return neuron_trace_status(trace);
}

static enum neuron_status
look_up(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_gather(trace, x[1], x[0], 0);
    return neuron_trace_status(trace);
}

/* (x0 + x1) times x2. */
static enum neuron_status
sum_and_product(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    (void)user;
    y[0] = neuron_matmul(trace, neuron_add(trace, x[0], x[1]), x[2]);
    return neuron_trace_status(trace);
}

/* A dense layer whose weights are all given at each run. */
static enum neuron_status
layer(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_gelu(trace, neuron_add(trace, neuron_matmul(trace, x[0], x[1]), x[2]));
    return neuron_trace_status(trace);
}

static enum neuron_status
center(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    static const int32_t rows = 0;
    const struct neuron_reduce_options over_rows = {
        .axes = &rows, .axis_count = 1, .keep_dims = true};
    struct neuron_value mean = neuron_reduce_mean(trace, x[0], &over_rows);

    (void)user;
    y[0] = neuron_multiply(trace, x[1], neuron_subtract(trace, x[0], mean));
    return neuron_trace_status(trace);
}

static void
an_input_of_another_dimension_0_is_found(void **state)
{
    (void)state;
    expect_roles(sum, "[4,8] [8]", "bs");
    expect_roles(sum, "[8] [4,8]", "sb");
    expect_roles(sum, "[4,8] [1,8]", "bs");
    expect_roles(sum, "[4,8] []", "bs");
    expect_roles(product, "[4,8] [8,5]", "bs");
    expect_roles(look_up, "int64[8,3] [5,3]", "bs");
    expect_roles(layer, "[4,8] [8,6] [6]", "bss");
}

static void
an_input_of_the_same_dimension_0_is_found_where_nothing_else_is_proved(void **state)
{
    (void)state;
    expect_roles(product, "[8,8] [8,8]", "bs");
    expect_roles(sum, "[8,8] [8]", "bs");
    expect_roles(look_up, "int64[5] [5,3]", "bs");
    expect_roles(layer, "[8,8] [8,8] [8]", "bss");
    expect_roles(sum_and_product, "[4,4] [4,4] [4,4]", "bbs");
    /* A scalar of a batch of one, as exporters write it. */
    expect_roles(sum, "[1,6] [1]", "bs");
}

static void
where_all_inputs_carry_a_batch_nothing_is_changed(void **state)
{
    (void)state;
    expect_roles(sum, "[4,8] [4,8]", "bb");
    expect_roles(sum, "[1,8] [1,8]", "bb"); /* which one of them alone would do for, too */
    expect_roles(sum, "[4,8] [4,1]", "bb");
    expect_roles(product, "[4,2,8] [4,8,3]", "bb");
}

static void
what_is_declared_is_never_overturned(void **state)
{
    static const bool second[TENSOR_TEXT_LIMIT] = {false, true};
    static const bool first[TENSOR_TEXT_LIMIT] = {true, false};
    struct neuron_error error = {0};
    struct neuron_graph *graph = compile(sum, "[1,8] [1,8]", second);

    (void)state;
    check_roles(graph, "bs");
    assert_ok(neuron_graph_check_batchable(graph, &error), &error);
    neuron_graph_destroy(graph);
    /* The other way round it would be proved. */
    graph = compile(product, "[8,8] [8,8]", first);
    check_roles(graph, "sb");
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_graph_check_batchable(graph, &error), &error);
    assert_contains(error.text, "matmul of float32[8,8] and float32[8,8]");
    neuron_graph_destroy(graph);
    /* What is declared helps to find the rest. */
    graph = compile(layer, "[8,8] [8,8] [8]", second);
    check_roles(graph, "bss");
    neuron_graph_destroy(graph);
}

static void
where_several_choices_are_proved_the_user_is_asked(void **state)
{
    static const bool third[TENSOR_TEXT_LIMIT] = {false, false, true};
    struct neuron_error error = {0};

    (void)state;
    expect_nothing(sum_and_product, "[1,4] [1,4] [4,4]",
                   "declare the inputs that are shared by "
                   "all rows, such as input_2 (");
    struct neuron_graph *graph = compile(sum_and_product, "[1,4] [1,4] [4,4]", third);
    check_roles(graph, "bbs");
    assert_ok(neuron_graph_check_batchable(graph, &error), &error);
    neuron_graph_destroy(graph);
    /* What nothing reads may be either. */
    expect_nothing(product, "[4,4] [4,4] [4,2]", "such as input_1 (");
}

static void
an_operator_that_mixes_rows_is_named_behind_the_inputs(void **state)
{
    (void)state;
    expect_nothing(center, "[4,8] [8]", "disagree on the rows of a batch");
    expect_nothing(center, "[4,8] [8]", "reduce_mean of float32[4,8] to float32[1,8] mixes");
    expect_nothing(center, "[4,8] []", "input_1 is float32[] and has no rows");
    expect_nothing(center, "[4,8] []", "reduce_mean of float32[4,8] to float32[1,8] mixes");
    expect_nothing(center, "[4,8] [4,8]", "reduce_mean of float32[4,8] to float32[1,8] mixes");
}

/* As many matrices as there are inputs are multiplied up, the first by all others. */
static enum neuron_status
chain(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const uint32_t *count = user;

    y[0] = x[0];
    for (uint32_t i = 1; i < *count; i += 1) {
        y[0] = neuron_matmul(trace, y[0], x[i]);
    }
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace_chain(uint32_t count)
{
    struct neuron_tensor_view views[NEURON_BATCH_INPUT_LIMIT + 1];
    const struct neuron_trace_signature signature = {
        .example_inputs = views, .input_count = count, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    for (uint32_t i = 0; i < count; i += 1) {
        views[i] = (struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 2, .shape = {4, 4}};
    }
    assert_ok(neuron_trace(chain, &signature, &count, &graph, &error), &error);
    return graph;
}

static void
no_more_inputs_are_tried_than_can_be(void **state)
{
    struct neuron_graph *most = trace_chain(NEURON_BATCH_INPUT_LIMIT);
    struct neuron_graph *more = trace_chain(NEURON_BATCH_INPUT_LIMIT + 1);
    struct neuron_error error = {0};

    (void)state;
    assert_ok(neuron_graphs_find_shared_inputs(&most, 1, &error), &error);
    assert_ok(neuron_graph_check_batchable(most, &error), &error);
    assert_false(most->inputs[0].is_shared);
    assert_true(most->inputs[NEURON_BATCH_INPUT_LIMIT - 1].is_shared);
    assert_ok(neuron_graphs_find_shared_inputs(&more, 1, &error), &error);
    assert_false(more->inputs[1].is_shared);
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_graph_check_batchable(more, &error), &error);
    assert_contains(error.text, "mixes the rows");
    assert_contains(error.text, "more than 10 inputs may be shared");
    neuron_graph_destroy(most);
    neuron_graph_destroy(more);
}

static void
a_file_from_before_is_to_be_compiled_again(void **state)
{
    struct neuron_graph *graph = trace(product, "[4,8] [8,5]", NULL);
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL, neuron_graph_check_batchable(graph, &error), &error);
    assert_contains(error.text, "all rows share input_1, as can be proved: compile it again");
    assert_ok(neuron_graphs_find_shared_inputs(&graph, 1, &error), &error);
    assert_ok(neuron_graph_check_batchable(graph, &error), &error);
    neuron_graph_destroy(graph);
}

static void
what_is_found_stands_in_the_file(void **state)
{
    struct neuron_model *model = load_traced(layer, "[4,8] [8,6] [6]", 1);
    struct neuron_error error = {0};

    (void)state;
    assert_false(neuron_model_input_is_shared(model, 0));
    assert_true(neuron_model_input_is_shared(model, 1));
    assert_true(neuron_model_input_is_shared(model, 2));
    assert_ok(neuron_model_check_batchable(model, &error), &error);
    neuron_model_destroy(model);
}

/* Compiles graphs of two shapes to one file, and loads it. */
static struct neuron_model *
load_buckets(neuron_trace_fn *function, const char *large, const char *small)
{
    struct neuron_graph *graphs[2] = {trace(function, large, NULL), trace(function, small, NULL)};
    struct neuron_model *model = NULL;
    struct neuron_error error = {0};
    struct test_folder folder;
    char path[TEST_PATH_BYTES];

    test_folder_create(&folder);
    test_folder_path(&folder, "m.neff", path);
    assert_ok(
        neuron_compile_buckets((const struct neuron_graph *const *)graphs, 2, NULL, path, &error),
        &error);
    assert_ok(neuron_model_load(path, &model, &error), &error);
    neuron_graph_destroy(graphs[0]);
    neuron_graph_destroy(graphs[1]);
    test_folder_destroy(&folder);
    return model;
}

/* Two choices are proved for a batch of one, and one of them for all. */
static void
buckets_have_one_choice_for_all(void **state)
{
    struct neuron_model *model =
        load_buckets(sum_and_product, "[6,4] [6,4] [4,4]", "[1,4] [1,4] [4,4]");

    (void)state;
    assert_int_equal(neuron_model_bucket_count(model), 2);
    assert_false(neuron_model_input_is_shared(model, 0));
    assert_false(neuron_model_input_is_shared(model, 1));
    assert_true(neuron_model_input_is_shared(model, 2));
    neuron_model_destroy(model);
    model = load_buckets(sum, "[6,4] [4]", "[1,4] [4]");
    assert_false(neuron_model_input_is_shared(model, 0));
    assert_true(neuron_model_input_is_shared(model, 1));
    neuron_model_destroy(model);
    model = load_buckets(sum, "[6,4] [6,4]", "[1,4] [1,4]");
    assert_false(neuron_model_input_is_shared(model, 1));
    neuron_model_destroy(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_input_of_another_dimension_0_is_found),
        cmocka_unit_test(an_input_of_the_same_dimension_0_is_found_where_nothing_else_is_proved),
        cmocka_unit_test(where_all_inputs_carry_a_batch_nothing_is_changed),
        cmocka_unit_test(what_is_declared_is_never_overturned),
        cmocka_unit_test(where_several_choices_are_proved_the_user_is_asked),
        cmocka_unit_test(an_operator_that_mixes_rows_is_named_behind_the_inputs),
        cmocka_unit_test(no_more_inputs_are_tried_than_can_be),
        cmocka_unit_test(a_file_from_before_is_to_be_compiled_again),
        cmocka_unit_test(what_is_found_stands_in_the_file),
        cmocka_unit_test(buckets_have_one_choice_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
