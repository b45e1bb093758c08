/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "neuron/trace_reduce.h"

#include "pass_check.h"
#include "sample_graph.h"

struct form {
    bool has_largest;
    int32_t sum_axis;
    bool is_largest_elsewhere; /* over another axis than the sum */
    bool has_logarithm;
};

static struct neuron_value
reduce(struct neuron_trace *trace, struct neuron_value value, bool is_sum, int32_t axis)
{
    const struct neuron_reduce_options options = {
        .axes = &axis, .axis_count = 1, .keep_dims = true};

    return is_sum ? neuron_reduce_sum(trace, value, &options)
                  : neuron_reduce_max(trace, value, &options);
}

static enum neuron_status
record_softmax_parts(struct neuron_trace *trace, const struct neuron_value *x,
                     struct neuron_value *y, void *user)
{
    const struct form *form = user;
    struct neuron_value value = x[0];

    if (form->has_largest) {
        int32_t axis = form->is_largest_elsewhere ? 1 : form->sum_axis;

        value = neuron_subtract(trace, value, reduce(trace, value, false, axis));
    }
    value = neuron_exp(trace, value);
    y[0] = neuron_divide(trace, value, reduce(trace, value, true, form->sum_axis));
    if (form->has_logarithm) {
        y[0] = neuron_log(trace, y[0]);
    }
    return neuron_trace_status(trace);
}

static enum neuron_status
record_other_quotient(struct neuron_trace *trace, const struct neuron_value *x,
                      struct neuron_value *y, void *user)
{
    (void)user;
    struct neuron_value value = neuron_exp(trace, x[0]);

    y[0] = neuron_divide(trace, x[0], reduce(trace, value, true, 3));
    return neuron_trace_status(trace);
}

static void
an_exponential_over_its_sum_is_a_softmax(void **state)
{
    (void)state;
    struct form form = {.sum_axis = 3};

    pass_expect(neuron_pass_softmax, record_softmax_parts, &form, 1, NEURON_OPERATOR_SOFTMAX);
    form.has_largest = true;
    pass_expect(neuron_pass_softmax, record_softmax_parts, &form, 1, NEURON_OPERATOR_SOFTMAX);
    form.sum_axis = 1;
    pass_expect(neuron_pass_softmax, record_softmax_parts, &form, 1, NEURON_OPERATOR_SOFTMAX);
}

static void
the_logarithm_of_a_softmax_is_one_operator(void **state)
{
    (void)state;
    struct form form = {.sum_axis = 2, .has_largest = true, .has_logarithm = true};

    pass_expect(neuron_pass_softmax, record_softmax_parts, &form, 1, NEURON_OPERATOR_LOG_SOFTMAX);
}

static void
a_largest_over_another_axis_stays_a_difference(void **state)
{
    (void)state;
    struct form form = {.sum_axis = 3, .has_largest = true, .is_largest_elsewhere = true};

    /* What is subtracted is the same along the axis: it is a softmax of the difference. */
    pass_expect(neuron_pass_softmax, record_softmax_parts, &form, 3, NEURON_OPERATOR_SOFTMAX);
}

static void
another_quotient_is_left_alone(void **state)
{
    (void)state;
    pass_expect(neuron_pass_softmax, record_other_quotient, NULL, 3, NEURON_OPERATOR_DIVIDE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exponential_over_its_sum_is_a_softmax),
        cmocka_unit_test(the_logarithm_of_a_softmax_is_one_operator),
        cmocka_unit_test(a_largest_over_another_axis_stays_a_difference),
        cmocka_unit_test(another_quotient_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
