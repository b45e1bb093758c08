/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs that carry no batch: what may be done with them, so that a batch can still be cut. */
#include "check.h"

#include "compiler/compile_graph.h"
#include "graph/batch_inputs.h"
#include "graph/graph_body.h"
#include "neuron/trace.h"
#include "neuron/trace_move.h"
#include "tensor_text.h"

/* Traces a function of rows and of one shared input, compiles it, and asks about both graphs, which
   must agree. */
static enum neuron_status
check_with(neuron_trace_fn *function, const char *inputs, const bool is_shared[TENSOR_TEXT_LIMIT],
           struct neuron_error *error)
{
    struct neuron_tensor_view views[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {
        .example_inputs = views, .output_count = 1, .input_is_shared = is_shared};
    struct neuron_graph *graph = NULL;
    struct neuron_graph *compiled = NULL;

    signature.input_count = parse_tensors(inputs, views);
    assert_ok(neuron_trace(function, &signature, NULL, &graph, error), error);
    assert_ok(neuron_compile_graph(graph, NULL, &compiled, error), error);
    for (uint32_t i = 0; i < signature.input_count; i += 1) {
        assert_int_equal(compiled->inputs[i].is_shared, is_shared != NULL && is_shared[i]);
    }
    enum neuron_status status = neuron_graph_check_batchable(compiled, error);
    assert_status(status, neuron_graph_check_batchable(graph, error), error);
    neuron_graph_destroy(compiled);
    neuron_graph_destroy(graph);
    return status;
}

static enum neuron_status
check(neuron_trace_fn *function, const char *inputs, struct neuron_error *error)
{
    static const bool is_shared[TENSOR_TEXT_LIMIT] = {false, true};

    return check_with(function, inputs, is_shared, error);
}

static void
expect_batchable(neuron_trace_fn *function, const char *inputs)
{
    struct neuron_error error = {0};

    assert_ok(check(function, inputs, &error), &error);
}

static void
expect_refused(neuron_trace_fn *function, const char *inputs, const char *text)
{
    struct neuron_error error = {0};

    assert_status(NEURON_UNSUPPORTED_MODEL, check(function, inputs, &error), &error);
    assert_contains(error.text, text);
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
product_from_left(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                  void *user)
{
    (void)user;
    y[0] = neuron_matmul(trace, x[1], x[0]);
    return neuron_trace_status(trace);
}

static enum neuron_status
product_and_sum(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                void *user)
{
    (void)user;
    y[0] = neuron_add(trace, neuron_matmul(trace, x[0], x[2]), x[1]);
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

static enum neuron_status
join(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    (void)user;
    y[0] = neuron_concat(trace, x, 2, 1);
    return neuron_trace_status(trace);
}

/* Mixes the rows of the shared input, which are nobody's batch. */
static enum neuron_status
weigh(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    struct neuron_value weights = neuron_softmax(trace, neuron_transpose(trace, x[1], NULL), 0);

    (void)user;
    y[0] = neuron_matmul(trace, x[0], weights);
    return neuron_trace_status(trace);
}

static enum neuron_status
leave_rows_out(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    (void)user;
    y[0] = neuron_relu(trace, x[1]);
    return neuron_trace_status(trace);
}

static void
a_shared_input_of_any_dimension_0_is_no_batch(void **state)
{
    (void)state;
    expect_batchable(sum, "[4,8] [8]");
    expect_batchable(sum, "[4,8] [1,8]");
    expect_batchable(sum, "[4,8] []");
    expect_batchable(sum, "[4,4] [4]");
    expect_batchable(sum, "[4,6,6] [6,6]");
    expect_batchable(product, "[4,8] [8,5]");
    expect_batchable(product, "[4,4] [4,5]");
    expect_batchable(product, "[4,6,8] [8,5]");
    expect_batchable(look_up, "int64[4,2] [9,3]");
    expect_batchable(look_up, "int64[4] [4,3]");
    expect_batchable(weigh, "[4,8] [5,8]");
}

static void
a_shared_input_in_the_place_of_rows_is_refused(void **state)
{
    (void)state;
    expect_refused(sum, "[4,8] [4,8]", "add of float32[4,8] and float32[4,8]");
    expect_refused(sum, "[4,8] [4,1]", "add of float32[4,8] and float32[4,1]");
    expect_refused(sum, "[4,8] [2,1,1]", "mixes the rows");
    expect_refused(product_from_left, "[4,8] [4,4]", "matmul of float32[4,4] and float32[4,8]");
    expect_refused(join, "[4,8] [4,2]", "concat of float32[4,8] and float32[4,2]");
}

static void
rows_added_to_a_product_are_still_told_apart_when_fused(void **state)
{
    static const bool is_shared[TENSOR_TEXT_LIMIT] = {false, true, true};
    struct neuron_error error = {0};

    (void)state;
    assert_ok(check_with(product_and_sum, "[4,8] [8] [8,8]", is_shared, &error), &error);
    assert_status(NEURON_UNSUPPORTED_MODEL,
                  check_with(product_and_sum, "[4,8] [4,8] [8,8]", is_shared, &error), &error);
    assert_contains(error.text, "mixes the rows");
}

static void
an_output_of_shared_inputs_alone_has_no_rows(void **state)
{
    (void)state;
    expect_refused(leave_rows_out, "[4,8] [4,8]",
                   "output_0 does not depend on the inputs that have rows");
}

static void
shared_inputs_alone_have_no_batch(void **state)
{
    static const bool is_shared[TENSOR_TEXT_LIMIT] = {true, true};
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL, check_with(sum, "[4,8] [8]", is_shared, &error),
                  &error);
    assert_contains(error.text, "all inputs of the model are shared by the rows of a batch");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shared_input_of_any_dimension_0_is_no_batch),
        cmocka_unit_test(a_shared_input_in_the_place_of_rows_is_refused),
        cmocka_unit_test(rows_added_to_a_product_are_still_told_apart_when_fused),
        cmocka_unit_test(an_output_of_shared_inputs_alone_has_no_rows),
        cmocka_unit_test(shared_inputs_alone_have_no_batch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
