/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "pass_check.h"
#include "sample_graph.h"

/* How a traced gelu is written. */
struct form {
    bool is_tanh;
    bool is_divided;     /* x / sqrt(2), and not x * sqrt(1/2) */
    bool is_taken_apart; /* x * (1 + c * x * x), and not x + c * x^3 */
    bool is_half_last;   /* (x * gate) * 0.5, and not (x * 0.5) * gate */
    bool is_gate_halved; /* x * (0.5 * gate) */
    bool is_read_twice;  /* the gate is part of the output, too */
    float half;
};

static struct neuron_value
times(struct neuron_trace *trace, struct neuron_value value, float number)
{
    return neuron_multiply(trace, value, neuron_scalar(trace, number));
}

static struct neuron_value
record_tanh(struct neuron_trace *trace, const struct form *form, struct neuron_value x)
{
    struct neuron_value square = neuron_multiply(trace, x, x);
    struct neuron_value one = neuron_scalar(trace, 1.0F);

    if (form->is_taken_apart) {
        struct neuron_value sum = neuron_add(trace, one, times(trace, square, 0.044715F));

        return neuron_tanh(trace, neuron_multiply(trace, times(trace, x, 0.7978845608F), sum));
    }
    struct neuron_value cube = form->is_divided ? neuron_power(trace, x, neuron_scalar(trace, 3.0F))
                                                : neuron_multiply(trace, square, x);
    struct neuron_value sum = neuron_add(trace, x, times(trace, cube, 0.044715F));
    return neuron_tanh(trace, times(trace, sum, 0.7978845608F));
}

static struct neuron_value
record_erf(struct neuron_trace *trace, const struct form *form, struct neuron_value x)
{
    return neuron_erf(trace, form->is_divided
                                 ? neuron_divide(trace, x, neuron_scalar(trace, 1.41421356F))
                                 : times(trace, x, 0.70710678F));
}

static enum neuron_status
record_gelu(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const struct form *form = user;
    struct neuron_value function =
        form->is_tanh ? record_tanh(trace, form, x[0]) : record_erf(trace, form, x[0]);
    struct neuron_value gate = neuron_add(trace, neuron_scalar(trace, 1.0F), function);

    if (form->is_half_last) {
        y[0] = times(trace, neuron_multiply(trace, x[0], gate), form->half);
    } else if (form->is_gate_halved) {
        y[0] = neuron_multiply(trace, x[0], times(trace, gate, form->half));
    } else {
        y[0] = neuron_multiply(trace, times(trace, x[0], form->half), gate);
    }
    if (form->is_read_twice) {
        y[0] = neuron_add(trace, y[0], gate);
    }
    return neuron_trace_status(trace);
}

static void
expect_gelu(struct form form)
{
    form.half = 0.5F;
    pass_expect(neuron_pass_gelu, record_gelu, &form, 1,
                form.is_tanh ? NEURON_OPERATOR_GELU_TANH : NEURON_OPERATOR_GELU);
}

static void
expect_as_before(struct form form)
{
    const int64_t dims[4] = {1, 2, 3, 4};
    struct neuron_graph *graph = pass_check(neuron_pass_gelu, record_gelu, &form, dims);

    assert_int_equal(pass_count_kind(graph, NEURON_OPERATOR_GELU), 0);
    assert_int_equal(pass_count_kind(graph, NEURON_OPERATOR_GELU_TANH), 0);
    assert_true(graph->node_count > 4);
    neuron_graph_destroy(graph);
}

static void
gelu_by_erf_is_found_in_every_order(void **state)
{
    (void)state;
    expect_gelu((struct form){.is_divided = true});
    expect_gelu((struct form){.is_divided = false});
    expect_gelu((struct form){.is_half_last = true});
    expect_gelu((struct form){.is_gate_halved = true});
    expect_gelu((struct form){.is_gate_halved = true, .is_divided = true});
}

static void
gelu_by_tanh_is_found_with_each_cube(void **state)
{
    (void)state;
    expect_gelu((struct form){.is_tanh = true});
    expect_gelu((struct form){.is_tanh = true, .is_divided = true});
    expect_gelu((struct form){.is_tanh = true, .is_taken_apart = true});
    expect_gelu((struct form){.is_tanh = true, .is_half_last = true});
    expect_gelu((struct form){.is_tanh = true, .is_gate_halved = true});
}

static void
another_factor_is_no_gelu(void **state)
{
    (void)state;
    expect_as_before((struct form){.half = 0.25F});
    expect_as_before((struct form){.half = 0.51F, .is_half_last = true});
    expect_as_before((struct form){.half = 1.0F, .is_tanh = true});
}

static void
a_gate_that_others_read_is_left_alone(void **state)
{
    (void)state;
    expect_as_before((struct form){.half = 0.5F, .is_read_twice = true});
    expect_as_before((struct form){.half = 0.5F, .is_read_twice = true, .is_tanh = true});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gelu_by_erf_is_found_in_every_order),
        cmocka_unit_test(gelu_by_tanh_is_found_with_each_cube),
        cmocka_unit_test(another_factor_is_no_gelu),
        cmocka_unit_test(a_gate_that_others_read_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
