/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "pass_check.h"
#include "sample_graph.h"

static enum neuron_status
record_swish(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    y[0] = neuron_multiply(trace, neuron_sigmoid(trace, x[0]), x[0]);
    return neuron_trace_status(trace);
}

static enum neuron_status
record_mish(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
            void *user)
{
    (void)user;
    y[0] = neuron_multiply(trace, x[0], neuron_tanh(trace, neuron_softplus(trace, x[0])));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_clipped(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
               void *user)
{
    const float *numbers = user; /* the summand, the divisor */
    struct neuron_value sum = neuron_add(trace, x[0], neuron_scalar(trace, numbers[0]));

    y[0] = neuron_divide(trace, neuron_multiply(trace, x[0], neuron_clip(trace, sum, 0.0F, 6.0F)),
                         neuron_scalar(trace, numbers[1]));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_hard_sigmoid(struct neuron_trace *trace, const struct neuron_value *x,
                    struct neuron_value *y, void *user)
{
    const float *numbers = user; /* alpha, beta */

    y[0] = neuron_multiply(trace, x[0], neuron_hard_sigmoid(trace, x[0], numbers[0], numbers[1]));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_other(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
             void *user)
{
    (void)user;
    /* The sigmoid of something else. */
    y[0] = neuron_multiply(trace, x[0], neuron_sigmoid(trace, neuron_negate(trace, x[0])));
    return neuron_trace_status(trace);
}

static enum neuron_status
record_shared(struct neuron_trace *trace, const struct neuron_value *x, struct neuron_value *y,
              void *user)
{
    (void)user;
    struct neuron_value gate = neuron_sigmoid(trace, x[0]);

    y[0] = neuron_add(trace, neuron_multiply(trace, x[0], gate), gate);
    return neuron_trace_status(trace);
}

static void
each_gated_activation_is_found(void **state)
{
    (void)state;
    float clipped[2] = {3.0F, 6.0F};
    float sigmoid[2] = {1.0F / 6.0F, 0.5F};

    pass_expect(neuron_pass_gate, record_swish, NULL, 1, NEURON_OPERATOR_SWISH);
    pass_expect(neuron_pass_gate, record_mish, NULL, 1, NEURON_OPERATOR_MISH);
    pass_expect(neuron_pass_gate, record_clipped, clipped, 1, NEURON_OPERATOR_HARD_SWISH);
    pass_expect(neuron_pass_gate, record_hard_sigmoid, sigmoid, 1, NEURON_OPERATOR_HARD_SWISH);
}

static void
other_numbers_are_left_alone(void **state)
{
    (void)state;
    float summand[2] = {2.0F, 6.0F};
    float divisor[2] = {3.0F, 5.0F};
    float sigmoid[2] = {0.2F, 0.5F};

    pass_expect(neuron_pass_gate, record_clipped, summand, 4, NEURON_OPERATOR_DIVIDE);
    pass_expect(neuron_pass_gate, record_clipped, divisor, 4, NEURON_OPERATOR_DIVIDE);
    pass_expect(neuron_pass_gate, record_hard_sigmoid, sigmoid, 2, NEURON_OPERATOR_MULTIPLY);
}

static void
other_gates_and_shared_ones_are_left_alone(void **state)
{
    (void)state;
    pass_expect(neuron_pass_gate, record_other, NULL, 3, NEURON_OPERATOR_MULTIPLY);
    pass_expect(neuron_pass_gate, record_shared, NULL, 3, NEURON_OPERATOR_ADD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_gated_activation_is_found),
        cmocka_unit_test(other_numbers_are_left_alone),
        cmocka_unit_test(other_gates_and_shared_ones_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
