/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "neuron/trace_reduce.h"

#include "pass_check.h"
#include "sample_graph.h"

struct form {
    int32_t axes[3];
    uint32_t axis_count;
    bool has_power;      /* d^2, and not d * d */
    bool has_reciprocal; /* d * (1 / sqrt()), and not d / sqrt() */
    bool has_affine;
    int32_t mean_axis; /* of the first mean where it is another; 0 for the same */
    float epsilon;
};

static struct neuron_value
mean(struct neuron_trace *trace, struct neuron_value value, const struct form *form)
{
    const struct neuron_reduce_options options = {
        .axes = form->axes, .axis_count = form->axis_count, .keep_dims = true};

    return neuron_reduce_mean(trace, value, &options);
}

static enum neuron_status
record_norm(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    const struct form *form = user;
    struct form first = *form;

    if (form->mean_axis != 0) {
        first.axes[0] = form->mean_axis;
    }
    struct neuron_value centered = neuron_subtract(trace, x[0], mean(trace, x[0], &first));
    struct neuron_value square = form->has_power
                                     ? neuron_power(trace, centered, neuron_scalar(trace, 2.0F))
                                     : neuron_multiply(trace, centered, centered);
    struct neuron_value deviation = neuron_sqrt(
        trace, neuron_add(trace, mean(trace, square, form), neuron_scalar(trace, form->epsilon)));
    y[0] = form->has_reciprocal
               ? neuron_multiply(trace, centered, neuron_reciprocal(trace, deviation))
               : neuron_divide(trace, centered, deviation);
    if (form->has_affine) {
        y[0] = neuron_multiply(trace, y[0], sample_constant(trace, 8, 0, 0, 0));
        y[0] = neuron_add(trace, sample_constant(trace, 8, 0, 0, 0), y[0]);
    }
    return neuron_trace_status(trace);
}

static void
expect_norm(struct form form)
{
    form.epsilon = 1e-5F;
    pass_expect(neuron_pass_layer_norm, record_norm, &form, 1, NEURON_OPERATOR_LAYER_NORM);
}

static void
expect_as_before(struct form form)
{
    const int64_t dims[4] = {2, 4, 6, 8};

    form.epsilon = 1e-5F;
    struct neuron_graph *graph = pass_check(neuron_pass_layer_norm, record_norm, &form, dims);
    assert_int_equal(pass_count_kind(graph, NEURON_OPERATOR_LAYER_NORM), 0);
    neuron_graph_destroy(graph);
}

static void
each_way_to_write_it_is_found(void **state)
{
    (void)state;
    expect_norm((struct form){.axes = {3}, .axis_count = 1});
    expect_norm((struct form){.axes = {3}, .axis_count = 1, .has_power = true});
    expect_norm((struct form){.axes = {-1}, .axis_count = 1, .has_reciprocal = true});
    expect_norm((struct form){.axes = {1, 2, 3}, .axis_count = 3});
}

static void
scale_and_shift_move_into_it(void **state)
{
    (void)state;
    expect_norm((struct form){.axes = {3}, .axis_count = 1, .has_affine = true});
    expect_norm(
        (struct form){.axes = {3}, .axis_count = 1, .has_affine = true, .has_reciprocal = true});
}

static void
dimensions_that_are_not_the_last_are_left_alone(void **state)
{
    (void)state;
    expect_as_before((struct form){.axes = {1}, .axis_count = 1});
    expect_as_before((struct form){.axes = {1, 3}, .axis_count = 2});
}

static void
a_mean_over_other_dimensions_is_left_alone(void **state)
{
    (void)state;
    expect_as_before((struct form){.axes = {3}, .axis_count = 1, .mean_axis = 2});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_to_write_it_is_found),
        cmocka_unit_test(scale_and_shift_move_into_it),
        cmocka_unit_test(dimensions_that_are_not_the_last_are_left_alone),
        cmocka_unit_test(a_mean_over_other_dimensions_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
