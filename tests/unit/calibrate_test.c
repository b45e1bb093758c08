/* SPDX-License-Identifier: Apache-2.0 */
/* How large the operands of 8-bit products become on given rows. */
#include "check.h"

#include <math.h>

#include "compiler/auto_cast.h"
#include "compiler/calibrate.h"
#include "neuron/trace_elementwise.h"
#include "sample_graph.h"

/* Input [2,3] times weights, doubled, times weights, and the square of that. */
static enum neuron_status
record(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y, void *user)
{
    float units[9] = {1.0F, 0.0F, 0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 1.0F};
    const struct neuron_tensor_view view = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {3, 3}, .data = units};
    struct neuron_value weights = neuron_constant(trace, &view);
    struct neuron_value first = neuron_matmul(trace, x[0], weights);
    struct neuron_value twice = neuron_multiply(trace, first, neuron_scalar(trace, -2.0F));
    struct neuron_value second = neuron_matmul(trace, twice, weights);
    uint32_t order[2] = {1, 0};

    (void)user;
    y[0] = neuron_matmul(trace, second, neuron_transpose(trace, second, order));
    return neuron_trace_status(trace);
}

enum { PRODUCT_COUNT = 3 };

static struct neuron_graph *
trace_products(enum neuron_auto_cast which, enum neuron_auto_cast_type type)
{
    const struct neuron_tensor_view view = {.type = NEURON_FLOAT32, .rank = 2, .shape = {2, 3}};
    const struct neuron_trace_signature signature = {
        .example_inputs = &view, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    struct neuron_error error;

    assert_ok(neuron_trace(record, &signature, NULL, &graph, &error), &error);
    neuron_auto_cast(graph, which, type);
    return graph;
}

/* The peaks of the products, in their order. */
static void
read_peaks(const struct neuron_graph *graph, float *peaks)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->node_count; i += 1) {
        if (graph->nodes[i].kind == NEURON_OPERATOR_MATMUL) {
            assert_true(count < PRODUCT_COUNT);
            peaks[count] = graph->nodes[i].attributes.input_peak;
            count += 1;
        } else {
            assert_true(graph->nodes[i].attributes.input_peak == 0.0F);
        }
    }
    assert_int_equal(count, PRODUCT_COUNT);
}

static struct neuron_tensor_view
rows_of(float *numbers, int64_t count)
{
    return (struct neuron_tensor_view){
        .type = NEURON_FLOAT32, .rank = 2, .shape = {count, 3}, .data = numbers};
}

static void
the_largest_magnitude_of_all_rows_is_noted(void **state)
{
    float numbers[15] = {1.0F, 0.5F,  0.0F, -1.0F, 0.25F, 0.0F, 0.0F, 0.0F,
                         0.0F, 0.75F, 0.0F, 0.0F,  0.0F,  0.0F, -3.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 5);
    struct neuron_graph *graph = trace_products(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    float peaks[PRODUCT_COUNT] = {0.0F};
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_calibrate(graph, &rows, &error), &error);
    read_peaks(graph, peaks);
    assert_true(fabsf(peaks[0] - 3.0F) < 1e-5F);
    assert_true(fabsf(peaks[1] - 6.0F) < 1e-5F);
    /* Its second input is none of weights: it is no product of 8 bits. */
    assert_true(peaks[2] == 0.0F);
    neuron_graph_destroy(graph);
}

static void
the_graph_is_else_as_it_was(void **state)
{
    float numbers[3] = {1.0F, 0.5F, 0.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 1);
    struct neuron_graph *graph = trace_products(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    uint32_t node_count = graph->node_count;
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_calibrate(graph, &rows, &error), &error);
    assert_int_equal(graph->node_count, node_count);
    assert_int_equal(graph->output_count, 1);
    for (uint32_t i = 0; i < node_count; i += 1) {
        assert_int_equal(graph->nodes[i].attributes.precision,
                         graph->nodes[i].kind == NEURON_OPERATOR_MATMUL ? NEURON_PRECISION_INT8
                                                                        : NEURON_PRECISION_FLOAT32);
    }
    neuron_graph_destroy(graph);
}

static void
other_precisions_have_no_peaks(void **state)
{
    static const enum neuron_auto_cast_type types[] = {NEURON_AUTO_CAST_BF16,
                                                       NEURON_AUTO_CAST_FP16};
    float numbers[3] = {1.0F, 0.5F, 0.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 1);

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        struct neuron_graph *graph = trace_products(NEURON_AUTO_CAST_MATMULT, types[i]);
        float peaks[PRODUCT_COUNT] = {0.0F};
        struct neuron_error error;

        assert_ok(neuron_calibrate(graph, &rows, &error), &error);
        read_peaks(graph, peaks);
        for (int j = 0; j < PRODUCT_COUNT; j += 1) {
            assert_true(peaks[j] == 0.0F);
        }
        neuron_graph_destroy(graph);
    }
}

static void
rows_of_zeros_leave_it_to_each_run(void **state)
{
    float numbers[3] = {0.0F, -0.0F, 0.0F};
    struct neuron_tensor_view rows = rows_of(numbers, 1);
    struct neuron_graph *graph = trace_products(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
    float peaks[PRODUCT_COUNT] = {0.0F};
    struct neuron_error error;

    (void)state;
    assert_ok(neuron_calibrate(graph, &rows, &error), &error);
    read_peaks(graph, peaks);
    assert_true(peaks[0] == 0.0F && peaks[1] == 0.0F);
    neuron_graph_destroy(graph);
}

static void
what_is_no_number_is_refused(void **state)
{
    static const float wrong[] = {NAN, INFINITY, -INFINITY, 3e38F};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i += 1) {
        /* In the last row of the second run; the last one is none once it was doubled. */
        float numbers[12] = {0.0F};
        struct neuron_tensor_view rows = rows_of(numbers, 4);
        struct neuron_graph *graph =
            trace_products(NEURON_AUTO_CAST_MATMULT, NEURON_AUTO_CAST_INT8);
        struct neuron_error error;

        numbers[11] = wrong[i];
        assert_status(NEURON_INVALID_ARGUMENT, neuron_calibrate(graph, &rows, &error), &error);
        assert_contains(error.text, "matmul");
        neuron_graph_destroy(graph);
    }
}

static void
rows_that_do_not_fit_are_refused(void **state)
{
    static const enum neuron_auto_cast_type types[] = {NEURON_AUTO_CAST_BF16,
                                                       NEURON_AUTO_CAST_INT8};
    float numbers[4] = {0.0F};
    struct neuron_tensor_view rows = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {1, 4}, .data = numbers};

    (void)state;
    for (int i = 0; i < 2; i += 1) {
        struct neuron_graph *graph = trace_products(NEURON_AUTO_CAST_MATMULT, types[i]);
        struct neuron_error error;

        assert_status(NEURON_INVALID_ARGUMENT, neuron_calibrate(graph, &rows, &error), &error);
        assert_contains(error.text, "float32[1,4]");
        neuron_graph_destroy(graph);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_magnitude_of_all_rows_is_noted),
        cmocka_unit_test(the_graph_is_else_as_it_was),
        cmocka_unit_test(other_precisions_have_no_peaks),
        cmocka_unit_test(rows_of_zeros_leave_it_to_each_run),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(rows_that_do_not_fit_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
