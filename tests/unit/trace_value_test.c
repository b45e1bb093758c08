/* SPDX-License-Identifier: Apache-2.0 */
/* Values, constants and example inputs that are none. */
#include "neuron/trace.h"

#include "check.h"
#include "trace_check.h"

/* Fails the test unless a trace of the function is refused as an invalid argument. */
static void
check_trace_refused(neuron_trace_fn *function, const char *inputs, const char *part)
{
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    assert_status(NEURON_INVALID_ARGUMENT, trace_one(function, inputs, NULL, &graph, &error),
                  &error);
    assert_null(graph);
    assert_contains(error.text, part);
    assert_status(NEURON_INVALID_ARGUMENT, trace_one(function, inputs, NULL, &graph, NULL), NULL);
}

static enum neuron_status
set_no_output(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    (void)user;
    (void)y;
    (void)neuron_relu(trace, x[0]);
    return neuron_trace_status(trace);
}

static void
an_output_that_was_not_set_is_refused(void **state)
{
    (void)state;
    check_trace_refused(set_no_output, "[2]", "output");
}

static enum neuron_status
set_a_forged_output(struct neuron_trace *trace, const struct neuron_value *x,
                    struct neuron_value *y, void *user)
{
    (void)user;
    (void)x;
    y[0].id = UINT32_MAX;
    return neuron_trace_status(trace);
}

static enum neuron_status
use_an_invalid_value(struct neuron_trace *trace, const struct neuron_value *x,
                     struct neuron_value *y, void *user)
{
    struct neuron_value none = {0};

    (void)user;
    y[0] = neuron_add(trace, x[0], none);
    return neuron_trace_status(trace);
}

static enum neuron_status
use_a_forged_value(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                   void *user)
{
    struct neuron_value forged = {.id = 1000000};

    (void)user;
    y[0] = neuron_add(trace, x[0], forged);
    return neuron_trace_status(trace);
}

static void
values_that_are_none_are_refused(void **state)
{
    (void)state;
    check_trace_refused(set_a_forged_output, "[2]", "");
    check_trace_refused(use_an_invalid_value, "[2]", "");
    check_trace_refused(use_a_forged_value, "[2]", "");
}

static enum neuron_status
add_constant(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    y[0] = neuron_add(trace, x[0], neuron_constant(trace, user));
    return neuron_trace_status(trace);
}

static void
constants_take_part_with_their_shape(void **state)
{
    float numbers[3] = {1.0F, 2.0F, 3.0F};
    struct neuron_tensor_view weights = {
        .type = NEURON_FLOAT32, .rank = 2, .shape = {3, 1}, .data = numbers};
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    assert_ok(trace_one(add_constant, "[4]", &weights, &graph, &error), &error);
    assert_int_equal(neuron_graph_output(graph, 0)->shape.dims[0], 3);
    assert_int_equal(neuron_graph_output(graph, 0)->shape.dims[1], 4);
    neuron_graph_destroy(graph);
}

static void
constants_that_are_no_tensors_are_refused(void **state)
{
    float number = 1.0F;
    struct neuron_tensor_view refused[] = {
        {.type = NEURON_FLOAT32, .rank = NEURON_RANK_LIMIT + 1, .data = &number},
        {.type = NEURON_FLOAT32, .rank = 1, .shape = {-1}, .data = &number},
        {.type = NEURON_FLOAT32, .rank = 2, .shape = {INT64_MAX, 8}, .data = &number},
        {.type = NEURON_NO_TYPE, .rank = 0, .data = &number},
        {.type = (enum neuron_type)99, .rank = 0, .data = &number},
        {.type = NEURON_FLOAT32, .rank = 0, .data = NULL},
    };
    struct neuron_graph *graph = NULL;
    struct neuron_error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i += 1) {
        assert_status(NEURON_INVALID_ARGUMENT,
                      trace_one(add_constant, "[1]", &refused[i], &graph, &error), &error);
        assert_null(graph);
    }
}

static enum neuron_status
pass_through(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    y[0] = x[0];
    return neuron_trace_status(trace);
}

/* Says whether a trace over this example is refused. */
static bool
is_refused(const struct neuron_tensor_view *example)
{
    struct neuron_trace_signature signature = {
        .example_inputs = example, .input_count = 1, .output_count = 1};
    struct neuron_graph *graph = NULL;
    enum neuron_status status = neuron_trace(pass_through, &signature, NULL, &graph, NULL);

    neuron_graph_destroy(graph);
    return status == NEURON_INVALID_ARGUMENT;
}

static void
example_inputs_of_no_shape_are_refused(void **state)
{
    (void)state;
    assert_true(is_refused(
        &(struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = NEURON_RANK_LIMIT + 1}));
    assert_true(
        is_refused(&(struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 1, .shape = {-1}}));
    assert_true(is_refused(
        &(struct neuron_tensor_view){.type = NEURON_FLOAT32, .rank = 2, .shape = {INT64_MAX, 8}}));
}

static void
example_inputs_of_no_type_are_refused(void **state)
{
    (void)state;
    assert_true(is_refused(&(struct neuron_tensor_view){.type = NEURON_NO_TYPE}));
    assert_true(is_refused(&(struct neuron_tensor_view){.type = (enum neuron_type)99}));
    assert_true(is_refused(&(struct neuron_tensor_view){.type = (enum neuron_type) - 1}));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_output_that_was_not_set_is_refused),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(constants_take_part_with_their_shape),
        cmocka_unit_test(constants_that_are_no_tensors_are_refused),
        cmocka_unit_test(example_inputs_of_no_shape_are_refused),
        cmocka_unit_test(example_inputs_of_no_type_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
