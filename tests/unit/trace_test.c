/* SPDX-License-Identifier: Apache-2.0 */
#include "neuron/trace.h"

#include <string.h>

#include "check.h"
#include "trace_check.h"

static enum neuron_status
double_and_add(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    (void)user;
    y[0] = neuron_add(trace, neuron_multiply(trace, neuron_scalar(trace, 2.0F), x[0]), x[1]);
    return neuron_trace_status(trace);
}

static void
a_function_becomes_a_graph(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};
    char text[64];

    (void)state;
    assert_ok(trace_one(double_and_add, "[2,3] [3]", NULL, &graph, &error), &error);
    assert_int_equal(neuron_graph_input_count(graph), 2);
    assert_int_equal(neuron_graph_output_count(graph), 1);
    assert_int_equal(neuron_graph_operator_count(graph), 2);
    assert_string_equal(
        neuron_tensor_shape_format(&neuron_graph_input(graph, 1)->shape, text, sizeof(text)),
        "float32[3]");
    assert_string_equal(
        neuron_tensor_shape_format(&neuron_graph_output(graph, 0)->shape, text, sizeof(text)),
        "float32[2,3]");
    neuron_graph_destroy(graph);
}

static void
inputs_and_outputs_have_names_of_their_own(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(trace_one(double_and_add, "[2,3] [3]", NULL, &graph, &error), &error);
    assert_string_equal(neuron_graph_input(graph, 0)->name, "input_0");
    assert_string_equal(neuron_graph_input(graph, 1)->name, "input_1");
    assert_string_equal(neuron_graph_output(graph, 0)->name, "output_0");
    neuron_graph_destroy(graph);
}

/* Traces double_and_add() with these names. */
static enum neuron_status
trace_named(const char *const *input_names, const char *const *output_names,
            struct neuron_graph **graph, struct neuron_error *error)
{
    struct neuron_tensor_view tensors[TENSOR_TEXT_LIMIT] = {{0}};
    struct neuron_trace_signature signature = {.example_inputs = tensors,
                                               .output_count = 1,
                                               .input_names = input_names,
                                               .output_names = output_names};

    signature.input_count = parse_tensors("[2] [2]", tensors);
    return neuron_trace(double_and_add, &signature, NULL, graph, error);
}

static void
names_that_are_given_are_kept(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(trace_named((const char *const[]){"images", "shift"}, (const char *const[]){"scores"},
                          &graph, &error),
              &error);
    assert_string_equal(neuron_graph_input(graph, 0)->name, "images");
    assert_string_equal(neuron_graph_input(graph, 1)->name, "shift");
    assert_string_equal(neuron_graph_output(graph, 0)->name, "scores");
    neuron_graph_destroy(graph);
}

static void
a_name_that_is_used_twice_is_refused(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_named((const char *const[]){"images", "images"}, NULL, &graph, &error),
                  &error);
    assert_contains(error.text, "images");
    assert_null(graph);
}

static void
a_name_that_is_too_long_is_refused(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};
    char name[NEURON_NAME_LIMIT_BYTES + 1];

    (void)state;
    memset(name, 'n', sizeof(name));
    name[NEURON_NAME_LIMIT_BYTES] = '\0';
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_named((const char *const[]){name, "b"}, NULL, &graph, &error), &error);
    assert_null(graph);
    name[NEURON_NAME_LIMIT_BYTES - 1] = '\0';
    assert_ok(trace_named((const char *const[]){name, "b"}, NULL, &graph, &error), &error);
    assert_string_equal(neuron_graph_input(graph, 0)->name, name);
    neuron_graph_destroy(graph);
}

static enum neuron_status
fail_twice(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
           void *user)
{
    struct neuron_value bad = neuron_add(trace, x[0], x[1]);
    struct neuron_value worse = neuron_matmul(trace, x[0], x[1]);
    const int *report_anyway = user;

    y[0] = neuron_relu(trace, neuron_subtract(trace, bad, worse));
    return report_anyway == NULL ? neuron_trace_status(trace) : NEURON_OK;
}

static void
the_first_error_of_a_trace_is_the_one_reported(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_one(fail_twice, "[2,3] [5,7]", NULL, &graph, &error), &error);
    assert_non_null(strcasestr(error.text, "add"));
    assert_null(strcasestr(error.text, "matmul"));
    assert_contains(error.text, "[2,3]");
    assert_contains(error.text, "[5,7]");
    assert_null(graph);
}

static void
an_error_that_the_function_conceals_is_reported(void **state)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};
    int report_anyway = 1;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT,
                  trace_one(fail_twice, "[2,3] [5,7]", &report_anyway, &graph, &error), &error);
    assert_non_null(strcasestr(error.text, "add"));
    assert_null(graph);
}

/* What a function saw of its trace, for the test to judge. */
struct observation {
    enum neuron_status before;
    enum neuron_status after;
    struct neuron_tensor_shape good;
    struct neuron_tensor_shape bad;
    struct neuron_tensor_shape later;
    struct neuron_tensor_shape none;
};

static enum neuron_status
observe(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    struct observation *seen = user;
    struct neuron_value none = {0};

    seen->before = neuron_trace_status(trace);
    seen->good = neuron_value_shape(trace, neuron_relu(trace, x[0]));
    seen->none = neuron_value_shape(trace, none);
    seen->bad = neuron_value_shape(trace, neuron_add(trace, x[0], x[1]));
    seen->after = neuron_trace_status(trace);
    seen->later = neuron_value_shape(trace, neuron_relu(trace, x[0]));
    y[0] = x[0];
    return NEURON_OK;
}

static void
all_values_after_an_error_are_invalid(void **state)
{
    static const struct neuron_tensor_shape zero = {0};
    struct observation seen = {.before = NEURON_SYSTEM};
    struct neuron_graph *graph = NULL;

    (void)state;
    assert_status(NEURON_INVALID_ARGUMENT, trace_one(observe, "[2,3] [5]", &seen, &graph, NULL),
                  NULL);
    assert_int_equal(seen.before, NEURON_OK);
    assert_int_equal(seen.after, NEURON_INVALID_ARGUMENT);
    assert_int_equal(seen.good.rank, 2);
    assert_int_equal(seen.good.dims[1], 3);
    assert_true(neuron_tensor_shape_equals(&seen.bad, &zero));
    assert_true(neuron_tensor_shape_equals(&seen.later, &zero));
    assert_true(neuron_tensor_shape_equals(&seen.none, &zero));
}

static enum neuron_status
give_up(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
        void *user)
{
    const enum neuron_status *status = user;

    y[0] = neuron_relu(trace, x[0]);
    return *status;
}

static void
a_status_of_the_functions_own_ends_the_trace(void **state)
{
    enum neuron_status statuses[] = {NEURON_CANCELLED, NEURON_SYSTEM, NEURON_OUT_OF_MEMORY};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i += 1) {
        assert_status(statuses[i], trace_one(give_up, "[2]", &statuses[i], &graph, &error), &error);
        assert_int_equal(error.status, statuses[i]);
        assert_true(strlen(error.text) > 0);
        assert_null(graph);
    }
}

static void
destroy_accepts_nothing(void **state)
{
    (void)state;
    neuron_graph_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_becomes_a_graph),
        cmocka_unit_test(inputs_and_outputs_have_names_of_their_own),
        cmocka_unit_test(names_that_are_given_are_kept),
        cmocka_unit_test(a_name_that_is_used_twice_is_refused),
        cmocka_unit_test(a_name_that_is_too_long_is_refused),
        cmocka_unit_test(the_first_error_of_a_trace_is_the_one_reported),
        cmocka_unit_test(an_error_that_the_function_conceals_is_reported),
        cmocka_unit_test(all_values_after_an_error_are_invalid),
        cmocka_unit_test(a_status_of_the_functions_own_ends_the_trace),
        cmocka_unit_test(destroy_accepts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
