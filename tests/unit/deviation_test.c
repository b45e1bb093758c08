/* SPDX-License-Identifier: Apache-2.0 */
/* How far two graphs with the same inputs and outputs are apart. */
#include "check.h"

#include <math.h>
#include <string.h>

#include "compiler/deviation.h"
#include "neuron/trace.h"
#include "neuron/trace_elementwise.h"

/* What is added to the input, and the type that the sum is given in. */
struct sum {
    float added;
    enum neuron_type type;
};

static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    const struct sum *sum = user;

    y[0] = neuron_negate(trace, x[0]);
    y[1] = neuron_add(trace, x[0], neuron_scalar(trace, sum->added));
    if (sum->type != NEURON_FLOAT32) {
        y[1] = neuron_cast(trace, y[1], sum->type);
    }
    return neuron_trace_status(trace);
}

static struct neuron_graph *
trace_sum(float added, enum neuron_type type)
{
    static const char *const names[] = {"negative", "sum"};
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 2, .shape = {2, 2}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 2, .output_names = names};
    struct sum sum = {added, type};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record, &signature, &sum, &graph, &error), &error);
    return graph;
}

/* Compares two sums, on rows or on made-up numbers. */
static struct neuron_deviation
measure(float exact_added, float added, enum neuron_type type,
        const struct neuron_tensor_view *rows)
{
    struct neuron_graph *exact = trace_sum(exact_added, type);
    struct neuron_graph *compiled = trace_sum(added, type);
    struct neuron_deviation deviation = {.largest = -1.0};
    struct neuron_error error;

    assert_ok(neuron_deviation_measure(exact, compiled, rows, &deviation, &error), &error);
    neuron_graph_destroy(exact);
    neuron_graph_destroy(compiled);
    return deviation;
}

static struct neuron_tensor_view
rows_of(float *numbers, int64_t row_count)
{
    return (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {row_count, 2}, .data = numbers};
}

static void
equal_graphs_do_not_differ(void **state)
{
    float numbers[4] = {1.0F, 2.0F, 3.0F, 4.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 2);
    const struct neuron_tensor_view *both[] = {NULL, &rows};

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        struct neuron_deviation deviation = measure(0.5F, 0.5F, NEURON_FLOAT32, both[i]);

        assert_true(deviation.largest == 0.0);
        assert_true(deviation.relative == 0.0);
        assert_string_equal(deviation.output, "");
    }
}

static void
the_largest_difference_is_named_with_its_output(void **state)
{
    float numbers[4] = {1.0F, 1.0F, 1.0F, 1.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 2);
    struct neuron_deviation deviation = measure(0.0F, 0.25F, NEURON_FLOAT32, &rows);

    (void)state;
    assert_true(deviation.largest == 0.25);
    assert_true(fabs(deviation.relative - 0.25) < 1e-9);
    assert_string_equal(deviation.output, "sum");
}

static void
every_row_counts(void **state)
{
    /* In the third run alone, the sum is rounded to an even number. */
    float numbers[10] = {1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 16777216.0F, 1.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 5);
    struct neuron_deviation all = measure(2.0F, 1.0F, NEURON_FLOAT32, &rows);
    struct neuron_tensor_view first = rows_of(numbers, 4);
    struct neuron_deviation some = measure(2.0F, 1.0F, NEURON_FLOAT32, &first);

    (void)state;
    assert_true(some.largest == 1.0);
    assert_true(all.largest == 2.0);
}

static void
every_type_of_floating_point_is_compared(void **state)
{
    static const enum neuron_type types[] = {NEURON_FLOAT64, NEURON_FLOAT16, NEURON_BFLOAT16};
    float numbers[4] = {1.0F, 1.0F, 1.0F, 1.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 2);

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i += 1) {
        struct neuron_deviation deviation = measure(0.0F, 0.5F, types[i], &rows);

        assert_true(deviation.largest == 0.5);
        assert_string_equal(deviation.output, "sum");
    }
}

static void
integers_are_not_compared(void **state)
{
    (void)state;
    assert_true(measure(0.0F, 5.0F, NEURON_INT32, NULL).largest == 0.0);
}

static void
what_is_infinite_in_both_does_not_differ(void **state)
{
    float numbers[4] = {INFINITY, 1.0F, -INFINITY, NAN};
    struct neuron_tensor_view rows = rows_of(numbers, 2);
    struct neuron_deviation deviation = measure(0.5F, 0.5F, NEURON_FLOAT32, &rows);

    (void)state;
    assert_true(deviation.largest == 0.0);
    assert_true(deviation.relative == 0.0);
}

static void
what_is_no_number_in_one_alone_differs_most(void **state)
{
    static const float wrong[] = {NAN, INFINITY, -INFINITY};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        struct neuron_deviation deviation = measure(0.5F, wrong[i], NEURON_FLOAT32, NULL);

        assert_true(isinf(deviation.largest));
        assert_true(isinf(deviation.relative));
        assert_string_equal(deviation.output, "sum");
        deviation = measure(wrong[i], 0.5F, NEURON_FLOAT32, NULL);
        assert_true(isinf(deviation.largest));
    }
}

static void
a_difference_to_zeros_has_no_bound(void **state)
{
    float numbers[4] = {0.0F, 0.0F, 0.0F, 0.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 2);
    struct neuron_deviation deviation = measure(0.0F, 0.25F, NEURON_FLOAT32, &rows);

    (void)state;
    assert_true(deviation.largest == 0.25);
    assert_true(isinf(deviation.relative));
}

static void
rows_that_do_not_fit_are_refused(void **state)
{
    float numbers[4] = {0.0F};
    struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 1, .shape = {4}, .data = numbers};
    struct neuron_graph *graph = trace_sum(0.0F, NEURON_FLOAT32);
    struct neuron_deviation deviation = {.largest = -1.0};
    struct neuron_error error;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  neuron_deviation_measure(graph, graph, &rows, &deviation, &error), &error);
    assert_true(deviation.largest == -1.0);
    neuron_graph_destroy(graph);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_graphs_do_not_differ),
        cmocka_unit_test(the_largest_difference_is_named_with_its_output),
        cmocka_unit_test(every_row_counts),
        cmocka_unit_test(every_type_of_floating_point_is_compared),
        cmocka_unit_test(integers_are_not_compared),
        cmocka_unit_test(what_is_infinite_in_both_does_not_differ),
        cmocka_unit_test(what_is_no_number_in_one_alone_differs_most),
        cmocka_unit_test(a_difference_to_zeros_has_no_bound),
        cmocka_unit_test(rows_that_do_not_fit_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
