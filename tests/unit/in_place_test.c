/* SPDX-License-Identifier: Apache-2.0 */
/* Results that lie over inputs which nobody reads later, seen in the size of the arena. */
#include "check.h"

#include "neuron/trace_elementwise.h"

#include "engine/plan_body.h"
#include "pass_check.h"
#include "sample_graph.h"

enum { TENSOR_BYTES = 4 * 2 * 4 * 6 * 8 };

/* The arena of a traced function over float32[2,4,6,8]. */
static size_t
measure(neuron_trace_fn *function)
{
    struct neuron_graph *graph = trace_sample(function, 2, 4, 6, 8);
    struct neuron_plan *plan = NULL;
    struct neuron_error error;

    assert_ok(neuron_plan_create(graph, NULL, &plan, &error), &error);
    size_t arena_bytes = plan->arena_bytes;
    neuron_plan_destroy(plan);
    neuron_graph_destroy(graph);
    return arena_bytes;
}

static enum neuron_status
record_chain(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    struct neuron_value value = neuron_tanh(trace, neuron_relu(trace, neuron_exp(trace, x[0])));

    (void)user;
    /* Its copy keeps the chain out of the memory of the output. */
    y[0] = neuron_transpose(trace, value, NULL);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_sums(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    struct neuron_value left = neuron_tanh(trace, x[0]);
    struct neuron_value right = neuron_exp(trace, x[0]);
    struct neuron_value sum = neuron_multiply(trace, neuron_add(trace, left, right), right);

    (void)user;
    y[0] = neuron_transpose(trace, sum, NULL);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_late_reader(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                   void *user)
{
    struct neuron_value first = neuron_tanh(trace, x[0]);
    /* A view of the same memory, which is read last. */
    struct neuron_value view = neuron_reshape(trace, first, (const int64_t[]){2, 4, 6, 8}, 4);
    struct neuron_value second = neuron_exp(trace, first);

    (void)user;
    y[0] = neuron_transpose(trace, neuron_add(trace, second, view), NULL);
    return neuron_trace_status(trace);
}

static void
expect_same_numbers(neuron_trace_fn *function)
{
    const int64_t dims[4] = {2, 4, 6, 8};

    /* Fused and unfused, the numbers are those of the operators. */
    neuron_graph_destroy(pass_check(NULL, function, NULL, dims));
}

static void
a_chain_takes_the_memory_of_one_result(void **state)
{
    (void)state;
    assert_int_equal(measure(record_chain), TENSOR_BYTES);
    expect_same_numbers(record_chain);
}

static void
a_sum_lies_over_the_side_that_dies(void **state)
{
    (void)state;
    assert_int_equal(measure(record_sums), 2 * TENSOR_BYTES);
    expect_same_numbers(record_sums);
}

static void
what_is_read_later_in_another_shape_is_not_written_over(void **state)
{
    (void)state;
    assert_int_equal(measure(record_late_reader), 2 * TENSOR_BYTES);
    expect_same_numbers(record_late_reader);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_takes_the_memory_of_one_result),
        cmocka_unit_test(a_sum_lies_over_the_side_that_dies),
        cmocka_unit_test(what_is_read_later_in_another_shape_is_not_written_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
