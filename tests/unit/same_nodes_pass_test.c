/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "pass_check.h"
#include "sample_graph.h"

static enum neuron_status
record_twice(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    struct neuron_value left = neuron_add(trace, x[0], sample_constant(trace, 8, 0, 0, 0));
    struct neuron_value right = neuron_add(trace, sample_constant(trace, 8, 0, 0, 0), x[0]);

    y[0] = neuron_multiply(trace, neuron_relu(trace, left), neuron_relu(trace, right));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_attributes(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                  void *user)
{
    (void)user;
    y[0] = neuron_add(trace, neuron_clip(trace, x[0], 0.0F, 1.0F),
                      neuron_clip(trace, x[0], 0.0F, 2.0F));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_sides(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    struct neuron_value two = neuron_scalar(trace, 2.0F);

    y[0] = neuron_multiply(trace, neuron_subtract(trace, x[0], two),
                           neuron_subtract(trace, neuron_scalar(trace, 2.0F), x[0]));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_constants(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
                 void *user)
{
    (void)user;
    /* The same bytes in another shape, and other bytes. */
    struct neuron_value left = neuron_add(trace, x[0], sample_constant(trace, 1, 8, 0, 0));
    struct neuron_value middle = neuron_add(trace, x[0], sample_constant(trace, 8, 0, 0, 0));
    struct neuron_value right = neuron_add(trace, x[0], neuron_scalar(trace, 0.5F));

    y[0] = neuron_multiply(trace, neuron_multiply(trace, left, middle), right);
    return neuron_trace_status(trace);
}

static void
what_was_computed_before_is_not_computed_again(void **state)
{
    (void)state;
    pass_expect(neuron_pass_same_nodes, record_twice, NULL, 3, NEURON_OPERATOR_MULTIPLY);
}

static void
other_attributes_sides_and_constants_stay_apart(void **state)
{
    (void)state;
    pass_expect(neuron_pass_same_nodes, record_attributes, NULL, 3, NEURON_OPERATOR_ADD);
    pass_expect(neuron_pass_same_nodes, record_sides, NULL, 3, NEURON_OPERATOR_MULTIPLY);
    pass_expect(neuron_pass_same_nodes, record_constants, NULL, 5, NEURON_OPERATOR_MULTIPLY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_computed_before_is_not_computed_again),
        cmocka_unit_test(other_attributes_sides_and_constants_stay_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
