/* SPDX-License-Identifier: Apache-2.0 */
/* Products of 8 bits and the rows of a batch: one factor for all rows that is found at each run
   makes them change each other. */
#include "check.h"

#include "compiler/auto_cast.h"
#include "graph/batch_inputs.h"
#include "sample_graph.h"

static enum neuron_status
product(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    (void)user;
    y[0] = neuron_matmul(trace, x[0], sample_constant(trace, 8, 5, 0, 0));
    return neuron_trace_status(trace);
}

/* What the check says of a product of so many rows, whose operand's peak is this one. */
static enum neuron_status
check(int64_t rows, enum neuron_auto_cast_type type, float peak, struct neuron_error *error)
{
    const struct neuron_tensor_view input = {.type = NEURON_FLOAT32, .rank = 2, .shape = {rows, 8}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &input, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;

    assert_ok(neuron_trace(product, &signature, NULL, &graph, error), error);
    neuron_auto_cast(graph, NEURON_AUTO_CAST_MATMULT, type);
    graph->nodes[0].attributes.input_peak = peak;
    enum neuron_status status = neuron_graph_check_batchable(graph, error);
    neuron_graph_destroy(graph);
    return status;
}

static void
rows_that_share_a_factor_change_each_other(void **state)
{
    struct neuron_error error;

    (void)state;
    assert_status(NEURON_UNSUPPORTED_MODEL, check(4, NEURON_AUTO_CAST_INT8, 0.0F, &error), &error);
    assert_contains(error.text, "--calibrate");
}

static void
a_factor_that_was_measured_before_changes_no_row(void **state)
{
    struct neuron_error error;

    (void)state;
    assert_ok(check(4, NEURON_AUTO_CAST_INT8, 2.0F, &error), &error);
}

static void
a_row_alone_shares_nothing(void **state)
{
    struct neuron_error error;

    (void)state;
    assert_ok(check(1, NEURON_AUTO_CAST_INT8, 0.0F, &error), &error);
}

static void
types_of_floating_point_share_nothing(void **state)
{
    struct neuron_error error;

    (void)state;
    assert_ok(check(4, NEURON_AUTO_CAST_BF16, 0.0F, &error), &error);
    assert_ok(check(4, NEURON_AUTO_CAST_FP16, 0.0F, &error), &error);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_share_a_factor_change_each_other),
        cmocka_unit_test(a_factor_that_was_measured_before_changes_no_row),
        cmocka_unit_test(a_row_alone_shares_nothing),
        cmocka_unit_test(types_of_floating_point_share_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
